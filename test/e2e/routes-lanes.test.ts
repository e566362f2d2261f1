import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Client, call, chatClient, messagesClient, noteOf } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'
import { answeredBy, failAlways, requestsFor } from './route-setup.ts'

const PAID = 'paid/gpt-4.1'
/** US dollars per million tokens, so dear that a call of {@link TOKENS} may cost half a dollar. */
const PRICE = { input: 1, output: 5_000 }
const TOKENS = 100
const MOST_USD = 1.2
const NANO = 1_000_000_000
/** How Kimi says that five hours are used up, and when they are over. */
const USED_UP = `status=429;retry-after=3600;body={"error":{"message":"You've reached your usage limit for this period."}}`

const ROUTES = ['fenced', 'open', 'bounded', 'crowded', 'unpriced', 'unnamed'] as const

let kimi: Sim
let paid: Sim
let gateway: Gateway

beforeAll(async () => {
  ;[kimi, paid] = await Promise.all([simulate('kimi-coding', { models: ROUTES }), simulate('openai')])
  const to = (route: string, rest: object) => ({
    targets: [`kimi-coding/${route}`, route === 'unpriced' ? 'paid/gpt-nobody-knows' : PAID],
    fallbackOn: ['plan_exhausted' as const],
    ...rest,
  })
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          'kimi-coding': { ...entryOf(kimi), models: ROUTES.map(id => ({ id })) },
          paid: { ...entryOf(paid), billing: 'metered', models: [{ id: 'gpt-4.1', price: PRICE }] },
        },
      },
      routes: {
        fenced: to('fenced', { crossBilling: false }),
        open: to('open', { crossBilling: true }),
        bounded: to('bounded', { crossBilling: { maxUsdPerDay: MOST_USD } }),
        crowded: to('crowded', { crossBilling: { maxUsdPerDay: MOST_USD } }),
        unpriced: to('unpriced', { crossBilling: { maxUsdPerDay: MOST_USD } }),
        unnamed: to('unnamed', { crossBilling: true, fallbackOn: ['overloaded'] }),
      },
      gateway: { quotaPollMs: 0 },
    },
  })
})
afterEach(() => {
  kimi.setFault(undefined)
  paid.clear()
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([kimi.stop(), paid.stop()])
})

const ask = (route: string, client: Client = chatClient) =>
  call(gateway, client, client.body(route, 'hello', client.limit(TOKENS)))

type Got = Awaited<ReturnType<typeof ask>>

/** The plan's problem is told, and the other purse was not touched. */
function expectStopped(got: Got, route: string, reason: RegExp) {
  expect([got.status, noteOf(got.json()).code]).toEqual([429, 'plan_exhausted'])
  expect(answeredBy(got.headers)).toMatchObject({ model: `kimi-coding/${route}`, fallback: null, billing: 'plan' })
  const [passed] = got.receipt.passed.filter(({ target }) => target?.startsWith('paid/'))
  expect(passed?.reason).toMatch(reason)
  expect(got.receipt.cost.type).toBe('plan')
}

function expectCrossed(got: Got, route: string) {
  expect(got.status).toBe(200)
  expect(answeredBy(got.headers)).toMatchObject({
    model: PAID,
    fallback: `from=kimi-coding/${route}; reason=plan_exhausted`,
    billing: 'metered',
  })
  expect(got.receipt).toMatchObject({ billing: 'metered', cost: { type: 'metered' } })
}

const spentBy = ({ receipt: { cost } }: Got) => (cost.type === 'metered' ? cost.nanoUsd : 0)

describe.each([chatClient, messagesClient])('a plan that is used up, $protocol', client => {
  test('stops at the fence of a route that does not cross', async () => {
    failAlways(kimi, USED_UP, 'fenced')
    const got = await ask('fenced', client)
    expectStopped(got, 'fenced', /^its lane is "metered", and the route is "plan": the route has no crossBilling$/)
    expect(paid.requests()).toEqual([])
  })

  test('goes on with a route that does, and every answer says so', async () => {
    failAlways(kimi, USED_UP, 'open')
    for (const times of [1, 2]) {
      expectCrossed(await ask('open', client), 'open')
      expect(requestsFor(paid, 'gpt-4.1')).toHaveLength(times)
    }
  })

  test('stops where the route does not name it, with the time at which it opens again', async () => {
    failAlways(kimi, USED_UP, 'unnamed')
    const before = Date.now()
    const got = await ask('unnamed', client)
    expectStopped(got, 'unnamed', /^the route does not fall back on plan_exhausted$/)
    const { resets_at = '', fix, what } = noteOf(got.json())
    const resetsAt = Date.parse(resets_at)
    expect(resetsAt).toBeGreaterThanOrEqual(before + 3_599_000)
    expect(resetsAt).toBeLessThanOrEqual(Date.now() + 3_601_000)
    expect(what).toMatch(/opens again at \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
    expect(fix.join(' ')).toContain('add "plan_exhausted" to its fallbackOn')
    expect(paid.requests()).toEqual([])
  })

  test('a plan that serves costs nothing beside it', async () => {
    const got = await ask('kimi-coding/fenced', client)
    expect(answeredBy(got.headers)).toMatchObject({ model: 'kimi-coding/fenced', fallback: null, billing: 'plan' })
    expect(paid.requests()).toEqual([])
  })
})

describe('an amount a day', () => {
  test('lets through what fits, and says what stops the rest', async () => {
    failAlways(kimi, USED_UP, 'bounded')
    const crossed: Got[] = []
    let last = await ask('bounded')
    for (; last.status === 200 && crossed.length < 50; last = await ask('bounded')) crossed.push(last)
    expect(crossed.length).toBeGreaterThan(1)
    for (const got of crossed) expectCrossed(got, 'bounded')
    expectStopped(
      last,
      'bounded',
      /of the \$1\.20 a day of crossBilling \$[01]\.\d+ are used, and this call may cost \$0\.5/,
    )
    const spent = crossed.map(spentBy).reduce((sum, each) => sum + each, 0)
    expect(spent).toBeLessThanOrEqual(MOST_USD * NANO)
    // It was not stopped before it had to be: another call of that size would not have fitted.
    expect(spent + (TOKENS * PRICE.output * NANO) / 1e6).toBeGreaterThan((MOST_USD - 0.01) * NANO)
    expect(paid.requests()).toHaveLength(crossed.length)
  })

  test('holds for calls at the same time too', async () => {
    failAlways(kimi, USED_UP, 'crowded')
    const all = await Promise.all(Array.from({ length: 20 }, () => ask('crowded')))
    const crossed = all.filter(({ status }) => status === 200)
    expect(crossed.length).toBeGreaterThanOrEqual(2)
    expect(crossed.map(spentBy).reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(MOST_USD * NANO)
    expect(paid.requests()).toHaveLength(crossed.length)
    for (const got of all.filter(({ status }) => status !== 200)) expectStopped(got, 'crowded', /a day of crossBilling/)
  })

  test('cannot be kept where the price is not known: nothing crosses', async () => {
    failAlways(kimi, USED_UP, 'unpriced')
    expectStopped(await ask('unpriced'), 'unpriced', /what it costs is not known/)
    expect(paid.requests()).toEqual([])
  })
})
