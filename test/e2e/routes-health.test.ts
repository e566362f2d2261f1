import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { ProblemCode } from '../../src/canon/problem.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { call, chatClient, noteOf, post } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'
import { answeredBy, failAlways, healthOf, healthThat, requestsFor } from './route-setup.ts'

const SPARE = 'spare/gpt-4.1'

/** How many failures close a target, by what they were. */
const OPENERS: readonly { readonly code: ProblemCode; readonly fault: string; readonly failures: number }[] = [
  { code: 'overloaded', fault: 'status=503;retry-after=60', failures: 1 },
  { code: 'rate_limited', fault: 'status=429;retry-after=60', failures: 1 },
  { code: 'invalid_key', fault: 'status=401', failures: 1 },
  { code: 'upstream_error', fault: 'status=500;retry-after=60', failures: 5 },
  { code: 'unreachable', fault: 'reset=before', failures: 3 },
]

let first: Sim
let spare: Sim
let gateway: Gateway

beforeAll(async () => {
  ;[first, spare] = await Promise.all([simulate('openai'), simulate('openai')])
  const to = (model: string, fallbackOn: readonly ProblemCode[]) => ({ targets: [`first/${model}`, SPARE], fallbackOn })
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          first: { ...entryOf(first), billing: 'metered' },
          spare: { ...entryOf(spare), billing: 'metered' },
        },
      },
      routes: {
        ...Object.fromEntries(
          OPENERS.flatMap(({ code }) => [
            [`on-${code}`, to(`gpt-on-${code}`, [code])],
            [`off-${code}`, to(`gpt-off-${code}`, code === 'overloaded' ? ['timeout'] : ['overloaded'])],
          ]),
        ),
        probed: to('gpt-probed', ['rate_limited']),
        watched: to('gpt-watched', ['rate_limited']),
        alone: { targets: ['first/gpt-alone'], fallbackOn: ['overloaded'] },
        both: { targets: ['first/gpt-both-1', 'first/gpt-both-2'], fallbackOn: ['overloaded'] },
      },
    },
  })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([first.stop(), spare.stop()])
})

const ask = (name: string) => call(gateway, chatClient, chatClient.body(name, 'hello'))

describe('a target that failed is spared', () => {
  test.each(OPENERS)('after $failures × $code, where the route goes on for that', async ({ code, fault, failures }) => {
    const model = `gpt-on-${code}`
    failAlways(first, fault, model)
    for (let failed = 1; failed <= failures; failed += 1) {
      const moved = await ask(`on-${code}`)
      expect([moved.status, moved.receipt.attempts.length]).toEqual([200, 2])
    }
    const got = await ask(`on-${code}`)
    expect(requestsFor(first, model)).toHaveLength(failures)
    expect(got.status).toBe(200)
    expect(answeredBy(got.headers)).toEqual({
      model: SPARE,
      fallback: `from=first/${model}; reason=${code}`,
      attempts: '1',
      billing: 'metered',
    })
    expect(got.receipt).toMatchObject({
      fallback: { from: `first/${model}`, reason: code },
      attempts: [{ provider: 'spare', because: 'fallback' }],
      passed: [{ target: `first/${model}`, reason: `it cools down after ${code}` }],
    })
    const [view] = await healthOf(gateway, `first/${model}`)
    expect(view).toMatchObject({ state: 'open', reason: code, times: 1 })
    expect((view?.until ?? 0) > Date.now()).toBe(true)
    expect(view?.what?.length).toBeGreaterThan(10)
  })

  test.each(OPENERS)('not where the route does not: $code', async ({ code, fault, failures }) => {
    const model = `gpt-off-${code}`
    failAlways(first, fault, model)
    for (let asked = 1; asked <= failures + 2; asked += 1) {
      const got = await ask(`off-${code}`)
      expect(noteOf(got.json()).code).toBe(code)
      expect([requestsFor(first, model).length, got.receipt.attempts.length]).toEqual([asked, 1])
    }
  })

  test.each(OPENERS)('nor without a route: $code', async ({ code, fault, failures }) => {
    const model = `gpt-plain-${code}`
    failAlways(first, fault, model)
    for (let asked = 1; asked <= failures + 2; asked += 1) {
      expect(noteOf((await ask(`first/${model}`)).json()).code).toBe(code)
      expect(requestsFor(first, model)).toHaveLength(asked)
    }
  })
})

describe('when its time is over', () => {
  test('one call finds out, and the others go on without it; an answer closes the matter', async () => {
    const model = 'gpt-probed'
    const ref = `first/${model}`
    failAlways(first, 'status=429;retry-after-ms=50', model)
    expect((await ask('probed')).receipt.attempts).toHaveLength(2)
    await healthThat(gateway, ref, ({ state }) => state === 'half-open')
    failAlways(first, 'delay=never', model)
    const leaving = new AbortController()
    const body = chatClient.body('probed', 'hello')
    const probe = post(gateway, chatClient, body, { signal: leaving.signal }).catch(() => 'left')
    await first.when(() => requestsFor(first, model).length === 2)
    const beside = await Promise.all([ask('probed'), ask('probed'), ask('probed')])
    expect(beside.map(({ headers }) => headers.get('candor-model'))).toEqual([SPARE, SPARE, SPARE])
    expect(requestsFor(first, model)).toHaveLength(2)
    leaving.abort()
    expect(await probe).toBe('left')
    // Whoever left has found out nothing: the next one does.
    await healthThat(gateway, ref, ({ state, inFlight }) => state === 'half-open' && inFlight === 0)
    first.setFault(undefined)
    expect(answeredBy((await ask('probed')).headers)).toMatchObject({ model: ref, fallback: null, attempts: '1' })
    expect(await healthOf(gateway, ref)).toMatchObject([{ state: 'closed', times: 0 }])
  })

  test('a probe that fails opens it again', async () => {
    const ref = 'first/gpt-watched'
    failAlways(first, 'status=429;retry-after-ms=50', 'gpt-watched')
    await ask('watched')
    const { since } = await healthThat(gateway, ref, ({ state }) => state === 'half-open')
    failAlways(first, 'status=429;retry-after=60', 'gpt-watched')
    const got = await ask('watched')
    expect([got.status, got.receipt.attempts.length]).toEqual([200, 2])
    expect(await healthOf(gateway, ref)).toMatchObject([{ state: 'open', times: 2, since }])
  })
})

describe('the last one there is', () => {
  test('is asked all the same', async () => {
    failAlways(first, 'status=503;retry-after=60', 'gpt-alone')
    await ask('alone')
    first.setFault(undefined)
    const got = await ask('alone')
    expect([got.status, got.headers.get('candor-model')]).toEqual([200, 'first/gpt-alone'])
    expect(await healthOf(gateway, 'first/gpt-alone')).toHaveLength(1)
  })

  test('of several that cool down, the first', async () => {
    first.setFault('status=503;retry-after=60')
    expect((await ask('both')).receipt.attempts).toHaveLength(2)
    first.setFault(undefined)
    const got = await ask('both')
    expect(got.status).toBe(200)
    expect(answeredBy(got.headers)).toMatchObject({ model: 'first/gpt-both-1', attempts: '1', fallback: null })
    expect(got.receipt.passed).toEqual([{ target: 'first/gpt-both-2', reason: 'it cools down after overloaded' }])
  })
})
