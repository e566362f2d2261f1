import { describe, expect, test } from 'bun:test'
import type { GaugeSources } from '../../src/admin/metrics/gauges.ts'
import { openLoopLag } from '../../src/admin/metrics/loop-lag.ts'
import { openMetrics } from '../../src/admin/metrics/metrics.ts'
import { bucketOf, HISTOGRAM_SERIES_MAX, SERIES_MAX } from '../../src/admin/metrics/series.ts'
import { problem } from '../../src/canon/problem.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { HealthView } from '../../src/upstream/health.ts'
import { someCall } from '../app/some-call.ts'
import { receipt } from '../ledger/receipts.ts'
import { sources } from './metric-sources.ts'
import { parseMetrics, sampleValue } from './prometheus-text.ts'

const BODIES = { keepDays: 7, bytesMax: 1_024, totalBytesMax: 4_096 }
const at = { provider: 'kimi-coding', model: 'kimi-for-coding' }

function after(receipts: readonly Receipt[], overrides: Partial<GaugeSources> = {}): string {
  const metrics = openMetrics(sources(overrides))
  for (const one of receipts) metrics.ended(one, someCall())
  return metrics.render()
}

describe('what is counted', () => {
  const attempt = receipt().attempts[0]
  const overloaded = problem('overloaded', 'No capacity.', { provider: 'kimi-coding' })
  const full = receipt({
    route: 'coder',
    cache: 'miss',
    fallback: { from: 'zai/glm-5', reason: 'plan_exhausted' },
    cost: { type: 'metered', nanoUsd: 1_234_567, source: 'list' },
    usage: { input: 12, cacheRead: 100, output: 34, reasoning: 0 },
    attempts:
      attempt === undefined
        ? []
        : [
            { ...attempt, problem: overloaded },
            { ...attempt, because: 'retry' },
          ],
  })
  const failed = receipt({ problem: overloaded, ending: 'failed', cost: { type: 'unknown', reason: 'no price' } })
  const cutOff: Receipt['cost'] = { type: 'unknown', reason: 'cut off', atLeastNanoUsd: 433 }
  const text = after([full, full, failed, receipt({ ending: 'abandoned', usage: {}, cost: cutOff })])
  const call = { protocol: 'openai-completions', operation: 'generate', ...at, billing: 'plan' }

  test.each<[string, Record<string, string>, number]>([
    ['candor_calls_total', { ...call, ending: 'complete' }, 2],
    ['candor_calls_total', { ...call, ending: 'abandoned' }, 1],
    ['candor_calls_total', { ...call, ending: 'failed' }, 1],
    ['candor_attempts_total', { ...at, outcome: 'overloaded' }, 2],
    ['candor_attempts_total', { ...at, outcome: 'ok' }, 4],
    ['candor_problems_total', { code: 'overloaded', provider: 'kimi-coding' }, 1],
    ['candor_fallbacks_total', { route: 'coder', reason: 'plan_exhausted' }, 2],
    ['candor_retries_total', { provider: 'kimi-coding', cause: 'retry' }, 2],
    ['candor_tokens_total', { ...at, bucket: 'input' }, 36],
    ['candor_tokens_total', { ...at, bucket: 'cache_read' }, 300],
    ['candor_tokens_total', { ...at, bucket: 'output' }, 102],
    ['candor_cost_usd_total', at, 0.002469567],
    ['candor_unpriced_calls_total', at, 2],
    ['candor_cache_total', { route: 'coder', result: 'miss' }, 2],
    ['candor_first_byte_seconds_count', at, 4],
    ['candor_first_byte_seconds_bucket', { ...at, le: '0.25' }, 0],
    ['candor_first_byte_seconds_bucket', { ...at, le: '0.5' }, 4],
    ['candor_call_seconds_bucket', { provider: 'kimi-coding', le: '1' }, 4],
    ['candor_call_seconds_sum', { provider: 'kimi-coding' }, 3.608],
  ])('%s %j', (name, labels, value) => {
    expect(sampleValue(text, name, labels)).toBeCloseTo(value, 9)
  })

  test('a bucket that was not told makes no series', () => {
    expect(sampleValue(text, 'candor_tokens_total', { ...at, bucket: 'reasoning' })).toBeUndefined()
    expect(sampleValue(text, 'candor_tokens_total', { ...at, bucket: 'cache_write' })).toBeUndefined()
  })

  test('a duration nobody could measure is not a zero', () => {
    const unmeasured = after([receipt({ totalUnknown: true, totalMs: 0 })])
    expect(sampleValue(unmeasured, 'candor_call_seconds_count', { provider: 'kimi-coding' })).toBeUndefined()
  })
})

describe('the state of the moment', () => {
  const breaker = (state: HealthView['state'], model: string): HealthView => ({
    provider: 'zai',
    credential: 'first',
    model,
    state,
    times: 1,
    inFlight: 0,
    providerFailures: 0,
    networkFailures: 0,
    answered: 0,
  })
  const window = { unit: 'percent' }
  const quota = {
    provider: 'zai',
    credential: 'first',
    billing: 'plan',
    at: 1,
    source: 'endpoint',
    stale: false,
  } as const
  const text = after([], {
    inFlight: () => 7,
    health: () => [
      { ...breaker('closed', 'a'), answered: 1 },
      breaker('half-open', 'b'),
      breaker('open', 'c'),
      breaker('closed', 'never-answered'),
    ],
    quotas: () => [
      { ...quota, windows: [{ ...window, name: '5 hour', remainingPercent: 40 }] },
      { ...quota, source: 'headers', windows: [{ ...window, name: '5 hour', remainingPercent: 25 }] },
      { ...quota, credential: 'old', stale: true, windows: [{ ...window, name: '5 hour', remainingPercent: 1 }] },
      { ...quota, credential: 'unmeasured', windows: [{ ...window, name: 'balance', remaining: 3 }] },
    ],
    bodies: () => ({ ...BODIES, bytes: 2_048, dropped: 5 }),
    ledger: () => ({ recorded: 9, lost: 2, late: 3, admissionsDropped: 0, queued: 4, lagMs: 1_500, damaged: 0 }),
    loopLagSeconds: () => 0.25,
    residentMemory: () => 123_456,
  })
  const zai = (model: string) => ({ provider: 'zai', credential: 'first', model })

  test.each<[string, Record<string, string>, number | undefined]>([
    ['candor_in_flight', {}, 7],
    ['candor_breaker_state', zai('a'), 0],
    ['candor_breaker_state', zai('b'), 1],
    ['candor_breaker_state', zai('c'), 2],
    ['candor_breaker_state', zai('never-answered'), undefined],
    ['candor_quota_remaining_ratio', { provider: 'zai', credential: 'first', window: '5 hour' }, 0.25],
    ['candor_quota_remaining_ratio', { provider: 'zai', credential: 'old', window: '5 hour' }, undefined],
    ['candor_quota_remaining_ratio', { provider: 'zai', credential: 'unmeasured', window: 'balance' }, undefined],
    ['candor_ledger_lag_seconds', {}, 1.5],
    ['candor_ledger_queued', {}, 4],
    ['candor_ledger_lost_total', {}, 2],
    ['candor_ledger_late_total', {}, 3],
    ['candor_bodies_bytes', {}, 2_048],
    ['candor_bodies_dropped_total', {}, 5],
    ['candor_event_loop_lag_seconds', {}, 0.25],
    ['candor_build_info', { version: '1.2.3' }, 1],
    ['process_resident_memory_bytes', {}, 123_456],
    ['process_start_time_seconds', {}, 1_800_000_000.5],
  ])('%s %j is %p', (name, labels, value) => {
    expect(sampleValue(text, name, labels)).toBe(value)
  })
})

test('the size of kept bodies is absent until it was counted', () => {
  const text = after([], { bodies: () => ({ ...BODIES, dropped: 0 }) })
  expect(sampleValue(text, 'candor_bodies_bytes')).toBeUndefined()
  expect(sampleValue(text, 'candor_bodies_dropped_total')).toBe(0)
})

describe('labels', () => {
  test('any text survives the format', () => {
    const model = 'a"b\\c\nd{e="f",} é\u0000'
    const parsed = parseMetrics(after([receipt({ servedModel: `openrouter/${model}` })]))
    expect(parsed.get('candor_calls_total')?.samples[0]?.labels['model']).toBe('a"b\\c\nd{e="f",} é\\x00')
  })

  test('that look the same once they are cut share a series', () => {
    const long = 'x'.repeat(300)
    const health = { credential: 'c', state: 'open', times: 1, inFlight: 0, answered: 0 } as const
    const failures = { providerFailures: 0, networkFailures: 0 }
    const view = (end: string) => ({ ...health, ...failures, provider: 'zai', model: long + end })
    const text = after([receipt({ servedModel: `zai/${long}a` }), receipt({ servedModel: `zai/${long}b` })], {
      health: () => [view('a'), view('b')],
    })
    const parsed = parseMetrics(text)
    expect(parsed.get('candor_calls_total')?.samples.map(({ value }) => value)).toEqual([2])
    expect(parsed.get('candor_breaker_state')?.samples.map(({ value }) => value)).toEqual([2])
  })

  test('what the client asked for is never one', () => {
    const { servedModel: _, ...unserved } = receipt({ requestedModel: 'whatever-a-client-writes', attempts: [] })
    const text = after([{ ...unserved, problem: problem('model_not_found', 'No such model.') }])
    expect(text).not.toContain('whatever-a-client-writes')
    expect(sampleValue(text, 'candor_problems_total', { code: 'model_not_found', provider: '' })).toBe(1)
  })

  test('a name the provider does not know is none either', () => {
    const unknown = problem('upstream_model_not_found', 'No such model.', { provider: 'openrouter' })
    const text = after([
      receipt({ servedModel: 'openrouter/made-up', problem: unknown, ending: 'failed', attempts: [] }),
    ])
    expect(text).not.toContain('made-up')
    expect(parseMetrics(text).get('candor_calls_total')?.samples[0]?.labels['model']).toBe('other')
  })

  test('are bounded: what comes on top is counted as "other", and that is told', () => {
    const extra = 5
    const many = Array.from({ length: SERIES_MAX + extra }, (_, n) =>
      receipt({ servedModel: `openrouter/model-${n}`, attempts: [] }),
    )
    const text = after(many)
    const calls = parseMetrics(text).get('candor_calls_total')?.samples ?? []
    expect(calls).toHaveLength(SERIES_MAX + 1)
    expect(calls.reduce((sum, { value }) => sum + value, 0)).toBe(many.length)
    expect(calls.at(-1)).toMatchObject({ value: extra, labels: { model: 'other', ending: 'other' } })
    expect(sampleValue(text, 'candor_series_overflow_total', { metric: 'candor_calls_total' })).toBe(extra)
    const firstBytes = sampleValue(text, 'candor_first_byte_seconds_count', { provider: 'other', model: 'other' })
    expect(firstBytes).toBe(many.length - HISTOGRAM_SERIES_MAX)
  })
})

test('a fresh gateway shows every metric, each with its help', () => {
  const parsed = parseMetrics(openMetrics(sources()).render())
  expect(parsed.size).toBeGreaterThan(20)
  for (const metric of parsed.values()) {
    expect(metric.name).toMatch(/^(?:candor|process)_[a-z_]+$/)
    expect(metric.name.endsWith('_total')).toBe(metric.type === 'counter')
  }
})

test.each([
  [0, 0],
  [1, 0],
  [1.0001, 1],
  [10, 1],
  [11, 2],
])('the bucket of %p is number %p', (value, bucket) => {
  expect(bucketOf(value, [1, 10])).toBe(bucket)
})

function blockFor(ms: number): void {
  const until = performance.now() + ms
  let now = performance.now()
  while (now < until) now = performance.now()
}

test('the event loop is measured from the first reading on', async () => {
  const lag = openLoopLag()
  expect(lag.takeSeconds()).toBe(0)
  let longest = 0
  while (longest < 0.05) {
    await new Promise(setImmediate)
    blockFor(150)
    await new Promise(setImmediate)
    longest = lag.takeSeconds()
  }
  expect(longest).toBeGreaterThan(0.05)
})

test.each([
  ['no HELP', '# TYPE a counter\na 1\n'],
  ['no end', '# HELP a b\n# TYPE a counter\na 1'],
  ['a series twice', '# HELP a b\n# TYPE a counter\na{x="1"} 1\na{x="1"} 2\n'],
  ['an open quote', '# HELP a b\n# TYPE a counter\na{x="1} 1\n'],
  ['a bare backslash', '# HELP a b\n# TYPE a counter\na{x="\\d"} 1\n'],
  ['no number', '# HELP a b\n# TYPE a counter\na{x="1"} one\n'],
  ['a histogram without its end', '# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 1\na_sum 1\na_count 1\n'],
])('the parser of these tests refuses %s', (_what, text) => {
  expect(() => parseMetrics(text)).toThrow()
})
