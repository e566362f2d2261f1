import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { firstIdAt, timeOfId } from '../../src/base/ids.ts'
import { problem } from '../../src/canon/problem.ts'
import { openLedgerReader } from '../../src/ledger/open.ts'
import type { Ending, Receipt } from '../../src/ledger/receipt.ts'
import { columnsOf, matches } from '../../src/ledger/row.ts'
import type { CallFilter, CallsHistogram, LedgerReads } from '../../src/ledger/store.ts'
import { receipt } from './receipts.ts'
import { testLedger } from './test-ledger.ts'

const ENDINGS = ['complete', 'failed', 'truncated', 'abandoned'] as const
const MODELS = ['kimi-coding/k2p5', 'moonshot/kimi-k2.7-code'] as const

/** Some calls, each with the part of the writing it has reached when it is searched for. */
const calls = fc.uniqueArray(
  fc.record({
    tail: fc.stringMatching(/^[0-9a-hjkmnp-tv-z]{14}$/),
    at: fc.integer({ min: 0, max: 9 }),
    ending: fc.constantFrom(...ENDINGS),
    servedModel: fc.constantFrom(...MODELS),
    requestedModel: fc.constantFrom('coder', 'plain'),
    written: fc.constantFrom('in the file', 'waiting', 'admission in the file, ending waiting', 'in flight'),
  }),
  { selector: call => call.tail, maxLength: 40 },
)

const filters: fc.Arbitrary<CallFilter> = fc.record(
  {
    ending: fc.constantFrom(...ENDINGS, 'in-flight' as const),
    provider: fc.constantFrom('kimi-coding', 'nobody'),
    servedModel: fc.constantFrom(...MODELS),
    requestedModel: fc.constantFrom('coder', 'nothing'),
    problem: fc.constant('rate_limited'),
    fallback: fc.constant(true as const),
    since: fc.integer({ min: 0, max: 9 }),
    until: fc.integer({ min: 0, max: 10 }),
  },
  { requiredKeys: [] },
)

/** A ledger with these calls, and the receipts it ought to know. */
async function ledgerOf(made: readonly Made[]) {
  const it = testLedger()
  const all = made.map(({ written, tail, ending, ...rest }) => {
    const failed = ending === 'failed' ? { problem: problem('rate_limited', 'Later.') } : {}
    const moved = rest.requestedModel === 'coder' ? { fallback: FALLBACK } : {}
    return { written, receipt: receipt({ ...rest, ...failed, ...moved, ending, id: firstIdAt('req', rest.at) + tail }) }
  })
  for (const call of all) {
    if (call.written === 'in the file') it.store.settle(call.receipt)
    if (call.written === 'admission in the file, ending waiting' || call.written === 'in flight')
      it.store.admit(call.receipt)
  }
  await it.store.flush()
  for (const call of all)
    if (call.written !== 'in the file' && call.written !== 'in flight') it.store.settle(call.receipt)
  const known = await Promise.all(all.map(call => it.store.find(call.receipt.id)))
  return { it, known: known.filter(each => each !== undefined) }
}

interface Made {
  readonly tail: string
  readonly at: number
  readonly ending: Ending
  readonly servedModel: string
  readonly requestedModel: string
  readonly written: string
}

const FALLBACK = { from: 'openai/gpt-9', reason: 'overloaded' } as const

async function allPages(store: Pick<LedgerReads, 'page'>, filter: CallFilter, limit: number): Promise<Receipt[]> {
  const found: Receipt[] = []
  for (let before: string | undefined; ; ) {
    const page = await store.page({ ...filter, limit, ...(before === undefined ? {} : { before }) })
    expect(page.receipts.length).toBeLessThanOrEqual(limit)
    found.push(...page.receipts)
    if (page.next === undefined) return found
    before = page.next
  }
}

function countsOf({ buckets }: CallsHistogram): Partial<Record<Ending, number>> {
  const counts: Partial<Record<Ending, number>> = {}
  for (const bucket of buckets)
    for (const [ending, calls] of Object.entries(bucket))
      counts[ending as Ending] = (counts[ending as Ending] ?? 0) + calls
  return counts
}

describe('a search', () => {
  test('gives in pages of any size each call that fits once, newest first, written or not', async () => {
    const law = fc.asyncProperty(calls, filters, fc.integer({ min: 1, max: 9 }), async (made, filter, limit) => {
      const { it, known } = await ledgerOf(made)
      await using _ = it
      const expected = known.filter(each => matches(each, filter)).toSorted((a, b) => (a.id < b.id ? 1 : -1))
      expect(await allPages(it.store, filter, limit)).toEqual(expected)
    })
    await fc.assert(law, { numRuns: 80 })
  })

  test('is counted by the histogram, each call once', async () => {
    const law = fc.asyncProperty(calls, filters, async (made, { until = 10, ...filter }) => {
      const { it, known } = await ledgerOf(made)
      await using _ = it
      const expected: Partial<Record<Ending, number>> = {}
      for (const each of known)
        if (matches(each, { ...filter, until })) expected[each.ending] = (expected[each.ending] ?? 0) + 1
      const counted = await it.store.histogram({ ...filter, until, bucketsMax: 5 })
      expect(counted.fault).toBeUndefined()
      expect(countsOf(counted)).toEqual(expected)
    })
    await fc.assert(law, { numRuns: 80 })
  })

  test('of many calls ends before it takes long, says how far it went, and goes on from there', async () => {
    await using it = testLedger()
    const first = receipt({ at: 1_000, id: firstIdAt('req', 1_000) + '0'.repeat(14), requestedModel: 'rare' })
    await it.store.settle(first)
    // Half a million rows of the same call but for its time: only the index is looked at.
    it.db.run(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 510000)
      INSERT INTO calls (id, at, ending, requested_model) SELECT 'req_1' || printf('%023d', i), 2000 + i, 'complete', 'usual' FROM n`)
    const page = await it.store.page({ limit: 5, requestedModel: 'rare' })
    expect(page.receipts).toEqual([])
    expect(page.lookedBackTo).toBe(2_000 + 510_000 - 500_000 + 1)
    expect(timeOfId(page.next ?? '')).toBe(page.lookedBackTo)
    const next = await it.store.page({ limit: 5, requestedModel: 'rare', before: page.next ?? '' })
    expect(next).toEqual({ receipts: [first] })
    const counted = await it.store.histogram({ until: 600_000, bucketsMax: 120 })
    expect(countsOf(counted)).toEqual({ complete: 510_001 })
  })

  test('reads a ledger beside the gateway that writes it', async () => {
    await using it = testLedger()
    const call = receipt({ at: 5_000 })
    await it.store.settle(call)
    const opened = openLedgerReader(it.folder)
    if (!opened.ok) throw new Error(opened.refusal.what)
    expect(await opened.reader.page({ limit: 5, client: 'curl' })).toEqual({ receipts: [call] })
    expect(countsOf(await opened.reader.histogram({ until: 6_000, bucketsMax: 10 }))).toEqual({ complete: 1 })
    opened.reader.close()
  })
})

describe('the buckets of a histogram', () => {
  const HOUR = 3_600_000
  const ROWS: readonly (readonly [string, number | undefined, number, number])[] = [
    ['a minute', 120 * HOUR, 120 * HOUR + 60_000, 1_000],
    ['a day', 120 * HOUR, 144 * HOUR, 15 * 60_000],
    ['90 days', 0, 90 * 24 * HOUR, 24 * HOUR],
    ['eight thousand years', 0, Date.UTC(9999, 1), Math.ceil(Date.UTC(9999, 1) / 119)],
    ['nothing, without a beginning', undefined, 100 * HOUR, 30_000],
  ]
  test.each([...ROWS])('of %s are few, and as long as people count', async (_, since, until, bucketMs) => {
    await using it = testLedger()
    const counted = await it.store.histogram({ until, bucketsMax: 120, ...(since === undefined ? {} : { since }) })
    expect(counted.bucketMs).toBe(bucketMs)
    expect(counted.buckets.length).toBeLessThanOrEqual(120)
    expect(counted.since + counted.buckets.length * bucketMs).toBeGreaterThanOrEqual(until)
  })

  test('hold the calls of their time', async () => {
    await using it = testLedger()
    for (const at of [HOUR, HOUR + 59_999, HOUR + 60_000]) await it.store.settle(receipt({ at }))
    const counted = await it.store.histogram({ since: HOUR, until: 2 * HOUR, bucketsMax: 60 })
    expect(counted.bucketMs).toBe(60_000)
    expect(counted.buckets.slice(0, 3)).toEqual([{ complete: 2 }, { complete: 1 }, {}])
  })
})

test('what is searched by stands in the columns', () => {
  const cell = columnsOf(receipt({ requestedModel: 'coder', problem: problem('overloaded', 'Full.') }))
  expect([cell('requested_model'), cell('problem')]).toEqual(['coder', 'overloaded'])
})
