import type { Receipt } from '../../src/ledger/receipt.ts'
import { parseMetrics } from '../admin/prometheus-text.ts'
import type { Storm } from './storm-run.ts'

type Counts = Map<string, number>

function count(counts: Counts, name: string, labels: readonly (string | undefined)[], by = 1): void {
  const series = `${name} ${labels.map(label => label ?? '').join(' ')}`
  counts.set(series, (counts.get(series) ?? 0) + by)
}

const BUCKETS = {
  input: 'input',
  cacheRead: 'cache_read',
  cacheWrite: 'cache_write',
  output: 'output',
  reasoning: 'reasoning',
} as const

/** What the counters must say, from the ledger alone. */
function fromLedger(receipts: readonly Receipt[]): Counts {
  const counts: Counts = new Map()
  for (const receipt of receipts) {
    const {
      clientProtocol,
      servedModel = '/',
      billing,
      ending,
      problem,
      fallback,
      route,
      attempts,
      usage = {},
      cost,
      cache,
    } = receipt
    const provider = servedModel.slice(0, servedModel.indexOf('/'))
    count(counts, 'candor_calls_total', [clientProtocol, provider, billing, ending])
    if (problem !== undefined) count(counts, 'candor_problems_total', [problem.code])
    if (fallback !== undefined) count(counts, 'candor_fallbacks_total', [route, fallback.reason])
    if (cache !== undefined) count(counts, 'candor_cache_total', [route, cache])
    if (cost.type === 'metered') count(counts, 'candor_cost_usd_total', [provider], cost.nanoUsd)
    if (cost.type === 'unknown') count(counts, 'candor_unpriced_calls_total', [provider])
    if (cost.type === 'unknown' && cost.atLeastNanoUsd !== undefined)
      count(counts, 'candor_cost_usd_total', [provider], cost.atLeastNanoUsd)
    for (const { provider: asked, problem: met, because } of attempts) {
      count(counts, 'candor_attempts_total', [asked, met?.code ?? 'ok'])
      if (because !== undefined) count(counts, 'candor_retries_total', [asked, because])
    }
    for (const [bucket, label] of Object.entries(BUCKETS)) {
      const tokens = usage[bucket as keyof typeof BUCKETS]
      if (tokens !== undefined && tokens > 0) count(counts, 'candor_tokens_total', [provider, label], tokens)
    }
    count(counts, 'candor_call_seconds_count', [provider])
  }
  return counts
}

/** The labels that are compared, of each counter. */
const LABELS: Readonly<Record<string, readonly string[]>> = {
  candor_calls_total: ['protocol', 'provider', 'billing', 'ending'],
  candor_problems_total: ['code'],
  candor_fallbacks_total: ['route', 'reason'],
  candor_cache_total: ['route', 'result'],
  candor_cost_usd_total: ['provider'],
  candor_unpriced_calls_total: ['provider'],
  candor_attempts_total: ['provider', 'outcome'],
  candor_retries_total: ['provider', 'cause'],
  candor_tokens_total: ['provider', 'bucket'],
  candor_call_seconds_count: ['provider'],
}

const NANO = 1e9

function fromMetrics(text: string): Counts {
  const counts: Counts = new Map()
  for (const { samples } of parseMetrics(text).values()) {
    for (const { name, labels, value } of samples) {
      const compared = LABELS[name]?.map(label => labels[label])
      if (compared !== undefined)
        count(counts, name, compared, name === 'candor_cost_usd_total' ? Math.round(value * NANO) : value)
    }
  }
  return counts
}

/** What was counted while it lasted is what the ledger says. */
export function metricFaults({ metrics, receipts }: Storm): string[] {
  const told = fromMetrics(metrics)
  const kept = fromLedger(receipts)
  return [...new Set([...told.keys(), ...kept.keys()])]
    .filter(series => told.get(series) !== kept.get(series))
    .map(series => `${series}: ${told.get(series)} counted, ${kept.get(series)} in the ledger`)
}

/** The value of a gauge without labels. */
export function gauge(metrics: string, name: string): number | undefined {
  return parseMetrics(metrics).get(name)?.samples[0]?.value
}
