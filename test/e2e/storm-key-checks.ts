import type { BudgetView, KeyView } from '../../src/admin/keys.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { groupBy } from './storm-calls-checks.ts'
import { OUTPUT_MAX } from './storm-providers.ts'
import type { Storm } from './storm-run.ts'

const NANO = 1e9
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** What the receipts of a key were charged, in the budget's unit: nano-dollars or tokens. */
function chargedFor({ unit, period }: BudgetView, receipts: readonly Receipt[], readAt: number): number {
  const since = period === 'day' ? Math.floor(readAt / DAY_MS) * DAY_MS : 0
  return receipts
    .filter(({ at }) => at >= since)
    .reduce((sum, { charged }) => sum + ((unit === 'usd' ? charged?.nanoUsd : charged?.tokens) ?? 0), 0)
}

const inUnits = ({ unit }: BudgetView, amount: number): number => Math.round(unit === 'usd' ? amount * NANO : amount)

/** The counters the administrator is shown are the ledger's sums, and no hard one stands above its bound. */
export function budgetFaults(storm: Storm): string[] {
  const byKey = groupBy(storm.receipts, ({ key }) => key?.id ?? '')
  return storm.views.flatMap(view => {
    const receipts = byKey.get(view.id) ?? []
    return view.budgets.flatMap(budget => {
      const used = inUnits(budget, budget.used)
      const charged = chargedFor(budget, receipts, storm.readAt)
      const most = inUnits(budget, budget.most) + (view.name === 'overshooting' ? overshootMax(receipts) : 0)
      const name = `${view.name}, ${budget.unit} ${budget.period} ${budget.kind}`
      return [
        ...(used === charged ? [] : [`${name}: the counter says ${used}, the ledger ${charged}`]),
        ...(budget.kind === 'soft' || charged <= most ? [] : [`${name}: ${charged} of ${most}`]),
      ]
    })
  })
}

/**
 * What the calls that ran when the last one was admitted, that one included, used beyond their estimates. Those of this key reserve the model's most
 * output, and more for the question, so that what is behind {@link OUTPUT_MAX} is at least what they used beyond.
 */
function overshootMax(receipts: readonly Receipt[]): number {
  const admitted = receipts.filter(({ attempts }) => attempts.length > 0)
  const last = admitted.at(-1)
  if (last === undefined) return 0
  return admitted
    .filter(({ at, totalMs }) => at + totalMs + 1 >= last.at)
    .reduce((sum, { charged }) => sum + Math.max(0, (charged?.tokens ?? 0) - OUTPUT_MAX), 0)
}

/** While it lasted, what was reserved and used never stood above a hard budget that no call could overshoot. */
export function seenAboveFaults({ report }: Storm): string[] {
  return report.mostUsed
    .filter(({ key, budget, most, used }) => budget.endsWith('hard') && key !== 'overshooting' && used > most)
    .map(({ key, budget, most, used }) => `${key}, ${budget}: ${used} of ${most}`)
}

/** A stretch of time, in milliseconds since 1970. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** How many of these overlap, at the most. */
export function mostAtOnce(stretches: readonly Stretch[]): number {
  const moments = stretches
    .filter(({ from, to }) => from < to)
    .flatMap(({ from, to }) => [
      { at: from, change: 1 },
      { at: to, change: -1 },
    ])
  moments.sort((a, b) => a.at - b.at || a.change - b.change)
  let now = 0
  let most = 0
  for (const { change } of moments) {
    now += change
    most = Math.max(most, now)
  }
  return most
}

/** When a call surely counted as running: from its first attempt on. Its time is in whole milliseconds, so up to one more. */
function surelyRunning({ at, attempts, totalMs }: Receipt): Stretch {
  return { from: at + 1 + (attempts[0]?.startedMs ?? totalMs), to: at + totalMs }
}

/** No key has more calls at a time than it may, nor more requests and tokens a minute. */
export function limitFaults({ receipts, views }: Storm): string[] {
  const byKey = groupBy(receipts, ({ key }) => key?.id ?? '')
  return views.flatMap(view => [...overLimit(view, byKey.get(view.id) ?? [])].map(fault => `${view.name}: ${fault}`))
}

function* overLimit({ limits }: KeyView, receipts: readonly Receipt[]): Iterable<string> {
  const { concurrency, requestsPerMinute, inputTokensPerMinute, outputTokensPerMinute } = limits
  const admitted = receipts.filter(({ problem }) => problem?.code !== 'key_rate_limited')
  const minutes = ((admitted.at(-1)?.at ?? 0) - (admitted[0]?.at ?? 0)) / MINUTE_MS
  // A burst of a whole minute's may come first, and the clock of receipts has no parts of milliseconds.
  const allowed = (perMinute: number) => perMinute * (1 + minutes) + 1
  const used = (bucket: 'input' | 'output') => admitted.reduce((sum, { usage }) => sum + (usage?.[bucket] ?? 0), 0)
  const atOnce = mostAtOnce(receipts.map(surelyRunning))
  if (concurrency !== undefined && atOnce > concurrency) yield `${atOnce} calls at a time`
  if (requestsPerMinute !== undefined && admitted.length > allowed(requestsPerMinute))
    yield `${admitted.length} requests in ${minutes} minutes`
  if (inputTokensPerMinute !== undefined && used('input') > allowed(inputTokensPerMinute))
    yield `${used('input')} tokens of input`
  if (outputTokensPerMinute !== undefined && used('output') > allowed(outputTokensPerMinute))
    yield `${used('output')} tokens of output`
}

/**
 * Connections that can wait for their next use: of each provider no more than were asked at the same time. A connection counts from before the
 * attempt is noted until behind its end, as far as clocks and turns of the event loop may differ.
 */
export function idleMost({ receipts }: Storm): number {
  const attempts = receipts.flatMap(({ at, totalMs, attempts: all }) =>
    all.map(({ provider, startedMs, endedMs = totalMs }) => ({
      provider,
      from: at + startedMs - CLOCK_MS,
      to: at + endedMs + CLOCK_MS,
    })),
  )
  return [...groupBy(attempts, ({ provider }) => provider).values()].reduce((sum, each) => sum + mostAtOnce(each), 0)
}

const CLOCK_MS = 20
