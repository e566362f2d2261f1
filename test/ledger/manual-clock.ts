import type { Clock } from '../../src/base/clock.ts'

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /** Moves on, firing in order what falls due on the way. */
  advance(ms: number): void
}

/** Stands at that wall-clock time; its monotonic time begins at zero. */
export function manualClock(startMs = 1_800_000_000_000): ManualClock {
  let elapsedMs = 0
  const timers = new Set<{ readonly dueMs: number; readonly fire: () => void }>()
  const nextDue = (untilMs: number) =>
    [...timers].filter(timer => timer.dueMs <= untilMs).toSorted((a, b) => a.dueMs - b.dueMs)[0]
  return {
    now: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    after(delayMs, fire) {
      const timer = { dueMs: elapsedMs + delayMs, fire }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      const untilMs = elapsedMs + ms
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer)
        elapsedMs = timer.dueMs
        timer.fire()
      }
      elapsedMs = untilMs
    },
  }
}
