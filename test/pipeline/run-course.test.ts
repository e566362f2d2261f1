import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import type { ProblemCode } from '../../src/canon/problem.ts'
import { FAILURES, replyOf, withSigns } from './any-gateway.ts'
import { openScriptedHouse } from './scripted-house.ts'
import type { Reply, Sent } from './scripted-network.ts'

const OVERLOADED: Reply = { type: 'refusal', status: 503 }
const server = (host: string, keys: readonly string[] = ['one']) => ({
  baseUrl: `https://${host}.test/v1`,
  api: 'openai-completions',
  billing: 'plan',
  balance: 'order',
  apiKeys: keys.map(name => ({ name, key: `sk-${host}-${name}` })),
})

async function open(script: (sent: Sent) => Reply, gateway: JsonObject = {}, fallbackOn: readonly string[] = []) {
  return await openScriptedHouse({
    config: {
      models: { providers: { a: server('a'), b: server('b'), keys: server('keys', ['one', 'two', 'three']) } },
      routes: { r: { targets: ['a/m', 'b/m'], fallbackOn } },
      gateway,
    },
    provider: withSigns,
    script,
  })
}

const keysOf = (sent: readonly Sent[]) => sent.map(({ key }) => key?.replace('sk-', ''))

describe('another key of the same provider answers without a route', () => {
  const MOVES: readonly ProblemCode[] = [
    'rate_limited',
    'overloaded',
    'plan_exhausted',
    'balance_exhausted',
    'upstream_error',
    'timeout',
    'unreachable',
    'stream_truncated',
    'upstream_protocol',
  ]

  test.each([...FAILURES])('after %s', async code => {
    const at = await open(({ key, maxTokens }) =>
      key === 'sk-keys-two'
        ? { type: 'answer' }
        : replyOf({ type: 'problem', code, retryAfterS: undefined }, maxTokens),
    )
    const { receipt, headers } = await at.ask({ model: 'keys/m' })
    at.close()
    const moves = MOVES.includes(code)
    expect(keysOf(at.sent)).toEqual(moves ? ['keys-one', 'keys-two'] : ['keys-one'])
    expect(receipt.attempts.map(({ because }) => because)).toEqual(moves ? [undefined, 'credential'] : [undefined])
    expect(receipt.problem?.code).toBe(moves ? undefined : code)
    // The same model answered: that is no fallback.
    expect(headers.get('candor-fallback')).toBeNull()
  })
})

describe('a fallback', () => {
  test.each([...FAILURES])('after %s needs its name in the route', async code => {
    const script = ({ origin, maxTokens }: Sent): Reply =>
      origin === 'https://b.test'
        ? { type: 'answer' }
        : replyOf({ type: 'problem', code, retryAfterS: undefined }, maxTokens)
    const without = await open(
      script,
      {},
      FAILURES.filter(each => each !== code),
    )
    const stopped = await without.ask({ model: 'r' })
    without.close()
    const named = await open(script, {}, [code])
    const moved = await named.ask({ model: 'r' })
    named.close()
    expect(keysOf(without.sent)).toEqual(['a-one'])
    expect(stopped.receipt.problem?.code).toBe(code)
    expect(stopped.headers.get('candor-fallback')).toBeNull()
    expect(stopped.receipt.problem?.fix.at(-1)).toContain(`add "${code}" to its fallbackOn`)
    expect(keysOf(named.sent)).toEqual(['a-one', 'b-one'])
    expect(moved.headers.get('candor-fallback')).toBe(`from=a/m; reason=${code}`)
    expect(moved.headers.get('candor-model')).toBe('b/m')
  })
})

describe('retries', () => {
  const retry = (max: number, rest: JsonObject = {}) => ({ retry: { max, baseMs: 100, ...rest } })

  test('are off unless they are asked for', async () => {
    const at = await open(() => OVERLOADED)
    await at.ask({ model: 'a/m' })
    at.close()
    expect(at.sent).toHaveLength(1)
  })

  test('wait as long as the provider asks, and the receipt tells it', async () => {
    const at = await open(() => ({ ...OVERLOADED, headers: { 'retry-after': '2' } }), retry(1))
    const { receipt } = await at.ask({ model: 'a/m' })
    at.close()
    const [first, second] = at.sent.map(each => each.at)
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(2_000)
    expect(receipt.attempts[1]).toMatchObject({ because: 'retry', waitedMs: 2_000 })
  })

  test.each([
    { about: 'a longer wait than allowed', gateway: retry(3, { waitMsMax: 1_000 }), wait: '2' },
    {
      about: 'a wait beyond the time for the whole',
      gateway: { ...retry(3), timeouts: { totalMs: 5_000 } },
      wait: '10',
    },
  ])('do not wait: $about', async ({ gateway, wait }) => {
    const at = await open(() => ({ ...OVERLOADED, headers: { 'retry-after': wait } }), gateway)
    await at.ask({ model: 'a/m' })
    at.close()
    expect(at.sent).toHaveLength(1)
  })

  test('end with the time for the whole', async () => {
    const totalMs = 10_000
    const at = await open(() => ({ ...OVERLOADED, headers: { 'retry-after': '3' } }), {
      ...retry(10),
      timeouts: { totalMs },
    })
    const { receipt } = await at.ask({ model: 'a/m' })
    at.close()
    expect(at.sent.length).toBe(4)
    expect(receipt.totalMs).toBeLessThan(totalMs)
  })

  test('what earlier attempts took is gone from the time of later ones', async () => {
    const timeouts = { firstByteMs: 4_000, totalMs: 6_000 }
    const at = await open(() => ({ type: 'silent' }), { ...retry(3), timeouts })
    const { receipt } = await at.ask({ model: 'a/m' })
    at.close()
    expect(at.sent).toHaveLength(2)
    expect(receipt.problem).toMatchObject({ code: 'timeout', timer: 'total' })
    expect(receipt.totalMs).toBeLessThan(7_000)
  })

  test('and fallbacks stop where the budget of the provider is used up', async () => {
    const at = await open(() => OVERLOADED, retry(10), ['overloaded'])
    // The budget holds a hundred further attempts.
    for (let i = 0; i < 10; i += 1) await at.ask({ model: 'a/m' })
    expect(at.sent).toHaveLength(110)
    const alone = await at.ask({ model: 'a/m' })
    expect(at.sent).toHaveLength(111)
    expect(alone.receipt.passed).toEqual([
      { target: 'a/m', reason: 'no further attempt: the retry budget of a is used up' },
    ])
    at.clock.advance(3_600_000)
    const moving = await at.ask({ model: 'r' })
    at.close()
    expect(keysOf(at.sent.slice(111))).toEqual(['a-one'])
    expect(moving.receipt.problem?.code).toBe('overloaded')
  })

  test.each([
    { about: 'a question', body: {}, requests: 2 },
    { about: 'one that changes a conversation kept there', body: { conversation: 'c_1' }, requests: 1 },
    { about: 'one that runs in the background', body: { background: true }, requests: 1 },
  ])('repeat what may have been carried out only if that does no harm: $about', async ({ body, requests }) => {
    const at = await open(() => ({ type: 'lost' }), retry(1))
    await at.ask({ model: 'a/m', body: { messages: [{ role: 'user', content: 'Hello' }], ...body } })
    at.close()
    expect(at.sent).toHaveLength(requests)
  })
})

test('the last one there is is asked whatever its health', async () => {
  const at = await open(() => OVERLOADED, {}, ['timeout'])
  for (let i = 0; i < 5; i += 1) await at.ask({ model: 'r' })
  at.close()
  expect(keysOf(at.sent)).toEqual(['a-one', 'a-one', 'a-one', 'a-one', 'a-one'])
})

test('one that cools down is passed over where the route moves on for it, and asked again when it may be', async () => {
  const at = await open(({ origin }) => (origin === 'https://a.test' ? OVERLOADED : { type: 'answer' }), {}, [
    'overloaded',
  ])
  await at.ask({ model: 'r' })
  const second = await at.ask({ model: 'r' })
  at.clock.advance(10_000)
  await at.ask({ model: 'r' })
  at.close()
  expect(keysOf(at.sent)).toEqual(['a-one', 'b-one', 'b-one', 'a-one', 'b-one'])
  expect(second.receipt.passed).toEqual([{ target: 'a/m', reason: 'it cools down after overloaded' }])
  expect(second.receipt.fallback).toEqual({ from: 'a/m', reason: 'overloaded' })
})

describe('a key of another lane is no other key of the same purse', () => {
  const purses = {
    ...server('purses'),
    billing: undefined,
    apiKeys: [
      { name: 'plan', key: 'sk-purses-plan', billing: 'plan' },
      { name: 'paid', key: 'sk-purses-paid', billing: 'metered' },
    ],
  }

  test.each([
    { crossBilling: true, fallbackOn: [], moves: false },
    { crossBilling: true, fallbackOn: ['overloaded'], moves: false },
    { crossBilling: false, fallbackOn: ['plan_exhausted'], moves: false },
    { crossBilling: true, fallbackOn: ['plan_exhausted'], moves: true },
  ])('crossBilling $crossBilling, fallbackOn $fallbackOn: $moves', async ({ crossBilling, fallbackOn, moves }) => {
    const at = await openScriptedHouse({
      config: {
        models: { providers: { purses } },
        routes: { r: { targets: ['purses/m'], crossBilling, fallbackOn } },
      },
      provider: withSigns,
      script: ({ key, maxTokens }) =>
        key === 'sk-purses-paid'
          ? { type: 'answer' }
          : replyOf({ type: 'problem', code: 'plan_exhausted', retryAfterS: undefined }, maxTokens),
    })
    const asked = await at.ask({ model: 'r' })
    const skipped = await at.ask({ model: 'r' })
    at.close()
    const [, crossing] = asked.receipt.attempts
    const told = moves ? 'from=purses/m; reason=plan_exhausted' : null
    expect(keysOf(at.sent)).toEqual(
      moves ? ['purses-plan', 'purses-paid', 'purses-paid'] : ['purses-plan', 'purses-plan'],
    )
    expect(crossing?.because).toBe(moves ? 'credential' : undefined)
    expect(skipped.receipt.attempts[0]?.because).toBe(moves ? 'fallback' : undefined)
    for (const { headers } of [asked, skipped]) expect(headers.get('candor-fallback')).toBe(told)
  })
})
