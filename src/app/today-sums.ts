import type { Clock } from '../base/clock.ts'
import type { LedgerReads } from '../ledger/store.ts'
import type { Usage } from '../ledger/usage.ts'

/** What was used since midnight, and when the ledger was asked. */
export interface TodaySums {
  /** Milliseconds since 1970, as is `at`. */
  readonly since: number
  readonly at: number
  readonly byProvider: Usage
}

/** Sums are kept this long at least, in milliseconds. */
export const KEPT_MS = 2_000

/** And so many times as long as it took to read them: a ledger with a million calls of today is not summed up all the time. */
export const SHARE = 20

/** Midnight where the gateway runs: what a person calls today. */
export function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0)
}

/** The sums of the day by provider, for views that ask every few seconds. */
export function openTodaySums(ledger: Pick<LedgerReads, 'usage'>, clock: Clock): () => Promise<TodaySums> {
  let reading: Promise<TodaySums> | undefined
  let since = 0
  let until = 0

  async function read(): Promise<TodaySums> {
    const [at, begun] = [clock.now(), clock.monotonicMs()]
    const byProvider = await ledger.usage({ since, by: 'provider' })
    const tookMs = clock.monotonicMs() - begun
    until = clock.monotonicMs() + Math.max(KEPT_MS, tookMs * SHARE)
    return { since, at, byProvider }
  }

  return () => {
    const day = startOfDay(clock.now())
    if (reading === undefined || day !== since || clock.monotonicMs() >= until) {
      since = day
      until = Number.POSITIVE_INFINITY
      reading = read()
    }
    return reading
  }
}
