import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { budgetPolicy } from '../../src/policy/budget.ts'
import { chargeOf } from '../../src/policy/charge.ts'
import type { Outcome } from '../../src/policy/policy.ts'
import { restoreBudgets } from '../../src/policy/restore-budgets.ts'
import { memoryCounters } from '../../src/shared/memory-counters.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { facts, gatewayKey, NONE, NOW, UNKNOWN } from './facts.ts'

const MOST = 1_000
const SUM = 'budget:key_1:usd:day:2026-11-23'
const key = gatewayKey({ budgets: [{ period: 'day', unit: 'usd', most: MOST, kind: 'hard' }] })

/** A call begins, or one of those that run ends. */
const steps = fc.array(
  fc.oneof(
    fc.record({ begin: fc.integer({ min: 0, max: 400 }) }),
    fc.record({
      end: fc.nat({ max: 20 }),
      used: fc.constantFrom('known' as const, 'known' as const, 'unknown' as const, 'none' as const),
      /** What it really cost, of its estimate. */
      share: fc.double({ min: 0, max: 2.5, noNaN: true }),
    }),
  ),
  { minLength: 20, maxLength: 120, size: 'max' },
)

interface Running {
  readonly estimate: number
  settle(outcome: Outcome): void
}

function outcomeOf(used: Outcome['used'], costNanoUsd: number): Outcome {
  if (used !== 'known') return used === 'none' ? NONE : UNKNOWN
  return { ending: 'complete', used, usage: { input: 1, output: 1 }, costNanoUsd }
}

/** Plays the steps; `look` sees the sum after each, with what the calls running at the last admission have used beyond their estimates since. */
async function play(
  given: typeof steps extends fc.Arbitrary<infer T> ? T : never,
  shareMax: number,
  look: (sum: number, beyond: number) => void,
) {
  const clock = manualClock(NOW)
  const counters = memoryCounters(clock)
  const policy = budgetPolicy({ counters, clock })
  const running: Running[] = []
  let [beyond, charged] = [0, 0]
  for (const step of given) {
    if ('begin' in step) {
      const admission = await policy.admit(facts({ key, estimated: { nanoUsd: step.begin } }))
      if (admission.admit) {
        running.push({ estimate: step.begin, settle: outcome => admission.settle(outcome) })
        beyond = 0
      }
    } else {
      const [call] = running.splice(step.end % Math.max(1, running.length), 1)
      if (call === undefined) continue
      const cost = Math.round(call.estimate * Math.min(step.share, shareMax))
      const outcome = outcomeOf(step.used, cost)
      call.settle(outcome)
      if (step.used === 'known') beyond += Math.max(0, cost - call.estimate)
      charged += chargeOf(outcome, () => ({ inputTokens: 100, outputTokens: 50, nanoUsd: call.estimate })).nanoUsd
    }
    look(await counters.sum(SUM), beyond)
  }
  return { sum: await counters.sum(SUM), charged, reserved: running.reduce((all, { estimate }) => all + estimate, 0) }
}

describe('a hard budget under concurrent calls', () => {
  test('is overshot by no more than the running calls used beyond their estimates', async () => {
    let overshot = 0
    const law = fc.asyncProperty(steps, async given => {
      await play(given, 2.5, (sum, beyond) => {
        expect(sum).toBeLessThanOrEqual(MOST + beyond)
        if (sum > MOST) overshot += 1
      })
    })
    await fc.assert(law, { numRuns: 200 })
    expect(overshot).toBeGreaterThan(0)
  })

  test('is never overshot where estimates are upper bounds', async () => {
    const law = fc.asyncProperty(steps, async given => {
      await play(given, 1, sum => expect(sum).toBeLessThanOrEqual(MOST))
    })
    await fc.assert(law, { numRuns: 200 })
  })

  test('has a sum that is what ended calls are charged and running ones have reserved, always', async () => {
    const law = fc.asyncProperty(steps, async given => {
      const { sum, charged, reserved } = await play(given, 2.5, () => {})
      expect(sum).toBe(charged + reserved)
    })
    await fc.assert(law, { numRuns: 100 })
  })

  test('lets one of a hundred simultaneous calls through where there is money for one', async () => {
    const clock = manualClock(NOW)
    const policy = budgetPolicy({ counters: memoryCounters(clock), clock })
    const all = await Promise.all(
      Array.from({ length: 100 }, () => policy.admit(facts({ key, estimated: { nanoUsd: 600 } }))),
    )
    expect(all.filter(({ admit }) => admit)).toHaveLength(1)
  })
})

describe('restored budgets', () => {
  test('go on where the ledger says they stood, each over its own period', async () => {
    const clock = manualClock(NOW)
    const counters = memoryCounters(clock)
    const spender = gatewayKey({
      budgets: [
        { period: 'day', unit: 'usd', most: MOST, kind: 'hard' },
        { period: 'week', unit: 'tokens', most: MOST, kind: 'soft' },
        { period: 'total', unit: 'tokens', most: MOST, kind: 'soft' },
      ],
    })
    const asked: (number | undefined)[] = []
    const ledger = async (keyId: string, sinceMs: number | undefined) => {
      expect(keyId).toBe('key_1')
      asked.push(sinceMs)
      return { nanoUsd: 900, tokens: sinceMs === undefined ? 7_000 : 70 }
    }
    await restoreBudgets([spender, gatewayKey({ id: 'key_2' })], ledger, counters, clock)
    const monday = Date.UTC(2026, 10, 23)
    expect(asked).toEqual([monday, monday, undefined])
    expect(await counters.sum('budget:key_1:tokens:week:2026-W48')).toBe(70)
    expect(await counters.sum('budget:key_1:tokens:total:all')).toBe(7_000)
    const policy = budgetPolicy({ counters, clock })
    expect((await policy.admit(facts({ key: spender, estimated: { nanoUsd: 101 } }))).admit).toBe(false)
    expect((await policy.admit(facts({ key: spender, estimated: { nanoUsd: 100 } }))).admit).toBe(true)
  })
})
