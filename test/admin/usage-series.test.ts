import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { usageView } from '../../src/admin/usage.ts'
import { bucketStart, bucketsBetween } from '../../src/admin/usage-buckets.ts'
import { usageCsv } from '../../src/admin/usage-csv.ts'
import { type UsageColumns, type UsageSeriesView, usageSeriesView } from '../../src/admin/usage-series.ts'
import { isProblem } from '../../src/canon/problem.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { USAGE_GROUPS } from '../../src/ledger/usage.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { receipt } from '../ledger/receipts.ts'
import { testLedger } from '../ledger/test-ledger.ts'

/** A Friday, in whatever time zone the tests run. */
const NOW = new Date(2026, 10, 20, 12, 30).getTime()
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

async function seriesOf(calls: readonly Receipt[], asked: object, keyId?: string): Promise<UsageSeriesView> {
  await using it = testLedger(manualClock(NOW))
  for (const call of calls) it.store.settle(call)
  await it.store.flush()
  const found = await usageSeriesView(asked, it.store, NOW, keyId)
  if (isProblem(found)) throw new Error(found.what)
  return found
}

const priced = (at: number, nanoUsd: number, rest: Partial<Receipt> = {}) =>
  receipt({
    at,
    billing: 'metered',
    servedModel: 'openai/gpt-9',
    cost: { type: 'metered', nanoUsd, source: 'list' },
    ...rest,
  })

const someCalls = fc.array(
  fc
    .tuple(
      fc.record({
        at: fc.integer({ min: NOW - 10 * DAY_MS, max: NOW }),
        client: fc.integer({ min: 0, max: 30 }).map(n => `client${'abcdefghijklmnopqrstuvwxyzABCDE'[n]}`),
        key: fc.constantFrom({ id: 'key_a', name: 'ann' }, { id: 'key_b', name: 'bob' }),
      }),
      fc.nat(1e9),
      fc.nat(1e4),
    )
    .map(([call, nanoUsd, input]) => priced(call.at, nanoUsd, { ...call, usage: { input, output: 5, reasoning: 1 } })),
  { maxLength: 60 },
)

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** Every measure over all buckets, beside the same of the total. */
function measured({ all, total }: UsageSeriesView) {
  const { tokens } = total
  const expected: Record<keyof UsageColumns, number> = {
    calls: total.calls,
    failed: total.failed,
    tokensIn: tokens.input + tokens.cacheRead + tokens.cacheWrite,
    tokensOut: tokens.output + tokens.reasoning,
    costNanoUsd: total.costNanoUsd,
    unpriced: total.unpriced,
    usageUnknown: total.usageUnknown,
  }
  const found = Object.fromEntries(Object.entries(all).map(([name, values]) => [name, sum(values)]))
  return { found, expected: { ...expected } }
}

describe('usage over time', () => {
  test('adds up to what /candor/usage says, in every column, for every grouping, bucket and key', async () => {
    const law = fc.asyncProperty(
      someCalls,
      fc.constantFrom(...USAGE_GROUPS, undefined),
      fc.constantFrom('hour', 'day'),
      fc.constantFrom('key_a', undefined),
      async (calls, by, bucket, keyId) => {
        await using it = testLedger(manualClock(NOW))
        for (const call of calls) it.store.settle(call)
        await it.store.flush()
        const asked = { since: '2026-11-09', by }
        const series = await usageSeriesView({ ...asked, bucket }, it.store, NOW, keyId)
        const whole = await usageView(asked, it.store, NOW, keyId)
        if (isProblem(series) || isProblem(whole)) throw new Error('not answered')
        const { bucket: _, starts, all: __, lines, object: ___, ...rest } = series
        expect<object>({ ...rest, object: 'usage' }).toEqual(whole)
        const { found, expected } = measured(series)
        expect(found).toEqual(expected)
        for (const line of lines) {
          expect(line.calls).toHaveLength(starts.length)
          expect(sum(line.calls)).toBe(whole.rows.find(({ group }) => group === line.group)?.calls ?? -1)
        }
      },
    )
    await fc.assert(law, { numRuns: 40 })
  })

  test('tells the groups with the most of anything, and no more than that', async () => {
    const many = Array.from({ length: 40 }, (_, n) => priced(NOW - HOUR_MS, 1_000, { client: `many${'x'.repeat(n)}` }))
    const dear = priced(NOW - HOUR_MS, 5e9, { client: 'dear' })
    const long = priced(NOW - HOUR_MS, 1, { client: 'long', usage: { input: 1e9 } })
    const { lines, rows } = await seriesOf([...many, dear, long], { by: 'client' })
    expect(rows).toHaveLength(42)
    expect(lines.length).toBeLessThanOrEqual(18)
    expect(lines.map(({ group }) => group)).toEqual(expect.arrayContaining(['dear', 'long']))
  })

  test('names keys, and says of what only the day is known', async () => {
    const { lines } = await seriesOf([priced(NOW - 1, 1, { key: { id: 'key_a', name: 'ann' } })], { by: 'key' })
    expect(lines).toMatchObject([{ group: 'key_a', name: 'ann' }])
  })

  test('a call whose price nobody knows is counted in its bucket', async () => {
    const call = priced(NOW - 1, 0, { cost: { type: 'unknown', reason: 'no price' } })
    const { all, total } = await seriesOf([call], { period: 'today' })
    expect([sum(all.unpriced), sum(all.costNanoUsd), total.costUsd]).toEqual([1, 0, null])
  })

  test.each([
    [{ period: 'today' }, 'hour', 13],
    [{ since: '2026-11-18' }, 'hour', 61],
    [{ period: 'week' }, 'day', 5],
    [{ period: 'month' }, 'day', 20],
    [{ since: '2026-11-16', bucket: 'hour' }, 'hour', 109],
    [{ period: 'all' }, 'day', 1],
  ] as const)('%j is told by the %s, in %d buckets', async (asked, bucket, buckets) => {
    const found = await seriesOf([priced(NOW - 1, 1)], asked)
    expect([found.bucket, found.starts.length]).toEqual([bucket, buckets])
  })

  test('from the beginning begins with the first call', async () => {
    const { starts, since } = await seriesOf([priced(NOW - 3 * DAY_MS, 1), priced(NOW, 1)], { period: 'all' })
    expect(since).toBeUndefined()
    expect(starts).toHaveLength(4)
    expect(starts[0]).toBe(bucketStart('day', NOW - 3 * DAY_MS))
  })

  test.each([
    [{ bucket: 'minute' }, 'bucket'],
    [{ since: '2025-01-01', bucket: 'hour' }, 'bucket'],
    [{ since: '1990-01-01' }, 'bucket'],
    [{ by: 'colour' }, 'by'],
    [{ period: 'year' }, 'period'],
  ])('%j is refused', async (asked, path) => {
    await using it = testLedger(manualClock(NOW))
    expect(await usageSeriesView(asked, it.store, NOW)).toMatchObject({ code: 'bad_request', paths: [path] })
  })
})

describe('buckets', () => {
  test('follow each other without a gap, and every moment lies in one of them', () => {
    const moments = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) })
    const law = fc.property(moments, fc.nat(30 * DAY_MS), fc.constantFrom('hour', 'day'), (since, length, size) => {
      const found = bucketsBetween(size, since, since + length)
      if (isProblem(found)) throw new Error(found.what)
      const { starts } = found
      expect(starts.every(start => bucketStart(size, start) === start)).toBe(true)
      expect(starts.every((start, i) => i === 0 || start > (starts[i - 1] ?? 0))).toBe(true)
      const within = since + Math.floor(length / 2)
      if (length > 1) expect(starts).toContain(bucketStart(size, within))
    })
    fc.assert(law, { numRuns: 300 })
  })
})

describe('as CSV', () => {
  test.each([
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ['@cmd', "'@cmd"],
    ['-1+1', "'-1+1"],
    ['agent, old', '"agent, old"'],
    ['curl', 'curl'],
  ])('a client that calls itself %s is no formula', async (group, cell) => {
    const { total } = await seriesOf([priced(NOW - 1, 1)], { period: 'today' })
    const [, line = ''] = usageCsv([{ group, ...total }]).split('\r\n')
    expect(line).toStartWith(`${cell},,1,0,0,0,`)
  })
})
