import { describe, expect, test } from 'bun:test'
import { forecastOf, type QuotaPoint } from '../../src/admin/quota-forecast.ts'
import { LOOK_EVERY_MS, openQuotaHistory, POINTS_MAX, WINDOWS_MAX } from '../../src/admin/quota-history.ts'
import type { QuotaView, QuotaWindow } from '../../src/upstream/quota.ts'
import { manualClock } from '../ledger/manual-clock.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** One point a minute, from so many minutes ago to now. */
const falling = (minutes: number, from: number, perMinute: number): QuotaPoint[] =>
  Array.from({ length: minutes + 1 }, (_, i) => [NOW - (minutes - i) * MINUTE_MS, from - i * perMinute])

describe('where a window is heading', () => {
  test.each([
    [
      'empty before its reset',
      falling(60, 80, 0.5),
      NOW + 5 * HOUR_MS,
      { emptyAt: NOW + 100 * MINUTE_MS, perHour: -30 },
    ],
    ['something left at its reset', falling(60, 80, 0.5), NOW + HOUR_MS, { atReset: 20, perHour: -30 }],
    ['nothing used lately', falling(60, 80, 0), NOW + HOUR_MS, { atReset: 80, perHour: 0 }],
    ['nothing left', falling(60, 0, 0), NOW + HOUR_MS, { emptyAt: NOW }],
    ['no reset told', falling(60, 80, 0.5), undefined, { emptyAt: NOW + 100 * MINUTE_MS }],
    ['no reset told, nothing used', falling(60, 80, 0), undefined, { perHour: 0 }],
  ] as const)('%s', (_, points, resetsAt, expected) => {
    expect(forecastOf(points, resetsAt, NOW)).toMatchObject({ type: 'line', ...expected })
  })

  test('goes by the last quarter of the time to the reset, half an hour at least', () => {
    const points = [...falling(300, 90, 0).filter(([at]) => at < NOW - 30 * MINUTE_MS), ...falling(30, 90, 1)]
    expect(forecastOf(points, NOW + HOUR_MS, NOW)).toMatchObject({ overMs: 30 * MINUTE_MS, perHour: -60 })
    expect(forecastOf(points, NOW + 12 * HOUR_MS, NOW)).toMatchObject({ overMs: 3 * HOUR_MS, perHour: -10 })
  })

  test('forgets what was before the window was opened again', () => {
    const before: QuotaPoint[] = [[NOW - 50 * MINUTE_MS, 5]]
    const found = forecastOf([...before, ...falling(40, 100, 0.5)], NOW + 10 * HOUR_MS, NOW)
    expect(found).toMatchObject({ overMs: 40 * MINUTE_MS, perHour: -30 })
  })

  test.each([
    ['nothing was told', [], NOW + HOUR_MS, /nothing was told/],
    ['once told', falling(0, 80, 0), NOW + HOUR_MS, /too little/],
    ['four minutes', falling(4, 80, 1), NOW + HOUR_MS, /too little/],
    ['its reset is over', falling(60, 80, 1), NOW - 1, /has been reset/],
  ] as const)('is not said: %s', (_, points, resetsAt, why) => {
    expect(forecastOf(points, resetsAt, NOW)).toEqual({ type: 'none', why: expect.stringMatching(why) })
  })
})

function told(at: number, windows: readonly QuotaWindow[], rest: Partial<QuotaView> = {}): QuotaView {
  return {
    provider: 'kimi-coding',
    credential: 'default',
    billing: 'plan',
    source: 'endpoint',
    at,
    stale: false,
    windows,
    ...rest,
  }
}

const percent = (name: string, remainingPercent: number): QuotaWindow => ({ name, unit: 'percent', remainingPercent })

describe('what providers said, over time', () => {
  test('is looked at every minute, and kept once for every time it was told', () => {
    const clock = manualClock(NOW)
    let now = told(NOW, [percent('weekly', 90)])
    const history = openQuotaHistory(clock, () => [now])
    clock.advance(3 * LOOK_EVERY_MS)
    now = told(NOW + 1, [percent('weekly', 80)])
    clock.advance(LOOK_EVERY_MS)
    const { since, windows } = history.view([told(NOW + 2, [percent('weekly', 70)])])
    expect(since).toBe(NOW)
    expect(windows.map(({ points }) => points)).toEqual([
      [
        [NOW, 90],
        [NOW + 1, 80],
        [NOW + 2, 70],
      ],
    ])
    history.close()
    now = told(NOW + 3, [percent('weekly', 60)])
    clock.advance(3 * LOOK_EVERY_MS)
    expect(history.view([told(NOW + 2, [percent('weekly', 70)])]).windows[0]?.points).toHaveLength(3)
  })

  test.each([
    ['a window of a plan told with answers', told(NOW, [percent('5 hour', 4)], { source: 'headers' }), 1],
    ['a rate told with answers', told(NOW, [percent('requests', 4)], { source: 'headers', billing: 'metered' }), 0],
    ['a balance', told(NOW, [{ name: 'balance', unit: 'USD', remaining: 4 }]), 0],
    ['what does not limit calls', told(NOW, [{ ...percent('video', 4), aside: true }]), 0],
  ])('%s: %d', (_, view, windows) => {
    expect(openQuotaHistory(manualClock(NOW), () => []).view([view]).windows).toHaveLength(windows)
  })

  test('stays small, and keeps the beginning and the end', () => {
    const history = openQuotaHistory(manualClock(NOW), () => [])
    const count = 5 * POINTS_MAX
    for (let i = 0; i < count; i += 1) history.view([told(NOW + i, [percent('weekly', 100 - i / 100)])])
    const points = history.view([told(NOW + count, [percent('weekly', 1)])]).windows[0]?.points ?? []
    expect(points.length).toBeLessThanOrEqual(POINTS_MAX)
    expect([points[0]?.[0], points.at(-1)]).toEqual([NOW, [NOW + count, 1]])
    const many = Array.from({ length: 3 * WINDOWS_MAX }, (_, i) => percent(`window ${i}`, 50))
    expect(history.view([told(NOW, many)]).windows).toHaveLength(WINDOWS_MAX)
  })
})
