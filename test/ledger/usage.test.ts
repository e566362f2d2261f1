import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { openLedgerReader } from '../../src/ledger/open.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { USAGE_GROUPS, type UsageQuery } from '../../src/ledger/usage.ts'
import { localDay } from '../../src/ledger/usage-measures.ts'
import { usageOf } from '../../src/ledger/usage-reads.ts'
import { manualClock } from './manual-clock.ts'
import { admission, receipt } from './receipts.ts'
import { nextTurn, testLedger } from './test-ledger.ts'

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
/** Noon in UTC, so that no time zone's day ends close to it. */
const NOON = Date.UTC(2026, 10, 20, 12)

/** A clock that goes on for days without going through their hours, and then for one hour, in which the retention has its turn. */
function jumpingClock() {
  const clock = manualClock(NOON)
  let jumped = 0
  return {
    ...clock,
    now: () => clock.now() + jumped,
    jump(ms: number) {
      jumped += ms - HOUR_MS
      clock.advance(HOUR_MS)
    },
  }
}

function younger(calls: readonly Receipt[], days: number): number {
  return calls.filter(({ at }) => at >= NOON - days * DAY_MS).length
}

const costs: fc.Arbitrary<Partial<Receipt>> = fc.oneof(
  fc.record({
    billing: fc.constant('metered'),
    cost: fc.record({ type: fc.constant('metered' as const), nanoUsd: fc.nat(9e12), source: fc.constant('list') }),
  }),
  fc.constant({ billing: 'metered', cost: { type: 'unknown', reason: 'no price' } } as const),
  fc.constantFrom<Partial<Receipt>>(
    { billing: 'plan', cost: { type: 'plan' } },
    { billing: 'local', cost: { type: 'local' } },
    { billing: 'free', cost: { type: 'free' } },
    { billing: 'plan', cost: { type: 'none' } },
  ),
)
const bucket = fc.nat(1e6)
const usages = fc.record(
  { input: bucket, cacheRead: bucket, cacheWrite: bucket, output: bucket, reasoning: bucket },
  { requiredKeys: [] },
)
const optional = fc.record(
  {
    usage: usages,
    route: fc.constant('coder'),
    fallback: fc.constant({ from: 'moonshot/k2', reason: 'overloaded' } as const),
    key: fc.constantFrom({ id: 'key_a', name: 'ann' }, { id: 'key_b', name: 'bob' }),
    cache: fc.constantFrom('hit' as const, 'miss' as const),
    charged: fc.record({ nanoUsd: fc.nat(9e12), tokens: fc.nat(1e6), estimated: fc.boolean() }),
  },
  { requiredKeys: [] },
)

/** Calls of three days, one with the same client in two versions. */
const someCalls = fc.array(
  fc
    .tuple(
      costs,
      optional,
      fc.record({
        at: fc.integer({ min: NOON - 3 * DAY_MS, max: NOON }),
        ending: fc.constantFrom('complete', 'failed', 'truncated', 'abandoned', 'interrupted'),
        client: fc.constantFrom('claude-cli/1.0.3 (external)', 'claude-cli/1.1.0', 'curl/8.5.0', ''),
        servedModel: fc.constantFrom('kimi-coding/k2p5', 'openai/gpt-9', undefined),
      }),
    )
    .map(([cost, rest, { servedModel, ...call }]) => {
      const { servedModel: _, usage: __, ...base } = receipt({ ...call, ...cost, ...rest })
      return {
        ...base,
        ...(servedModel === undefined ? {} : { servedModel }),
        ...(rest.usage === undefined ? {} : { usage: rest.usage }),
      } satisfies Receipt
    }),
  { maxLength: 25 },
)

const queries: fc.Arbitrary<UsageQuery> = fc.record(
  {
    by: fc.constantFrom(...USAGE_GROUPS),
    keyId: fc.constantFrom('key_a', 'key_c'),
    route: fc.constantFrom('coder', 'other'),
    billing: fc.constantFrom('plan', 'metered'),
    since: fc.integer({ min: NOON - 3 * DAY_MS, max: NOON }),
    until: fc.integer({ min: NOON - 3 * DAY_MS, max: NOON }),
  },
  { requiredKeys: [] },
)

describe('usage', () => {
  test('is the same whether calls are written, waiting, or partly each, and for every question', async () => {
    const law = fc.asyncProperty(someCalls, queries, fc.nat(25), async (calls, query, written) => {
      await using it = testLedger(manualClock(NOON))
      for (const call of calls.slice(0, written)) it.store.settle(call)
      await it.store.flush()
      it.store.admit(admission({ at: NOON - DAY_MS }))
      for (const call of calls.slice(written)) it.store.settle(call)
      expect(await it.store.usage(query)).toEqual({ rows: usageOf(calls, query) })
    })
    await fc.assert(law, { numRuns: 60 })
  }, 30_000)

  test('stays the same when the receipts are gone, and so does what is charged', async () => {
    const law = fc.asyncProperty(someCalls, fc.constantFrom(...USAGE_GROUPS, undefined), async (calls, by) => {
      const clock = jumpingClock()
      await using it = testLedger(clock)
      for (const call of calls) it.store.settle(call)
      await it.store.flush()
      const sums = async () => ({
        all: await it.store.usage({}),
        grouped: by === 'day' ? undefined : await it.store.usage({ by }),
        charged: await it.store.charged('key_a', undefined),
        route: await it.store.usage({ route: 'coder', billing: 'metered' }),
      })
      const before = await sums()
      clock.jump(88.5 * DAY_MS)
      expect(it.endings().length).toBeGreaterThanOrEqual(younger(calls, 1.4))
      expect(it.endings().length).toBeLessThanOrEqual(younger(calls, 1.6))
      expect(await sums()).toEqual(before)
      clock.jump(4 * DAY_MS)
      expect(it.endings()).toEqual([])
      expect(await sums()).toEqual(before)
      if (by !== 'day') return
      const days = new Set(calls.map(({ at }) => new Date(at).toISOString().slice(0, 10)))
      expect((await it.store.usage({ by })).rows.map(({ group }) => group)).toEqual([...days].toSorted())
    })
    await fc.assert(law, { numRuns: 40 })
  }, 30_000)

  test('counts a call once while it is written, and once if it is told twice', async () => {
    await using it = testLedger(manualClock(NOON))
    const call = receipt({ at: NOON - DAY_MS })
    it.store.admit(call)
    expect((await it.store.usage({})).rows).toEqual([])
    await it.store.settle(call)
    it.store.settle(call)
    expect((await it.store.usage({})).rows).toMatchObject([{ calls: 1, tokens: { input: 12, output: 34 } }])
    await nextTurn()
    expect((await it.store.usage({})).rows).toMatchObject([{ calls: 1 }])
  })

  test('sees the calls as they were when it was asked, over many slices', async () => {
    await using it = testLedger(manualClock(NOON))
    const calls = Array.from({ length: 12_000 }, (_, n) => receipt({ at: NOON - DAY_MS + Math.floor(n / 3) }))
    for (const call of calls.slice(0, 9_900)) it.store.settle(call)
    await it.store.flush()
    for (const call of calls.slice(9_900)) it.store.settle(call)
    const asked = it.store.usage({})
    await it.store.flush()
    for (let n = 0; n < 50; n += 1) it.store.settle(receipt({ at: NOON - n }))
    expect((await asked).rows).toMatchObject([{ calls: 12_000, lanes: { plan: 12_000 } }])
    await it.store.flush()
    expect((await it.store.usage({})).rows).toMatchObject([{ calls: 12_050 }])
  })

  test('by day is by the days of this time zone', async () => {
    await using it = testLedger(manualClock(NOON))
    const midnight = new Date(2026, 10, 20).getTime()
    for (const at of [midnight - 1, midnight, midnight + 1]) await it.store.settle(receipt({ at }))
    const { rows } = await it.store.usage({ by: 'day' })
    expect(rows.map(({ group, calls }) => [group, calls])).toEqual([
      [localDay(midnight - 1), 1],
      ['2026-11-20', 2],
    ])
  })

  const table: readonly { readonly name: string; readonly call: Partial<Receipt>; readonly sums: object }[] = [
    {
      name: 'a price nobody knows is no cost of zero',
      call: { billing: 'metered', cost: { type: 'unknown', reason: 'no price' } },
      sums: { unpriced: 1, usageUnknown: 0, costNanoUsd: 0, lanes: { metered: 1 } },
    },
    {
      name: 'usage nobody told is counted',
      call: { billing: 'metered', cost: { type: 'unknown', reason: 'the provider told no usage' }, usage: {} },
      sums: { unpriced: 1, usageUnknown: 1 },
    },
    {
      name: 'a plan that told no usage has no unknown price',
      call: { usage: {} },
      sums: { unpriced: 0, usageUnknown: 1, lanes: { plan: 1 } },
    },
    {
      name: 'a call that failed used nothing',
      call: { ending: 'failed', cost: { type: 'none' }, usage: {} },
      sums: { failed: 1, unpriced: 0, usageUnknown: 0 },
    },
    {
      name: 'what was told of an answer that was cut off counts, and as not all',
      call: {
        ending: 'truncated',
        billing: 'metered',
        cost: { type: 'unknown', reason: 'cut off', atLeastNanoUsd: 7 },
      },
      sums: { unpriced: 1, usageUnknown: 1, costNanoUsd: 7 },
    },
    {
      name: 'an answer that failed after it had begun used what it told, and maybe more',
      call: { ending: 'failed', billing: 'metered', cost: { type: 'unknown', reason: 'cut off', atLeastNanoUsd: 7 } },
      sums: { failed: 1, unpriced: 1, usageUnknown: 1, costNanoUsd: 7 },
    },
    { name: 'a client that left is no failure', call: { ending: 'abandoned' }, sums: { failed: 0, calls: 1 } },
    { name: 'an answer from the cache', call: { cache: 'hit' }, sums: { cacheHits: 1 } },
    { name: 'a cache asked in vain', call: { cache: 'miss' }, sums: { cacheHits: 0 } },
    {
      name: 'a fallback',
      call: { fallback: { from: 'kimi-coding/k2p5', reason: 'plan_exhausted' } },
      sums: { fallbacks: 1 },
    },
  ]

  test.each([...table])('$name', async ({ call, sums }) => {
    await using it = testLedger(manualClock(NOON))
    await it.store.settle(receipt({ at: NOON, ...call }))
    expect((await it.store.usage({})).rows).toMatchObject([sums])
  })
})

describe('what a key is charged', () => {
  const charge = (nanoUsd: number, tokens: number) => ({ nanoUsd, tokens, estimated: false })
  const key = { id: 'key_a', name: 'ann' }

  test('is summed from a time on, also beyond the receipts, and only for this key', async () => {
    const clock = jumpingClock()
    await using it = testLedger(clock)
    await it.store.settle(receipt({ at: NOON - 2 * DAY_MS, key, charged: charge(1_000, 10) }))
    await it.store.settle(receipt({ at: NOON - DAY_MS, key, charged: charge(200, 5) }))
    await it.store.settle(receipt({ at: NOON, key: { id: 'key_b', name: 'bob' }, charged: charge(7, 7) }))
    it.store.settle(receipt({ at: NOON, key, charged: charge(30, 1) }))
    const midnight = Date.UTC(2026, 10, 19)
    const sums = async () => [await it.store.charged('key_a', undefined), await it.store.charged('key_a', midnight)]
    const expected = [
      { nanoUsd: 1_230, tokens: 16 },
      { nanoUsd: 230, tokens: 6 },
    ]
    expect(await sums()).toEqual(expected)
    await it.store.flush()
    expect(await sums()).toEqual(expected)
    clock.jump(89.5 * DAY_MS)
    expect(it.endings().length).toBe(2)
    expect(await sums()).toEqual(expected)
    clock.jump(9 * DAY_MS)
    expect(it.endings().length).toBe(0)
    expect(await sums()).toEqual(expected)
    expect(await it.store.charged('key_c', undefined)).toEqual({ nanoUsd: 0, tokens: 0 })
  })
})

describe('what cannot be read', () => {
  test('is told beside the sums', async () => {
    await using it = testLedger(manualClock(NOON))
    await it.store.settle(receipt({ at: NOON }))
    await it.store.flush()
    it.second.run('DROP TABLE usage_days')
    expect(await it.store.usage({})).toEqual({ rows: [], fault: expect.stringContaining('usage_days') })
    expect(await it.store.charged('key_a', undefined)).toEqual({
      nanoUsd: 0,
      tokens: 0,
      fault: expect.stringContaining('usage_days'),
    })
  })

  test('a reader says that the file is of an older Candor', async () => {
    await using it = testLedger(manualClock(NOON))
    await it.store.settle(receipt({ at: NOON }))
    it.second.run('PRAGMA user_version = 1')
    const opening = openLedgerReader(it.folder)
    if (!opening.ok) throw new Error(opening.refusal.what)
    expect(await opening.reader.usage({})).toEqual({ rows: [], fault: expect.stringContaining('candor serve') })
    opening.reader.close()
  })
})
