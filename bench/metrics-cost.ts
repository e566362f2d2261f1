import { openMetrics } from '../src/admin/metrics/metrics.ts'
import { sources } from '../test/admin/metric-sources.ts'
import { someCall } from '../test/app/some-call.ts'
import { receipt } from '../test/ledger/receipts.ts'
import { round } from './table.ts'

const WARM_UP_CALLS = 100_000
const CALLS = 500_000
const MODELS = 40
const SCRAPES = 50

/** What counting a call for `/metrics` costs, and a scrape. Both are always on, so it is measured inside of this process. */
export function measureMetrics(): void {
  const metrics = openMetrics(sources())
  const receipts = Array.from({ length: MODELS }, (_, n) => receipt({ servedModel: `provider-${n % 8}/model-${n}` }))
  const call = someCall()
  const count = (calls: number) => {
    const began = performance.now()
    for (let n = 0; n < calls; n += 1) {
      const one = receipts[n % MODELS]
      if (one !== undefined) metrics.ended(one, call)
    }
    return performance.now() - began
  }
  count(WARM_UP_CALLS)
  const countedMs = count(CALLS)
  let bytes = 0
  const began = performance.now()
  for (let n = 0; n < SCRAPES; n += 1) bytes = metrics.render().length
  const scrapeMs = (performance.now() - began) / SCRAPES
  console.log(
    `\nMetrics, always on: ${round((countedMs * 1_000) / CALLS, 2)} µs a call; a scrape of ${MODELS} models, ${round(bytes / 1_024)} KiB, takes ${round(scrapeMs, 2)} ms.`,
  )
}
