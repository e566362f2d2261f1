import { expect, test } from 'bun:test'
import { manualClock } from './manual-clock.ts'
import { admission, receipt } from './receipts.ts'
import { testLedger } from './test-ledger.ts'

const DAY_MS = 24 * 60 * 60 * 1000

test('ended calls older than 90 days are removed a few at a time; younger ones and those in flight stay', async () => {
  const clock = manualClock()
  await using it = testLedger(clock)
  const [old, young] = [clock.now() - 91 * DAY_MS, clock.now() - 89 * DAY_MS]
  for (let n = 0; n < 450; n += 1) it.store.settle(receipt({ at: old }))
  it.store.settle(receipt({ at: young }))
  it.store.admit(admission({ at: old }))
  await it.store.flush()

  const left = [100, 100, 100].map(ms => {
    clock.advance(ms)
    return it.endings().length
  })
  expect(left).toEqual([252, 52, 2])

  clock.advance(DAY_MS - 1_000)
  expect(it.endings().length).toBe(2)
  clock.advance(DAY_MS)
  expect(it.endings()).toEqual([{ ending: 'in-flight' }])
})

test('a step that fails is told, and made up for in the next round', async () => {
  const clock = manualClock()
  await using it = testLedger(clock)
  await it.store.settle(receipt({ at: clock.now() - 91 * DAY_MS }))
  await it.store.flush()
  it.second.run('BEGIN IMMEDIATE')
  clock.advance(1_000)
  expect(it.endings().length).toBe(1)
  expect(it.store.health().lastError).toContain('SQLITE_BUSY')
  it.second.run('COMMIT')
  clock.advance(DAY_MS)
  expect(it.endings().length).toBe(0)
})
