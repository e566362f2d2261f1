import { describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { SETTLE_WAIT_MS_MAX } from '../../src/ledger/store.ts'
import { manualClock } from './manual-clock.ts'
import { receipt } from './receipts.ts'
import { nextTurn, testLedger } from './test-ledger.ts'

type TestLedger = ReturnType<typeof testLedger>

const FAULTS = [
  {
    name: 'the disk is full',
    error: 'SQLITE_FULL',
    remedy: 'Free some space',
    begin: (it: TestLedger) => it.db.query('PRAGMA max_page_count = 1').get(),
    end: (it: TestLedger) => it.db.query('PRAGMA max_page_count = 1000000').get(),
  },
  {
    name: 'another connection holds the lock',
    error: 'SQLITE_BUSY',
    remedy: 'Another program holds',
    begin: (it: TestLedger) => it.second.run('BEGIN IMMEDIATE'),
    end: (it: TestLedger) => it.second.run('COMMIT'),
  },
]

/** Enough rows that they do not fit into the pages a new file has. */
const CALLS = 20

/** Counts how many of the promises have resolved by now. */
function watch(promises: readonly Promise<void>[]): { resolved: number } {
  const seen = { resolved: 0 }
  for (const promise of promises) promise.then(() => void seen.resolved++)
  return seen
}

describe.each(FAULTS)('while $name', fault => {
  test('calls wait no longer than the bound, are counted, and are recorded when it is over', async () => {
    const clock = manualClock()
    await using it = testLedger(clock, true)
    fault.begin(it)
    const calls = Array.from({ length: CALLS }, () => receipt())
    const waiting = watch(calls.map(call => it.store.settle(call)))
    await nextTurn()
    expect(waiting.resolved).toBe(0)
    clock.advance(SETTLE_WAIT_MS_MAX)
    await nextTurn()
    expect(waiting.resolved).toBe(CALLS)

    const health = it.store.health()
    expect(health).toMatchObject({ recorded: 0, lost: 0, late: CALLS, queued: CALLS, lagMs: SETTLE_WAIT_MS_MAX })
    expect(health.warning).toContain(fault.remedy)
    expect(health.warning).toContain(fault.error)

    const later = watch([it.store.settle(receipt())])
    await nextTurn()
    expect(later.resolved).toBe(1)

    fault.end(it)
    clock.advance(1_000)
    const after = it.store.health()
    expect(after).toMatchObject({ recorded: CALLS + 1, lost: 0, late: CALLS + 1, queued: 0, lagMs: 0 })
    expect(after.warning).toBeUndefined()
    expect(after.lastError).toContain(fault.error)
    expect(it.endings().length).toBe(CALLS + 1)

    const settled = watch([it.store.settle(receipt())])
    await Promise.resolve()
    expect(settled.resolved).toBe(0)
    await nextTurn()
    expect(settled.resolved).toBe(1)
  })

  test('receipts that wait are found and listed, and what still waits at the close is lost', async () => {
    await using it = testLedger(manualClock(), true)
    const before = Array.from({ length: 3 }, (_, n) => receipt({ id: `req_a${n}` }))
    await Promise.all(before.map(call => it.store.settle(call)))
    fault.begin(it)
    const calls = Array.from({ length: CALLS }, (_, n) => receipt({ id: `req_b${String(n).padStart(2, '0')}` }))
    for (const call of calls) it.store.settle(call)
    await nextTurn()

    const [oldest, , newest] = [before[0], before[1], calls.at(-1)]
    expect(await it.store.last()).toEqual(newest)
    expect(await it.store.find(newest?.id ?? '')).toEqual(newest)
    const listed = await it.store.list({ limit: 100 })
    expect(listed.length).toBe(CALLS + 3)
    expect(listed.at(-1)).toEqual(oldest)

    await it.store.close()
    expect(it.store.health()).toMatchObject({ recorded: 3, lost: CALLS, queued: 0 })
    expect(it.store.health().warning).toContain(`never will be: ${CALLS}.`)
  })
})

test('a locked file never holds up the event loop, and no call longer than the bound', async () => {
  await using it = testLedger(systemClock, true)
  it.second.run('BEGIN IMMEDIATE')
  const began = performance.now()
  const all = Promise.all(Array.from({ length: 50 }, () => it.store.settle(receipt())))
  const waiting = watch([all.then(() => {})])
  let longestMs = 0
  let last = began
  while (waiting.resolved === 0) {
    await nextTurn()
    const now = performance.now()
    longestMs = Math.max(longestMs, now - last)
    last = now
  }
  const tookMs = last - began
  expect(longestMs).toBeLessThan(SETTLE_WAIT_MS_MAX / 2)
  expect(tookMs).toBeLessThan(SETTLE_WAIT_MS_MAX + longestMs)

  it.second.run('COMMIT')
  while (it.store.health().queued > 0) await nextTurn()
  expect(it.store.health()).toMatchObject({ recorded: 50, lost: 0, late: 50 })
})

test('a row that can never be written does not stop the recovery', async () => {
  const clock = manualClock()
  await using it = testLedger(clock, true)
  it.second.run('BEGIN IMMEDIATE')
  const odd: Receipt = JSON.parse(JSON.stringify({ ...receipt(), id: null }))
  const settled = Promise.all([odd, receipt()].map(call => it.store.settle(call)))
  await nextTurn()
  it.second.run('COMMIT')
  clock.advance(SETTLE_WAIT_MS_MAX)
  await settled
  expect(it.store.health()).toMatchObject({ recorded: 1, lost: 1, late: 0, queued: 0 })
})

test('the queue is bounded: the oldest receipts are lost and counted, the rest is recorded', async () => {
  await using it = testLedger(manualClock(), true)
  it.second.run('BEGIN IMMEDIATE')
  for (let n = 0; n < 10_005; n += 1) it.store.settle(receipt())
  expect(it.store.health()).toMatchObject({ lost: 5, queued: 10_000 })
  it.second.run('COMMIT')
  await it.store.flush()
  expect(it.store.health()).toMatchObject({ recorded: 10_000, lost: 5, queued: 0 })
  expect(it.endings().length).toBe(10_000)
})
