import type { Attempt, Receipt } from '../../ledger/receipt.ts'
import type { CallWatcher } from '../../pipeline/watcher.ts'
import { type GaugeSources, renderGauges } from './gauges.ts'
import { Counter, Histogram, type OnOverflow, OTHER } from './series.ts'

/** What happened since the start, counted, and the state of the moment, for Prometheus. */
export interface Metrics extends CallWatcher {
  /** The text for `/metrics`, see METRICS_CONTENT_TYPE. */
  render(): string
}

/** Bounds of the time to the first byte, in seconds: from a model in the next room to reasoning that takes a minute. */
const FIRST_BYTE_BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120]

/** Bounds of a call's duration, in seconds: agents' turns go on for many minutes. */
const CALL_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640, 1_280]

/** The buckets of usage, as `tokens_total` names them. */
const BUCKETS = [
  ['input', 'input'],
  ['cacheRead', 'cache_read'],
  ['cacheWrite', 'cache_write'],
  ['output', 'output'],
  ['reasoning', 'reasoning'],
] as const

const NANO_USD = 1e9

/** Opens the metrics, all at zero. */
export function openMetrics(sources: GaugeSources): Metrics {
  const overflow = new Counter(
    {
      name: 'candor_series_overflow_total',
      help: 'Times something was counted as "other" because its metric was full.',
    },
    ['metric'],
    () => {},
  )
  const counted = openCounted(metric => {
    overflow.at(metric).count += 1
  })
  const all = Object.values(counted)
  return {
    name: 'metrics',
    ended: receipt => count(receipt, counted),
    render() {
      const gauges = renderGauges(sources, metric => {
        overflow.at(metric).count += 1
      })
      return `${all.map(metric => metric.render()).join('')}${gauges}${overflow.render()}`
    },
  }
}

type Counted = ReturnType<typeof openCounted>

function openCounted(overflow: OnOverflow) {
  const counter = (name: string, help: string, labels: readonly string[], unit?: number) =>
    new Counter({ name, help }, labels, overflow, unit)
  return {
    calls: counter('candor_calls_total', 'Calls that ended.', [
      'protocol',
      'operation',
      'provider',
      'model',
      'billing',
      'ending',
    ]),
    attempts: counter('candor_attempts_total', 'Requests sent to providers; the outcome is "ok" or a problem code.', [
      'provider',
      'model',
      'outcome',
    ]),
    problems: counter('candor_problems_total', 'Calls that ended in a problem.', ['code', 'provider']),
    fallbacks: counter('candor_fallbacks_total', "Calls answered by another model than the route's first.", [
      'route',
      'reason',
    ]),
    retries: counter('candor_retries_total', 'Attempts after the first one of a call, by why there was another.', [
      'provider',
      'cause',
    ]),
    tokens: counter('candor_tokens_total', 'Tokens, in buckets that never overlap.', ['provider', 'model', 'bucket']),
    cost: counter(
      'candor_cost_usd_total',
      'US dollars of metered calls, as far as they are known.',
      ['provider', 'model'],
      NANO_USD,
    ),
    unpriced: counter('candor_unpriced_calls_total', 'Metered calls whose cost is not known, or not all of it.', [
      'provider',
      'model',
    ]),
    cache: counter('candor_cache_total', "Calls of routes that keep answers, by what the route's cache had.", [
      'route',
      'result',
    ]),
    firstByte: new Histogram(
      { name: 'candor_first_byte_seconds', help: "From the call's begin to the first byte of its answer." },
      ['provider', 'model'],
      FIRST_BYTE_BOUNDS,
      overflow,
    ),
    duration: new Histogram(
      { name: 'candor_call_seconds', help: "From the call's begin to its end." },
      ['provider'],
      CALL_BOUNDS,
      overflow,
    ),
  }
}

function count(receipt: Receipt, counted: Counted): void {
  const { provider, model } = served(receipt)
  const { clientProtocol, operation, billing = '', ending, problem, fallback, route = '', cache, cost } = receipt
  counted.calls.at(clientProtocol, operation, provider, model, billing, ending).count += 1
  if (problem !== undefined) counted.problems.at(problem.code, problem.provider ?? provider).count += 1
  if (fallback !== undefined) counted.fallbacks.at(route, fallback.reason).count += 1
  if (cache !== undefined) counted.cache.at(route, cache).count += 1
  if (cost.type === 'metered') counted.cost.at(provider, model).count += cost.nanoUsd
  if (cost.type === 'unknown') {
    counted.unpriced.at(provider, model).count += 1
    // As the ledger does: what was told before an answer was cut off is in the sum.
    if (cost.atLeastNanoUsd !== undefined) counted.cost.at(provider, model).count += cost.atLeastNanoUsd
  }
  if (receipt.firstByteMs !== undefined) counted.firstByte.observe(receipt.firstByteMs / 1_000, provider, model)
  if (receipt.totalUnknown !== true) counted.duration.observe(receipt.totalMs / 1_000, provider)
  for (const attempt of receipt.attempts) countAttempt(attempt, counted)
  countTokens(receipt.usage, provider, model, counted)
}

function countAttempt({ provider, model, problem, because }: Attempt, counted: Counted): void {
  const known = problem?.code === 'upstream_model_not_found' ? OTHER : model
  counted.attempts.at(provider, known, problem?.code ?? 'ok').count += 1
  if (because !== undefined) counted.retries.at(provider, because).count += 1
}

function countTokens(usage: Receipt['usage'], provider: string, model: string, counted: Counted): void {
  if (usage === undefined) return
  for (const [bucket, label] of BUCKETS) {
    const tokens = usage[bucket]
    if (tokens !== undefined && tokens > 0) counted.tokens.at(provider, model, label).count += tokens
  }
}

/**
 * Who answered, or was to answer; empty where the call never got that far. What the client asked for is never a label: anybody could make new
 * ones. For the same reason a name that the provider does not know is "other".
 */
function served({ servedModel, problem }: Receipt): { provider: string; model: string } {
  if (servedModel === undefined) return { provider: '', model: '' }
  const slash = servedModel.indexOf('/')
  const provider = servedModel.slice(0, slash)
  const model = problem?.code === 'upstream_model_not_found' ? OTHER : servedModel.slice(slash + 1)
  return { provider, model }
}
