import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { USAGE_GROUPS, type UsageRow } from '../../src/ledger/usage.ts'
import { usageOf } from '../../src/ledger/usage-reads.ts'
import { manualClock } from './manual-clock.ts'
import { receipt } from './receipts.ts'
import { testLedger } from './test-ledger.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const NOON = Date.UTC(2026, 10, 20, 12)
const hourOf = (at: number) => at - (at % HOUR_MS)

const someCalls = fc.array(
  fc
    .record({
      at: fc.integer({ min: NOON - 2 * DAY_MS, max: NOON }),
      client: fc.constantFrom('claude-cli/1.0.3', 'curl/8.5.0', ''),
      servedModel: fc.constantFrom('kimi-coding/k2p5', 'openai/gpt-9'),
      ending: fc.constantFrom('complete', 'failed'),
    })
    .map(call => receipt(call)),
  { maxLength: 25 },
)

/** The rows of all slots as one, in the order of a question without slots. */
function together(rows: readonly UsageRow[], by: string | undefined): Record<string, number> {
  const calls: Record<string, number> = {}
  for (const { group, calls: own } of rows) calls[group] = (calls[group] ?? 0) + own
  return by === undefined && rows.length === 0 ? {} : calls
}

const callsIn = (calls: readonly Receipt[]) =>
  Object.fromEntries([...Map.groupBy(calls, ({ at }) => hourOf(at))].map(([hour, own]) => [hour, own.length]))

describe('usage told apart by time', () => {
  test('is the same whether calls are written, waiting, or partly each', async () => {
    const law = fc.asyncProperty(
      someCalls,
      fc.constantFrom(...USAGE_GROUPS, undefined),
      fc.nat(25),
      async (calls, by, written) => {
        await using it = testLedger(manualClock(NOON))
        for (const call of calls.slice(0, written)) it.store.settle(call)
        await it.store.flush()
        for (const call of calls.slice(written)) it.store.settle(call)
        const found = await it.store.usage({ by, slotOf: hourOf })
        expect(found).toEqual({ rows: usageOf(calls, { by, slotOf: hourOf }) })
        const whole = await it.store.usage({ by })
        expect(together(found.rows, by)).toEqual(together(whole.rows, by))
      },
    )
    await fc.assert(law, { numRuns: 60 })
  })

  test('puts every call into the slot of its own quarter of an hour, in the order of time', async () => {
    const law = fc.asyncProperty(someCalls, async calls => {
      await using it = testLedger(manualClock(NOON))
      for (const call of calls) it.store.settle(call)
      await it.store.flush()
      const { rows } = await it.store.usage({ slotOf: hourOf })
      const slots = rows.map(({ slot }) => slot ?? 0)
      expect(slots).toEqual(slots.toSorted((a, b) => a - b))
      expect(Object.fromEntries(rows.map(({ slot, calls: own }) => [slot, own]))).toEqual(callsIn(calls))
    })
    await fc.assert(law, { numRuns: 40 })
  })

  test('of days of which only the sums are kept, stands at noon in UTC and says so', async () => {
    await using it = testLedger(manualClock(NOON))
    for (const call of [receipt({ at: NOON - DAY_MS - 3 * HOUR_MS }), receipt({ at: NOON - 1 })]) it.store.settle(call)
    await it.store.flush()
    it.second.run(`INSERT INTO usage_days SELECT date(at / 1000, 'unixepoch'), '', client, '', provider, served_model, billing,
      count(*), 0, 0, 0, sum(input_tokens), 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM calls WHERE at < ${NOON - DAY_MS} GROUP BY 1`)
    it.second.run(`DELETE FROM calls WHERE at < ${NOON - DAY_MS}`)
    const { rows } = await it.store.usage({ slotOf: hourOf })
    expect(rows.map(({ slot, calls, dayOnly }) => ({ slot, calls, dayOnly }))).toEqual([
      { slot: NOON - DAY_MS, calls: 1, dayOnly: 1 },
      { slot: hourOf(NOON - 1), calls: 1, dayOnly: undefined },
    ])
  })
})
