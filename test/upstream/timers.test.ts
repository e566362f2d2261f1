import { describe, expect, test } from 'bun:test'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import type { CoarseTimers, Timed } from '../../src/base/coarse-timers.ts'
import { AttemptTimers, LASTING_MS, type Timeouts, type TimerName } from '../../src/upstream/timers.ts'

const LIMITS: Timeouts = { connectMs: 10, firstByteMs: 50, idleMs: 20, totalMs: 200 }

/** None of them runs out before the attempt lasts. */
const PATIENT: Timeouts = { connectMs: 100, firstByteMs: 100, idleMs: 100, totalMs: 200 }

type Step = 'connected' | 'reused' | 'reconnecting' | 'alive' | 'stop'

/** The timers that fired, and when. */
function fired(steps: Readonly<Record<number, Step>>, limits: Timeouts = LIMITS): readonly [string, number][] {
  return told(steps, limits).filter(([what]) => what !== 'lasting')
}

/** Takes the steps at their times, and gives back what was told when, looking once a millisecond. */
function told(steps: Readonly<Record<number, Step>>, limits: Timeouts): readonly [string, number][] {
  let now = 1_000
  const set = new Set<Timed>()
  const clock: Clock = { ...systemClock, monotonicMs: () => now }
  const timers: CoarseTimers = {
    set(timed, delayMs) {
      timed.dueMs = now + delayMs
      set.add(timed)
    },
    cancel: timed => void set.delete(timed),
  }
  const found: [TimerName | 'lasting', number][] = []
  const attempt = new AttemptTimers(clock, timers, limits, {
    lasting: () => void found.push(['lasting', attempt.elapsedMs()]),
    timedOut: timer => void found.push([timer, attempt.elapsedMs()]),
  })
  for (let at = 0; at < 400; at += 1, now += 1) {
    for (const timed of [...set]) {
      if (timed.dueMs > now) continue
      set.delete(timed)
      timed.due()
    }
    const step = steps[at]
    if (step !== undefined) attempt[step]()
  }
  return found
}

describe('the timer that runs out', () => {
  const ROWS: readonly (readonly [
    what: string,
    steps: Readonly<Record<number, Step>>,
    timer: TimerName,
    atMs: number,
  ])[] = [
    ['no connection', {}, 'connect', 10],
    ['no answer on a new connection', { 5: 'connected' }, 'first byte', 55],
    ['no answer on a kept one', { 0: 'reused' }, 'first byte', 50],
    ['a kept one was gone, and no new one stands', { 0: 'reused', 3: 'reconnecting' }, 'connect', 13],
    ['silence behind the first piece', { 5: 'connected', 30: 'alive' }, 'idle', 50],
    ['silence later', { 0: 'reused', 10: 'alive', 25: 'alive', 40: 'alive' }, 'idle', 60],
  ]

  test.each([...ROWS])('%s', (_, steps, timer, atMs) => {
    expect(fired(steps)).toEqual([[timer, atMs]])
  })

  test('all of it took too long, however lively', () => {
    const lively = Object.fromEntries(
      Array.from({ length: 39 }, (_, at) => [at * 10, at === 0 ? 'reused' : 'alive'] as const),
    )
    expect(fired(lively)).toEqual([['total', 200]])
  })

  test('a limit longer than another is not cut short by it', () => {
    expect(fired({ 0: 'reused' }, { ...LIMITS, connectMs: 5, firstByteMs: 150 })).toEqual([['first byte', 150]])
  })

  test.each([5, 30])('none behind the end, at %i ms', at => {
    expect(fired({ 0: 'reused', [at]: 'stop' })).toEqual([])
  })
})

describe('an attempt lasts', () => {
  const ROWS: readonly (readonly [what: string, steps: Readonly<Record<number, Step>>, atMs: readonly number[]])[] = [
    ['once some time has gone by', { 0: 'reused' }, [LASTING_MS]],
    ['when its connection stands, not later again', { 5: 'connected' }, [5]],
    ['when a piece of its answer came', { 0: 'reused', 7: 'alive', 8: 'alive' }, [7]],
    ['never if it is over before', { 0: 'reused', 7: 'stop' }, []],
  ]

  test.each([...ROWS])('%s', (_, steps, atMs) => {
    const times = told(steps, PATIENT).flatMap(([what, at]) => (what === 'lasting' ? [at] : []))
    expect(times).toEqual([...atMs])
  })
})
