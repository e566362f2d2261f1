import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { randomFrom } from '../fuzz/random.ts'
import { type AnyGateway, anyGateway, configOf, FAILURES, namesOf, replyOf, withSigns } from './any-gateway.ts'
import { brokenLaws, mostUsd, type Went } from './fence-laws.ts'
import { openScriptedHouse } from './scripted-house.ts'
import type { Reply, Sent } from './scripted-network.ts'

const RUNS = 250
/** To run a failure again: CANDOR_FENCE_SEED and the seed that stands in the test's name. */
const SEED = Number(process.env['CANDOR_FENCE_SEED'] ?? Date.now() % 1_000_000_007)

/** Runs all calls of a gateway. `built`: what the program is given, where that is not what the laws are read from. */
async function runAll(gateway: AnyGateway, built: AnyGateway): Promise<Went[]> {
  const random = randomFrom(String(gateway.seed))
  const billed: number[] = []
  let next = 0
  const at = await openScriptedHouse({
    config: configOf(built),
    provider: withSigns,
    random: () => random.int(1_000) / 1_000,
    script(sent) {
      const fate = gateway.fates[next++ % gateway.fates.length] ?? { type: 'lost' }
      const reply = replyOf(fate, sent.maxTokens)
      billed.push(mayBeBilled(reply, sent) ? mostUsd({ input: 3, output: sent.maxTokens }) : 0)
      return reply
    },
  })
  const names = namesOf(gateway)
  const went: Went[] = []
  try {
    for (const { pauseMs, stream, names: picked } of gateway.batches) {
      at.clock.advance(pauseMs)
      const atMs = at.clock.now()
      const called = picked.map(i => names[i % names.length] ?? '')
      const all = await at.askAll(called.map(model => ({ model, stream })))
      const sent = at.sent.map((each, i) => ({ ...each, billedUsd: billed[i] ?? 0 }))
      for (const [i, got] of all.entries()) {
        const { id } = got.receipt
        const own = sent.filter(({ call }) => call === id)
        const receipts = at.receipts.filter(each => each.id === id).length
        went.push({ name: called[i] ?? '', atMs, got, sent: own, receipts })
      }
    }
  } finally {
    at.close()
  }
  return went
}

/** What was sent may have been carried out, whatever became of the answer; a refusal, and a connection that never stood, cost nothing. */
function mayBeBilled({ type }: Reply, { stream }: Sent): boolean {
  if (type === 'error event') return stream
  return type !== 'refusal' && type !== 'unreachable'
}

/** A key is missing, the next one fails and cools down, and is asked again for want of another: for the missing key, not for its own failure. */
const ASKED_AFTER_ALL: AnyGateway = {
  providers: [
    {
      id: 'p1',
      credentials: [
        { name: 'k1', lane: 'plan', priority: 1, weight: 1, present: false },
        { name: 'k2', lane: 'metered', priority: 1, weight: 1, present: true },
        { name: 'k3', lane: 'local', priority: 2, weight: 1, present: true },
      ],
      balance: 'order',
      priced: true,
    },
  ],
  routes: [
    {
      name: 'route-1',
      targets: [{ model: 'p1/m1', priority: undefined, weight: 1 }],
      fallbackOn: ['provider_unavailable'],
      balance: 'order',
      crossBilling: true,
      retryMax: undefined,
      affinity: false,
    },
  ],
  retryMax: 0,
  fates: [{ type: 'unreachable' }],
  batches: Array.from({ length: 4 }, () => ({ pauseMs: 0, stream: false, names: [0] })),
  seed: 0,
}

test(`no lane is crossed that the configuration does not open, whatever fails (seed ${SEED})`, async () => {
  const law = fc.asyncProperty(anyGateway, async gateway => {
    expect(brokenLaws(gateway, await runAll(gateway, gateway))).toEqual([])
  })
  await fc.assert(law, { numRuns: RUNS, seed: SEED, examples: [[ASKED_AFTER_ALL]] })
}, 120_000)

interface Breach {
  readonly about: string
  readonly words: RegExp
  /** The program is built with this, and the laws are those of the original. */
  readonly build: (gateway: AnyGateway) => AnyGateway
}

const routesAs =
  (change: (route: AnyGateway['routes'][number]) => Partial<AnyGateway['routes'][number]>) =>
  (gateway: AnyGateway) => ({
    ...gateway,
    routes: gateway.routes.map(route => ({ ...route, ...change(route) })),
  })

const BREACHES: readonly Breach[] = [
  {
    about: 'a fence that stands open',
    words: /^call .* it was paid from/,
    build: routesAs(() => ({ crossBilling: true })),
  },
  {
    about: 'an amount that is ten times as large',
    words: /are allowed$/,
    build: routesAs(({ crossBilling }) =>
      typeof crossBilling === 'boolean' ? {} : { crossBilling: { maxUsdPerDay: crossBilling.maxUsdPerDay * 10 } },
    ),
  },
  {
    about: 'routes that fall back on anything',
    words: /it went on to/,
    build: routesAs(() => ({ fallbackOn: FAILURES })),
  },
  {
    about: 'one retry too many',
    words: /was asked \d times/,
    build: gateway => ({ ...gateway, retryMax: gateway.retryMax + 1 }),
  },
  {
    about: 'targets in another order',
    words: /answered in its lane, and the fallback told is|that is not told/,
    build: routesAs(({ targets }) => ({ targets: targets.toReversed(), balance: 'order' })),
  },
  {
    about: 'a provider at the address of another',
    words: /was sent to/,
    build: ({ providers, ...rest }) => ({ ...rest, providers: providers.map(each => ({ ...each, host: 'p1.test' })) }),
  },
]

describe('the laws would notice', () => {
  test.each([...BREACHES])(
    '$about',
    async ({ words, build }) => {
      const law = fc.asyncProperty(anyGateway, async gateway => {
        const broken = brokenLaws(gateway, await runAll(gateway, build(gateway)))
        expect(broken.filter(found => words.test(found))).toEqual([])
      })
      const { failed } = await fc.check(law, { numRuns: 400, seed: 7, endOnFailure: true })
      expect(failed).toBe(true)
    },
    60_000,
  )
})
