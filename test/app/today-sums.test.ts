import { expect, test } from 'bun:test'
import { KEPT_MS, openTodaySums, SHARE, startOfDay } from '../../src/app/today-sums.ts'
import { manualClock } from '../ledger/manual-clock.ts'

function opened(tookMs: number) {
  const clock = manualClock()
  const asked: (number | undefined)[] = []
  const ledger = {
    async usage({ since }: { readonly since?: number }) {
      asked.push(since)
      clock.advance(tookMs)
      return { rows: [] }
    },
  }
  return { clock, asked, sums: openTodaySums(ledger, clock) }
}

test('the ledger is asked for the day, once for all who ask at the same time', async () => {
  const { clock, asked, sums } = opened(0)
  const [one, two] = await Promise.all([sums(), sums()])
  expect(one).toBe(two)
  expect(asked).toEqual([startOfDay(clock.now())])
})

test.each([
  ['soon', 1, KEPT_MS],
  ['the later the longer it took', 4_000, 4_000 * SHARE],
])('it is asked again %s', async (_, tookMs, keptMs) => {
  const { clock, asked, sums } = opened(tookMs)
  await sums()
  clock.advance(keptMs - 1)
  await sums()
  expect(asked).toHaveLength(1)
  clock.advance(1)
  await sums()
  expect(asked).toHaveLength(2)
})

test('a new day is asked for at once', async () => {
  const { clock, asked, sums } = opened(60_000)
  const before = await sums()
  const midnight = startOfDay(clock.now() + 36 * 3_600_000)
  clock.advance(midnight - clock.now())
  expect((await sums()).since).toBe(midnight)
  expect(asked).toEqual([before.since, midnight])
})
