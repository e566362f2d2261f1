import { describe, expect, test } from 'bun:test'
import { fromUsd } from '../../src/base/money.ts'
import { crossingSum, dayOf } from '../../src/pipeline/lane-fence.ts'
import { type Asked, openScriptedHouse } from './scripted-house.ts'
import type { Reply } from './scripted-network.ts'

/** Ten cents for a hundred tokens. */
const PRICE = { input: 1_000, output: 1_000 }
const OVERLOADED: Reply = { type: 'refusal', status: 503 }
/** Its answer has been told to cost five cents. */
const FIVE_CENTS: Reply = { type: 'answer', usage: { input: 0, output: 50 } }

const server = (host: string, billing: string, priced = true) => ({
  baseUrl: `https://${host}.test/v1`,
  api: 'openai-completions',
  billing,
  apiKey: `sk-${host}`,
  models: [{ id: 'm', ...(priced ? { price: PRICE } : {}) }],
})

interface Crossing {
  readonly crossBilling: boolean | { readonly maxUsdPerDay: number }
  readonly targets?: readonly string[]
  readonly priced?: boolean
  readonly retryMax?: number
  /** What the providers do, by the name of the host, one reply after the other; the last one again and again. */
  readonly replies: Readonly<Record<string, readonly Reply[]>>
}

async function open({ crossBilling, targets = ['plan/m', 'paid/m'], priced = true, retryMax = 0, replies }: Crossing) {
  const asked = new Map<string, number>()
  return await openScriptedHouse({
    config: {
      models: {
        providers: {
          plan: server('plan', 'plan'),
          paid: server('paid', 'metered', priced),
          dear: server('dear', 'metered'),
          own: server('own', 'local'),
        },
      },
      routes: { r: { targets, fallbackOn: ['overloaded', 'timeout', 'stream_truncated'], crossBilling } },
      gateway: { retry: { max: retryMax, baseMs: 1 }, timeouts: { firstByteMs: 1_000 } },
    },
    script({ origin }) {
      const host = origin.replace(/^https:\/\/|\.test$/g, '')
      const times = asked.get(host) ?? 0
      asked.set(host, times + 1)
      const all = replies[host] ?? []
      return all[Math.min(times, all.length - 1)] ?? OVERLOADED
    },
  })
}

type Opened = Awaited<ReturnType<typeof open>>

const spentOf = ({ house, clock }: Opened) => house.counters.sum(crossingSum('r', dayOf(clock.now()).number))
const hosts = ({ sent }: Opened) => sent.map(({ origin }) => origin.replace(/^https:\/\/|\.test$/g, ''))
const ASKED: Asked = { model: 'r' }
const CENT = fromUsd(0.01)

/** What is reserved for a call: a hundred tokens of output and the estimate of the question. */
async function reserved(): Promise<number> {
  const at = await open({ crossBilling: { maxUsdPerDay: 5 }, replies: { paid: [{ type: 'answer' }] } })
  try {
    await at.ask(ASKED)
    return await spentOf(at)
  } finally {
    at.close()
  }
}

describe('leaving the lane of the first target', () => {
  test.each([
    { about: 'is closed without crossBilling', crossBilling: false, asked: ['plan'], status: 503, told: null },
    { about: 'is open with it', crossBilling: true, asked: ['plan', 'paid'], status: 200, told: 'metered' },
    {
      about: 'is open while the amount lasts',
      crossBilling: { maxUsdPerDay: 5 },
      asked: ['plan', 'paid'],
      status: 200,
      told: 'metered',
    },
    { about: 'is closed above it', crossBilling: { maxUsdPerDay: 0.05 }, asked: ['plan'], status: 503, told: null },
    {
      about: 'is closed up to an amount where a price is not known',
      crossBilling: { maxUsdPerDay: 5 },
      priced: false,
      asked: ['plan'],
      status: 503,
      told: null,
    },
    {
      about: 'is open where nothing is limited and a price is not known',
      crossBilling: true,
      priced: false,
      asked: ['plan', 'paid'],
      status: 200,
      told: 'metered',
    },
  ])('$about', async ({ about: _, asked, status, told, ...crossing }) => {
    const at = await open({ ...crossing, replies: { plan: [OVERLOADED], paid: [FIVE_CENTS] } })
    const got = await at.ask(ASKED)
    at.close()
    expect(hosts(at)).toEqual([...asked])
    expect(got.status).toBe(status)
    expect(got.headers.get('candor-fallback')).toBe(told === null ? null : 'from=plan/m; reason=overloaded')
    expect(got.headers.get('candor-billing')).toBe(told ?? 'plan')
    expect(got.receipt.passed.map(({ target }) => target)).toEqual(asked.length === 1 ? ['paid/m'] : [])
  })

  test('says how much of the amount is used', async () => {
    const at = await open({ crossBilling: { maxUsdPerDay: 0.12 }, replies: { paid: [FIVE_CENTS] } })
    await at.ask(ASKED)
    const { receipt } = await at.ask(ASKED)
    at.close()
    // The plan cools down, and is asked all the same since nobody else may be.
    expect(hosts(at)).toEqual(['plan', 'paid', 'plan'])
    expect(receipt.passed.at(-1)?.reason).toContain('of the $0.12 a day of crossBilling $0.05 are used')
  })
})

interface Settling {
  readonly about: string
  readonly replies: Crossing['replies']
  readonly targets?: readonly string[]
  readonly retryMax?: number
  /** Of what is reserved for one request, and in cents beside it. */
  readonly requests: number
  readonly cents: number
}

const SETTLED: readonly Settling[] = [
  { about: 'told usage takes the place of the reservation', replies: { paid: [FIVE_CENTS] }, requests: 0, cents: 5 },
  { about: 'unknown usage keeps it', replies: { paid: [{ type: 'answer' }] }, requests: 1, cents: 0 },
  { about: 'an answer cut off keeps it', replies: { paid: [{ type: 'cut', behind: 'head' }] }, requests: 1, cents: 0 },
  { about: 'a silent provider keeps it', replies: { paid: [{ type: 'silent' }] }, requests: 1, cents: 0 },
  { about: 'a refusal gives it back', replies: { paid: [OVERLOADED] }, requests: 0, cents: 0 },
  {
    about: 'a provider that was never reached gives it back',
    replies: { paid: [{ type: 'unreachable' }] },
    requests: 0,
    cents: 0,
  },
  {
    about: 'another lane answered after all, and this one had refused',
    targets: ['plan/m', 'paid/m', 'own/m'],
    replies: { paid: [OVERLOADED], own: [FIVE_CENTS] },
    requests: 0,
    cents: 0,
  },
  {
    about: 'another lane answered after all, and this one may have worked',
    targets: ['plan/m', 'paid/m', 'own/m'],
    replies: { paid: [{ type: 'silent' }], own: [FIVE_CENTS] },
    requests: 1,
    cents: 0,
  },
  {
    about: 'a second one in this lane answered, and the first may have worked',
    targets: ['plan/m', 'paid/m', 'dear/m'],
    replies: { paid: [{ type: 'silent' }], dear: [FIVE_CENTS] },
    requests: 1,
    cents: 5,
  },
  {
    about: 'a retry answered, and the first request may have been carried out',
    retryMax: 1,
    replies: { paid: [{ type: 'cut', behind: 'head' }, FIVE_CENTS] },
    requests: 1,
    cents: 5,
  },
]

describe("the day's sum", () => {
  test.each([...SETTLED])('$about', async ({ requests, cents, about: _, ...rest }) => {
    const one = await reserved()
    const at = await open({ crossBilling: { maxUsdPerDay: 5 }, ...rest })
    await at.ask(ASKED)
    at.close()
    expect(await spentOf(at)).toBe(requests * one + cents * CENT)
  })

  test('begins anew with the day', async () => {
    const at = await open({ crossBilling: { maxUsdPerDay: 0.12 }, replies: { paid: [FIVE_CENTS] } })
    await at.ask(ASKED)
    at.clock.advance(86_400_000)
    await at.ask(ASKED)
    at.close()
    expect(hosts(at)).toEqual(['plan', 'paid', 'plan', 'paid'])
  })

  test('bars a further request where the first may have been carried out and the amount has no room for two', async () => {
    const at = await open({
      crossBilling: { maxUsdPerDay: 0.15 },
      retryMax: 2,
      replies: { paid: [{ type: 'silent' }] },
    })
    const { receipt } = await at.ask(ASKED)
    at.close()
    expect(hosts(at).filter(host => host === 'paid')).toHaveLength(1)
    expect(receipt.passed.at(-1)?.reason).toStartWith('no further attempt: its lane is')
  })

  test('holds for calls that run side by side', async () => {
    const at = await open({ crossBilling: { maxUsdPerDay: 0.35 }, replies: { paid: [FIVE_CENTS] } })
    const got = await at.askAll(Array.from({ length: 10 }, () => ASKED))
    at.close()
    expect(got.filter(({ status }) => status === 200)).toHaveLength(3)
    expect(await spentOf(at)).toBe(15 * CENT)
  })
})

test('a model that is called by its name never leaves its lane', async () => {
  const at = await openScriptedHouse({
    config: {
      models: {
        providers: {
          mixed: {
            baseUrl: 'https://mixed.test/v1',
            api: 'openai-completions',
            apiKeys: [
              { name: 'plan', key: 'sk-plan', billing: 'plan' },
              { name: 'paid', key: 'sk-paid', billing: 'metered' },
            ],
          },
        },
      },
    },
    script: () => OVERLOADED,
  })
  const calls = [await at.ask({ model: 'mixed/m' }), await at.ask({ model: 'mixed/m' })]
  at.close()
  expect(at.sent.map(({ key }) => key)).toEqual(['sk-plan', 'sk-plan'])
  expect(calls.map(({ receipt }) => receipt.problem?.code)).toEqual(['overloaded', 'overloaded'])
})
