import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Sim } from '../../src/sim/start-sim.ts'
import { call, chatClient, eventsIn, noteOf, parse, post } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'
import { answeredBy, failAlways, healthOf, requestsFor } from './route-setup.ts'

/** Used up, and not open again for an hour. */
const USED_UP = `status=429;retry-after=3600;body={"error":{"message":"You've reached your usage limit for this period."}}`

let kimi: Sim
let openai: Sim
let gateway: Gateway

interface Written {
  /** Where the route `moving` leads. */
  readonly moving?: string
  readonly kimiKey?: string
}

const config = ({ moving = 'paid/gpt-4.1', kimiKey }: Written = {}) => ({
  models: {
    providers: {
      'kimi-coding': { ...entryOf(kimi, kimiKey), models: [{ id: 'bounded' }] },
      openai: entryOf(openai),
      paid: {
        ...entryOf(openai),
        billing: 'metered' as const,
        models: [{ id: 'gpt-4.1', price: { input: 1, output: 5_000 } }],
      },
    },
  },
  routes: {
    spared: { targets: ['openai/gpt-spared', 'paid/gpt-4.1'], fallbackOn: ['overloaded' as const] },
    bounded: {
      targets: ['kimi-coding/bounded', 'paid/gpt-4.1'],
      fallbackOn: ['plan_exhausted' as const],
      crossBilling: { maxUsdPerDay: 1.2 },
    },
    moving: { targets: [moving] },
  },
  gateway: { quotaPollMs: 0 },
})

beforeAll(async () => {
  ;[kimi, openai] = await Promise.all([simulate('kimi-coding', { models: ['bounded'] }), simulate('openai')])
  gateway = await startGateway({ config: config() })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([kimi.stop(), openai.stop()])
})

const loadedAt = async () =>
  parse<{ readonly config: { readonly loadedAt: string } }>(await (await gateway.fetch('/readyz')).text()).config
    .loadedAt

/** Writes another configuration and waits until it is in force. */
async function reload(written: Written): Promise<void> {
  const before = await loadedAt()
  gateway.configure(config(written))
  for (;;) if ((await loadedAt()) !== before) return
}

const ask = (name: string) => call(gateway, chatClient, chatClient.body(name, 'hello', { max_tokens: 100 }))

describe('a configuration that is swapped while calls run', () => {
  test('a route that changed holds for the next call, and not for the one that runs', async () => {
    const body = chatClient.body('moving', '[[long 100]] [[pace 5]]', { stream: true })
    const running = await post(gateway, chatClient, body)
    await reload({ moving: 'openai/gpt-4.1' })
    expect(answeredBy((await ask('moving')).headers)).toMatchObject({ model: 'openai/gpt-4.1' })
    const text = await running.text()
    expect(running.headers.get('candor-model')).toBe('paid/gpt-4.1')
    expect(chatClient.streamText(eventsIn(text)).trim().split(' ')).toHaveLength(100)
    expect(text).toMatch(chatClient.ended)
  })

  test('who cools down goes on doing so', async () => {
    failAlways(openai, 'status=503;retry-after=60', 'gpt-spared')
    expect((await ask('spared')).receipt.attempts).toHaveLength(2)
    const [before] = await healthOf(gateway, 'openai/gpt-spared')
    await reload({})
    openai.setFault(undefined)
    const got = await ask('spared')
    expect(answeredBy(got.headers)).toMatchObject({ model: 'paid/gpt-4.1', attempts: '1' })
    expect(requestsFor(openai, 'gpt-spared')).toHaveLength(1)
    const [after] = await healthOf(gateway, 'openai/gpt-spared')
    expect(after).toMatchObject({ state: 'open', until: before?.until ?? 0, since: before?.since ?? 0 })
  })

  test('what is spent of an amount a day stays spent', async () => {
    failAlways(kimi, USED_UP, 'bounded')
    for (;;) if ((await ask('bounded')).status !== 200) break
    await reload({ moving: 'openai/gpt-4.1-mini' })
    const got = await ask('bounded')
    expect([got.status, noteOf(got.json()).code]).toEqual([429, 'plan_exhausted'])
    expect(got.receipt.passed.map(({ reason }) => reason).join()).toContain('a day of crossBilling')
  })

  test('a key that was exchanged is given another chance at once', async () => {
    failAlways(kimi, 'status=401', 'bounded')
    expect(noteOf((await ask('kimi-coding/bounded')).json()).code).toBe('invalid_key')
    kimi.setFault(undefined)
    await reload({ kimiKey: 'sk-kimi-another-one-0123456789' })
    expect(await healthOf(gateway, 'kimi-coding/bounded')).toMatchObject([{ state: 'closed', times: 0 }])
    expect(answeredBy((await ask('bounded')).headers)).toMatchObject({ model: 'kimi-coding/bounded', fallback: null })
  })
})
