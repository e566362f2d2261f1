import { describe, expect, test } from 'bun:test'
import type { KeyLimits } from '../../src/ledger/gateway-key.ts'
import { ADMITTED, type Outcome } from '../../src/policy/policy.ts'
import { rateLimitPolicy } from '../../src/policy/rate-limit.ts'
import { memoryCounters } from '../../src/shared/memory-counters.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { admitted, cheapFacts, facts, gatewayKey, NONE, refusedWith, UNKNOWN } from './facts.ts'

function limited(limits: KeyLimits) {
  const clock = manualClock()
  const key = gatewayKey({ limits })
  return { clock, key, policy: rateLimitPolicy({ counters: memoryCounters(clock) }) }
}

const used = (input: number, output: number): Outcome => ({
  ending: 'complete',
  used: 'known',
  usage: { input, output },
})

test('a key without limits, and no key, are admitted without a look at the call', async () => {
  const { policy } = limited({})
  expect(await policy.admit(cheapFacts())).toBe(ADMITTED)
  expect(await policy.admit(cheapFacts({ key: gatewayKey() }))).toBe(ADMITTED)
})

describe('requests per minute', () => {
  test('come all at once, then as time goes by; the estimate is not asked for', async () => {
    const { policy, key, clock } = limited({ requestsPerMinute: 2 })
    const call = () => policy.admit(cheapFacts({ key }))
    expect((await call()).headers).toEqual({
      'ratelimit-limit': '2',
      'ratelimit-remaining': '1',
      'ratelimit-reset': '30',
      'ratelimit-policy': '"requests";q=2;w=60',
    })
    expect((await call()).headers).toMatchObject({ 'ratelimit-remaining': '0', 'ratelimit-reset': '60' })
    const refused = await call()
    expect(refused.headers).toMatchObject({
      'ratelimit-limit': '2',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '60',
    })
    expect(refusedWith(refused)).toMatchObject({
      code: 'key_rate_limited',
      status: 429,
      what: 'The gateway key "ci" is limited to 2 requests per minute.',
      retryAfterMs: 30_000,
      fix: ['Ask again in 30 s.', expect.stringContaining('candor keys limit')],
    })
    clock.advance(30_000)
    expect((await call()).admit).toBe(true)
  })

  test.each([
    { perMinute: 1, atOnce: 1, seconds: 60 },
    { perMinute: 60, atOnce: 60, seconds: 60 },
    { perMinute: 100, atOnce: 60, seconds: 36 },
    { perMinute: 600, atOnce: 150, seconds: 15 },
  ])('$perMinute: $atOnce at once, and as many in $seconds s', async ({ perMinute, atOnce, seconds }) => {
    const { policy, key } = limited({ requestsPerMinute: perMinute })
    for (let count = 0; count < atOnce; count += 1) await admitted(policy, cheapFacts({ key }))
    const refused = await policy.admit(cheapFacts({ key }))
    expect(refused.headers?.['ratelimit-policy']).toBe(`"requests";q=${atOnce};w=${seconds}`)
    expect(refusedWith(refused).what).toContain(`limited to ${perMinute} requests per minute`)
  })

  test('are not given back, whatever became of the call', async () => {
    const { policy, key } = limited({ requestsPerMinute: 1 })
    const settle = await admitted(policy, cheapFacts({ key }))
    settle(NONE)
    expect((await policy.admit(cheapFacts({ key }))).admit).toBe(false)
  })

  test('count for names that mean no model too', async () => {
    const { policy, key } = limited({ requestsPerMinute: 1, outputTokensPerMinute: 1 })
    await admitted(policy, cheapFacts({ key, targets: [] }))
    expect((await policy.admit(cheapFacts({ key, targets: [] }))).admit).toBe(false)
  })

  test('of one key are not those of another', async () => {
    const { policy, key } = limited({ requestsPerMinute: 1 })
    await admitted(policy, cheapFacts({ key }))
    await admitted(policy, cheapFacts({ key: { ...key, id: 'key_2' } }))
    expect((await policy.admit(cheapFacts({ key }))).admit).toBe(false)
  })
})

describe('tokens per minute', () => {
  const LIMITS = { inputTokensPerMinute: 1_000, outputTokensPerMinute: 400 }

  test.each([
    { name: 'none used', outcome: NONE, left: '400' },
    { name: 'not known', outcome: UNKNOWN, left: '100' },
    { name: 'less than estimated', outcome: used(10, 100), left: '300' },
    { name: 'more than estimated', outcome: used(10, 390), left: '10' },
    { name: 'more than there are', outcome: used(10, 4_000), left: '0' },
    { name: 'output not told', outcome: { ...UNKNOWN, used: 'known' as const, usage: { input: 1 } }, left: '100' },
    { name: 'output beyond belief', outcome: used(1, 1e300), left: '100' },
  ])('are taken as estimated and settled: $name', async ({ outcome, left }) => {
    const { policy, key } = limited({ outputTokensPerMinute: 400 })
    const settle = await admitted(policy, facts({ key, estimated: { outputTokens: 300 } }))
    settle(outcome)
    const next = await policy.admit(facts({ key, estimated: { outputTokens: 0 } }))
    expect(next.headers?.['ratelimit-remaining']).toBe(left)
  })

  test('input and output are counted apart, cached input is input, reasoning is output', async () => {
    const { policy, key } = limited(LIMITS)
    const settle = await admitted(policy, facts({ key }))
    settle({ ...used(100, 100), usage: { input: 100, cacheRead: 700, output: 100, reasoning: 200 } })
    const input = refusedWith(await policy.admit(facts({ key, estimated: { inputTokens: 300, outputTokens: 1 } })))
    expect(input).toMatchObject({
      what: 'The gateway key "ci" is limited to 1,000 input tokens per minute.',
      why: 'This call may use 300 input tokens, and 200 are left for now.',
      retryAfterMs: 6_000,
    })
    const output = refusedWith(await policy.admit(facts({ key, estimated: { inputTokens: 1, outputTokens: 101 } })))
    expect(output.what).toContain('400 output tokens per minute')
  })

  test('a call larger than the limit is told that it can never pass', async () => {
    const { policy, key } = limited({ ...LIMITS, requestsPerMinute: 1 })
    const first = await admitted(policy, facts({ key }))
    first(NONE)
    const found = refusedWith(await policy.admit(facts({ key, estimated: { outputTokens: 401 } })))
    expect(found).toMatchObject({
      code: 'key_rate_limited',
      why: 'This call alone may use 401 output tokens, so it can never pass.',
    })
    expect(found.retryAfterMs).toBeUndefined()
  })

  test('the headers have requests first, else the tokens nearest to their end', async () => {
    const both = limited({ ...LIMITS, requestsPerMinute: 9 })
    const one = await both.policy.admit(facts({ key: both.key }))
    expect(one.headers).toEqual({
      'ratelimit-limit': '9',
      'ratelimit-remaining': '8',
      'ratelimit-reset': '7',
      'ratelimit-policy':
        '"input-tokens";q=1000;w=60;qu="tokens", "output-tokens";q=400;w=60;qu="tokens", "requests";q=9;w=60',
    })
    const tokens = limited(LIMITS)
    const two = await tokens.policy.admit(facts({ key: tokens.key }))
    expect(two.headers).toMatchObject({ 'ratelimit-limit': '400', 'ratelimit-remaining': '350' })
  })
})

describe('calls at the same time', () => {
  test('are held until they are settled', async () => {
    const { policy, key } = limited({ concurrency: 2 })
    const first = await policy.admit(cheapFacts({ key }))
    expect(first.headers).toEqual({
      'ratelimit-limit': '2',
      'ratelimit-remaining': '1',
      'ratelimit-policy': '"concurrency";q=2;qu="concurrent-requests"',
    })
    const settle = await admitted(policy, cheapFacts({ key }))
    expect(refusedWith(await policy.admit(cheapFacts({ key })))).toMatchObject({
      code: 'key_rate_limited',
      what: 'The gateway key "ci" is limited to 2 calls at the same time.',
      retryAfterMs: 1_000,
    })
    settle(UNKNOWN)
    expect((await policy.admit(cheapFacts({ key }))).admit).toBe(true)
  })

  test('that are refused take nothing else', async () => {
    const { policy, key } = limited({ concurrency: 1, requestsPerMinute: 2, outputTokensPerMinute: 100 })
    const settle = await admitted(policy, facts({ key }))
    for (let count = 0; count < 5; count += 1)
      expect(refusedWith(await policy.admit(facts({ key }))).what).toContain('at the same time')
    settle(UNKNOWN)
    expect((await policy.admit(facts({ key }))).headers).toMatchObject({ 'ratelimit-remaining': '0' })
  })
})
