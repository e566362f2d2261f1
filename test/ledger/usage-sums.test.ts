import { describe, expect, test } from 'bun:test'
import { openCandidates } from '../../src/ledger/calls-candidates.ts'
import { openLedgerReader } from '../../src/ledger/open.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { usageOf } from '../../src/ledger/usage-reads.ts'
import type { Stretch } from '../../src/ledger/usage-stretches.ts'
import { manualClock } from './manual-clock.ts'
import { receipt } from './receipts.ts'
import { testLedger } from './test-ledger.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NOON = Date.UTC(2026, 10, 20, 12)

type Ledger = ReturnType<typeof testLedger>

async function written(it: Ledger, calls: readonly Receipt[]): Promise<void> {
  for (const call of calls) it.store.settle(call)
  await it.store.flush()
}

function pieces(it: Ledger): readonly { facet: string; length: number; start: number; calls: number }[] {
  const query = it.second.query<{ facet: string; length: number; start: number; calls: number }, []>(
    `SELECT facet, length_ms AS length, start_ms AS start, SUM(calls) AS calls FROM usage_sums GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  )
  return query.all()
}

const hoursOf = (it: Ledger, facet: string) =>
  pieces(it)
    .filter(piece => piece.facet === facet && piece.length === HOUR)
    .map(({ start, calls }) => [start, calls])

/** From here on an answer that reads rows is wrong. */
function withoutRows(it: Ledger): void {
  it.second.run('DELETE FROM calls')
}

describe('summing up', () => {
  test('follows the calls by itself, some at a time, and leaves those that began lately', async () => {
    const clock = manualClock(NOON)
    await using it = testLedger(clock)
    const calls = Array.from({ length: 700 }, (_, n) => receipt({ at: NOON - HOUR + n }))
    const young = receipt({ at: NOON - MINUTE })
    await written(it, [...calls, young])
    clock.advance(1_000)
    expect(hoursOf(it, 'model')).toEqual([[NOON - HOUR, 300]])
    clock.advance(100)
    expect(hoursOf(it, 'model')).toEqual([[NOON - HOUR, 700]])
    expect((await it.store.usage({})).rows).toMatchObject([{ calls: 701 }])
    clock.advance(6 * MINUTE)
    expect(hoursOf(it, 'model')).toEqual([[NOON - HOUR, 701]])
    expect((await it.store.usage({})).rows).toMatchObject([{ calls: 701 }])
  })

  test('answers without the rows', async () => {
    await using it = testLedger(manualClock(NOON))
    const calls = [1, 2, 3].map(n => receipt({ at: NOON - n * HOUR, client: `tool${n % 2}/1.0` }))
    await written(it, calls)
    it.sums.sumUp(NOON)
    withoutRows(it)
    expect(await it.store.usage({ by: 'client' })).toEqual({ rows: usageOf(calls, { by: 'client' }) })
    const { buckets } = await it.store.histogram({ since: NOON - DAY, until: NOON, bucketsMax: 24 })
    expect(buckets.flatMap(bucket => bucket.complete ?? [])).toEqual([1, 1, 1])
  })

  test('a reader of another process takes the pieces too', async () => {
    await using it = testLedger(manualClock(NOON))
    await written(it, [receipt({ at: NOON - HOUR })])
    it.sums.sumUp(NOON)
    withoutRows(it)
    const opened = openLedgerReader(it.folder)
    if (!opened.ok) throw new Error(opened.refusal.what)
    expect((await opened.reader.usage({})).rows).toMatchObject([{ calls: 1 }])
    opened.reader.close()
  })

  test('that fails is told, and tried again', async () => {
    const clock = manualClock(NOON)
    await using it = testLedger(clock)
    await written(it, [receipt({ at: NOON - HOUR })])
    it.second.run('BEGIN IMMEDIATE')
    clock.advance(1_000)
    expect(it.store.health().lastError).toContain('SQLITE_BUSY')
    expect(pieces(it)).toEqual([])
    it.second.run('COMMIT')
    clock.advance(MINUTE)
    expect(hoursOf(it, 'key')).toEqual([[NOON - HOUR, 1]])
  })

  test('begins anew where the clock was put back, so that new calls are not late ones', async () => {
    await using it = testLedger(manualClock(NOON))
    const calls = [0, 5, 30].map(hours => receipt({ at: NOON + hours * HOUR }))
    await written(it, calls)
    it.sums.sumUp(NOON + 2 * DAY)
    expect(hoursOf(it, 'key').length).toBe(3)
    it.sums.sumUp(NOON + HOUR)
    expect(hoursOf(it, 'key')).toEqual([[NOON, 1]])
    const before = it.rowsChanged()
    await written(it, [receipt({ at: NOON + HOUR })])
    expect(it.rowsChanged() - before).toBe(1)
    expect((await it.store.usage({})).rows).toMatchObject([{ calls: 4 }])
  })
})

describe('what is kept of sums', () => {
  test('quarters of an hour for eight days, hours for as long as the receipts', async () => {
    const clock = manualClock(NOON)
    let jumped = 0
    await using it = testLedger({ ...clock, now: () => clock.now() + jumped })
    await written(it, [receipt({ at: NOON - HOUR })])
    it.sums.sumUp(NOON)
    const lengths = () => [...new Set(pieces(it).map(({ length }) => length))]
    expect(lengths()).toEqual([15 * MINUTE, HOUR])
    it.sums.sumUp(NOON + 8 * DAY - HOUR)
    expect(lengths()).toEqual([15 * MINUTE, HOUR])
    it.sums.sumUp(NOON + 8 * DAY)
    expect(lengths()).toEqual([HOUR])
    jumped = 91 * DAY
    clock.advance(HOUR)
    expect(it.endings()).toEqual([])
    expect(pieces(it)).toEqual([])
    expect((await it.store.usage({})).rows).toMatchObject([{ calls: 1 }])
  })

  test('after a long pause the old quarters go first, and none are made of what is old already', async () => {
    await using it = testLedger(manualClock(NOON))
    await written(it, [receipt({ at: NOON - HOUR })])
    it.sums.sumUp(NOON)
    await written(it, [receipt({ at: NOON + 2 * HOUR }), receipt({ at: NOON + 39 * DAY })])
    while (it.sums.sumUp(NOON + 40 * DAY)) expect(it.endings().length).toBe(3)
    const quarters = pieces(it).filter(({ facet, length }) => facet === 'key' && length === 15 * MINUTE)
    expect(quarters.map(({ start }) => start)).toEqual([NOON + 39 * DAY])
    expect(hoursOf(it, 'key').length).toBe(3)
  })

  test('no pieces of a time in which there were too many names: rows are read for it', async () => {
    await using it = testLedger(manualClock(NOON))
    const crowd = Array.from({ length: 600 }, (_, n) => receipt({ at: NOON - HOUR + n, client: `c${n % 550}` }))
    const few = receipt({ at: NOON - 2 * HOUR, client: 'c1' })
    await written(it, [few, ...crowd])
    while (it.sums.sumUp(NOON)) expect(it.endings().length).toBe(601)
    expect(hoursOf(it, 'client')).toEqual([[NOON - 2 * HOUR, 1]])
    expect(hoursOf(it, 'key')).toEqual([
      [NOON - 2 * HOUR, 1],
      [NOON - HOUR, 600],
    ])
    const late = receipt({ at: NOON - HOUR + 5, client: 'c7' })
    await written(it, [late])
    expect(await it.store.usage({ by: 'client' })).toEqual({ rows: usageOf([few, ...crowd, late], { by: 'client' }) })
    const found = await it.store.page({ limit: 9, client: 'c7' })
    expect(found.receipts.map(({ client }) => client)).toEqual(['c7', 'c7', 'c7'])
  })
})

test('a search for what an old hour alone has does not look at the rows between', async () => {
  await using it = testLedger(manualClock(NOON))
  const rare = receipt({ at: NOON - 30 * DAY, requestedModel: 'rare' })
  const usual = Array.from({ length: 28 }, (_, n) => receipt({ at: NOON - (n + 1) * DAY }))
  await written(it, [rare, ...usual])
  it.sums.sumUp(NOON)
  const candidates = openCandidates(it.db, { requestedModel: 'rare' })
  const looked: Stretch[] = []
  for (let until = NOON; until > 0; ) {
    const stretch = candidates(0, until)
    if (stretch.until > stretch.since) looked.push(stretch)
    until = stretch.since
  }
  expect(looked).toEqual([
    // What began lately is not summed up.
    { since: NOON - 5 * MINUTE, until: NOON },
    { since: rare.at, until: rare.at + HOUR },
    // Nor is what is older than all.
    { since: 0, until: rare.at },
  ])
})
