import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { randomFrom } from '../fuzz/random.ts'
import { type AnyGateway, anyGateway, configOf, namesOf, replyOf, withSigns } from './any-gateway.ts'
import { brokenLaws, mostUsd, type Went } from './fence-laws.ts'
import { openScriptedHouse } from './scripted-house.ts'

const RUNS = 300
const SEED = Number(process.env['CANDOR_FENCE_SEED'] ?? Date.now() % 1_000_000_007)

/** Runs all calls of a gateway. `built`: what the program is given, where that is not what the laws are read from. */
async function runAll(gateway: AnyGateway, built: AnyGateway = gateway): Promise<Went[]> {
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
      billed.push(reply.type === 'answer' ? mostUsd(reply.usage ?? { input: 0, output: 0 }) : 0)
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
      all.forEach((got, i) => {
        const { id } = got.receipt
        went.push({
          name: called[i] ?? '',
          atMs,
          got,
          sent: at.sent.map((each, k) => ({ ...each, billedUsd: billed[k] ?? 0 })).filter(({ call }) => call === id),
          receipts: at.receipts.filter(each => each.id === id).length,
        })
      })
    }
  } finally {
    at.close()
  }
  return went
}

test(`no lane is crossed that the configuration does not open, whatever fails (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(anyGateway, async gateway => {
      expect(brokenLaws(gateway, await runAll(gateway))).toEqual([])
    }),
    { numRuns: RUNS, seed: SEED },
  )
}, 240_000)
