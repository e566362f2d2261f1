import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { LeaseTake, RateTake } from '../../src/shared/counters.ts'
import { memoryCounters } from '../../src/shared/memory-counters.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { NaiveCounters } from './naive-counters.ts'

const rate = (units: number, perMinute = 60, burst = 3, name = 'r'): RateTake => ({ name, units, perMinute, burst })
const lease = (holder: string, most = 2, ttlMs = 1_000, name = 'l'): LeaseTake => ({ name, holder, most, ttlMs })

describe('rates', () => {
  test('let the burst through, then one unit each interval', async () => {
    const clock = manualClock()
    const counters = memoryCounters(clock)
    expect(await counters.take([rate(2)])).toEqual({
      ok: true,
      remaining: [{ limit: 3, remaining: 1, resetMs: 2_000 }],
    })
    expect(await counters.take([rate(2)])).toEqual({
      ok: false,
      refused: 0,
      retryAfterMs: 1_000,
      remaining: { limit: 3, remaining: 1, resetMs: 2_000 },
    })
    clock.advance(1_000)
    expect(await counters.take([rate(2)])).toMatchObject({ ok: true, remaining: [{ remaining: 0, resetMs: 3_000 }] })
  })

  test('never give more than the burst at once, and say that it is never', async () => {
    const refused = await memoryCounters(manualClock()).take([rate(4)])
    expect(refused).toMatchObject({ ok: false, retryAfterMs: Number.POSITIVE_INFINITY, remaining: { remaining: 3 } })
  })

  test('taking nothing looks whether a unit is left', async () => {
    const counters = memoryCounters(manualClock())
    await counters.take([rate(3)])
    expect(await counters.take([rate(0)])).toMatchObject({ ok: false, retryAfterMs: 1_000 })
    await counters.adjust(rate(-1))
    expect(await counters.take([rate(0)])).toMatchObject({ ok: true, remaining: [{ remaining: 1 }] })
  })

  test('an adjustment makes debts, and gives back no more than the burst', async () => {
    const clock = manualClock()
    const counters = memoryCounters(clock)
    await counters.adjust(rate(10))
    expect(await counters.take([rate(1)])).toMatchObject({
      ok: false,
      retryAfterMs: 8_000,
      remaining: { remaining: 0, resetMs: 10_000 },
    })
    await counters.adjust(rate(-50))
    expect(await counters.take([rate(3)])).toMatchObject({ ok: true, remaining: [{ remaining: 0 }] })
  })

  test('no window sees more than burst + perMinute · t, and whoever waits as told gets it', async () => {
    const steps = fc.array(
      fc.record({ waitMs: fc.integer({ min: 0, max: 4_000 }), units: fc.integer({ min: 1, max: 9 }) }),
      {
        maxLength: 60,
        size: 'max',
      },
    )
    const law = fc.asyncProperty(
      steps,
      fc.integer({ min: 1, max: 5_000 }),
      fc.integer({ min: 1, max: 12 }),
      async (asked, perMinute, burst) => {
        const clock = manualClock()
        const counters = memoryCounters(clock)
        const passed: { readonly at: number; readonly units: number }[] = []
        for (const { waitMs, units } of asked) {
          clock.advance(waitMs)
          const take = rate(units, perMinute, burst)
          const first = await counters.take([take])
          if (!first.ok) {
            expect(first.retryAfterMs === Number.POSITIVE_INFINITY).toBe(units > burst)
            if (units > burst) continue
            clock.advance(first.retryAfterMs)
            expect((await counters.take([take])).ok).toBe(true)
          }
          passed.push({ at: clock.monotonicMs(), units })
        }
        for (const [first, { at: from }] of passed.entries()) {
          let units = 0
          for (const each of passed.slice(first)) {
            units += each.units
            expect(units).toBeLessThanOrEqual(burst + (perMinute * (each.at - from)) / 60_000 + 1e-6)
          }
        }
      },
    )
    await fc.assert(law, { numRuns: 150 })
  })
})

describe('leases', () => {
  test('are given to so many at a time, once to each', async () => {
    const clock = manualClock()
    const counters = memoryCounters(clock)
    expect(await counters.take([lease('a')])).toMatchObject({ ok: true, remaining: [{ limit: 2, remaining: 1 }] })
    expect(await counters.take([lease('a')])).toMatchObject({ ok: true, remaining: [{ remaining: 1 }] })
    clock.advance(400)
    expect(await counters.take([lease('b')])).toMatchObject({ ok: true, remaining: [{ remaining: 0, resetMs: 1_000 }] })
    expect(await counters.take([lease('c')])).toMatchObject({ ok: false, refused: 0, retryAfterMs: 600 })
    await counters.release('l', 'b')
    await counters.release('l', 'nobody')
    expect((await counters.take([lease('c')])).ok).toBe(true)
  })

  test('of holders that never let go end by themselves', async () => {
    const clock = manualClock()
    const counters = memoryCounters(clock)
    await counters.take([lease('a', 1)])
    clock.advance(999)
    expect((await counters.take([lease('b', 1)])).ok).toBe(false)
    clock.advance(1)
    expect((await counters.take([lease('b', 1)])).ok).toBe(true)
  })

  test('of which there are none are never given', async () => {
    const refused = await memoryCounters(manualClock()).take([lease('a', 0)])
    expect(refused).toMatchObject({ ok: false, retryAfterMs: Number.POSITIVE_INFINITY })
  })
})

describe('several at once', () => {
  const RATES = [rate(0, 90, 4, 'r1'), rate(0, 7_000, 500, 'r2')] as const
  const step = fc.oneof(
    fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
    fc.record({
      type: fc.constant('take' as const),
      units: fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 510 })),
      holder: fc.constantFrom('a', 'b', 'c', 'd'),
      order: fc.constantFrom('rates first', 'lease first'),
    }),
    fc.record({ type: fc.constant('adjust' as const), units: fc.integer({ min: -300, max: 300 }) }),
    fc.record({ type: fc.constant('release' as const), holder: fc.constantFrom('a', 'b', 'c', 'd') }),
  )

  test('all or none, as a naive model gives them', async () => {
    const law = fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async steps => {
      const clock = manualClock()
      const counters = memoryCounters(clock)
      const naive = new NaiveCounters()
      for (const each of steps) {
        const now = clock.monotonicMs()
        if (each.type === 'wait') clock.advance(each.ms)
        else if (each.type === 'release') {
          await counters.release('l', each.holder)
          naive.release('l', each.holder, now)
        } else if (each.type === 'adjust') {
          await counters.adjust({ ...RATES[1], units: each.units })
          naive.adjust({ ...RATES[1], units: each.units }, now)
        } else {
          const rates = RATES.map((base, index) => ({ ...base, units: each.units[index] ?? 0 }))
          const held = lease(each.holder, 2, 5_000)
          const takes = each.order === 'rates first' ? [...rates, held] : [held, ...rates]
          expect((await counters.take(takes)).ok).toBe(naive.take(takes, now))
          expect(naive.held('l', now).size).toBeLessThanOrEqual(2)
        }
      }
    })
    await fc.assert(law, { numRuns: 300 })
  })

  test('a refusal names the first that refused, and the same name twice is not asked for', async () => {
    const counters = memoryCounters(manualClock())
    expect(await counters.take([rate(1), lease('a', 0)])).toMatchObject({ ok: false, refused: 1 })
    expect(await counters.take([rate(3)])).toMatchObject({ ok: true })
    await expect(counters.take([rate(1), rate(1)])).rejects.toThrow('once at a time')
  })
})

describe('sums', () => {
  const END = 1_800_000_600_000
  const sum = (amount: number, name = 's', expiresAtMs = END) => ({ name, amount, expiresAtMs })

  test('reserve up to the most, all or none', async () => {
    const counters = memoryCounters(manualClock())
    expect(await counters.reserve([{ ...sum(60), most: 100 }, sum(5, 't')])).toEqual({ ok: true, sums: [60, 5] })
    expect(await counters.reserve([sum(5, 't'), { ...sum(41), most: 100 }])).toEqual({
      ok: false,
      refused: 1,
      spent: 60,
    })
    expect(await counters.sum('t')).toBe(5)
    expect(await counters.reserve([{ ...sum(40), most: 100 }])).toEqual({ ok: true, sums: [100] })
  })

  test('forget a period when it is over', async () => {
    const clock = manualClock()
    const counters = memoryCounters(clock)
    await counters.reserve([sum(7), sum(8, 'for ever', Number.POSITIVE_INFINITY)])
    clock.advance(600_000)
    await counters.add([sum(-2)])
    expect(await counters.sum('s')).toBe(0)
    expect(await counters.sum('for ever')).toBe(8)
  })

  test('are restored, but for what running calls have reserved', async () => {
    const counters = memoryCounters(manualClock())
    await counters.reserve([sum(50)])
    await counters.restore([sum(20), sum(30, 't')])
    expect([await counters.sum('s'), await counters.sum('t')]).toEqual([50, 30])
    await counters.restore([sum(70)])
    expect(await counters.sum('s')).toBe(70)
  })

  test.each([0.5, Number.NaN, 2 ** 60, -1])('refuse to reserve %p', async amount => {
    await expect(memoryCounters(manualClock()).reserve([sum(amount)])).rejects.toThrow('whole number')
  })

  test('are exact through any reservations and additions', async () => {
    const amount = fc.integer({ min: 0, max: 1_000 })
    const step = fc.oneof(
      fc.record({ reserve: fc.tuple(amount, amount), most: fc.integer({ min: 0, max: 4_000 }) }),
      fc.record({ add: fc.integer({ min: -1_000, max: 1_000 }), to: fc.constantFrom('s' as const, 't' as const) }),
    )
    const law = fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async steps => {
      const counters = memoryCounters(manualClock())
      const naive = { s: 0, t: 0 }
      for (const each of steps) {
        if ('add' in each) {
          await counters.add([sum(each.add, each.to)])
          naive[each.to] += each.add
        } else {
          const [s, t] = each.reserve
          const passes = naive.t + t <= each.most
          const { ok } = await counters.reserve([sum(s), { ...sum(t, 't'), most: each.most }])
          expect(ok).toBe(passes)
          if (passes) {
            naive.s += s
            naive.t += t
          }
        }
        expect({ s: await counters.sum('s'), t: await counters.sum('t') }).toEqual(naive)
      }
    })
    await fc.assert(law, { numRuns: 200 })
  })
})

describe('memory', () => {
  test('is given free as names expire, without anybody asking for them again', async () => {
    const clock = manualClock()
    const counters = memoryCounters(clock, 20)
    for (let at = 0; at < 500; at += 1) {
      clock.advance(100)
      expect((await counters.take([rate(1, 60, 3, `r${at}`), lease('a', 1, 900, `l${at}`)])).ok).toBe(true)
      expect((await counters.reserve([{ name: `s${at}`, amount: 1, expiresAtMs: clock.now() + 900 }])).ok).toBe(true)
    }
  })

  test('holds no more names than it may: new ones get nothing, and those that stand go on', async () => {
    const counters = memoryCounters(manualClock(), 2)
    const sums = ['a', 'b', 'c'].map(name => ({ name, amount: 1, expiresAtMs: Number.POSITIVE_INFINITY }))
    await counters.take([rate(1, 60, 3, 'r1'), rate(1, 60, 3, 'r2')])
    await expect(counters.take([rate(1, 60, 3, 'r3')])).rejects.toThrow('room')
    expect((await counters.take([rate(1, 60, 3, 'r2')])).ok).toBe(true)
    await counters.reserve(sums.slice(0, 2))
    await expect(counters.reserve(sums)).rejects.toThrow('room')
    expect(await counters.reserve(sums.slice(0, 2))).toEqual({ ok: true, sums: [2, 2] })
  })
})
