import type { Clock } from './clock.ts'

/** Timers that may fire a little late, and cost next to nothing to set and cancel: one real timer serves them all. */
export interface CoarseTimers {
  /** Calls `fire` once, at the first tick after the delay; the returned function cancels. */
  after(delayMs: number, fire: () => void): () => void
}

/** How late a coarse timer may be. Every limit it serves is far longer, or only has to be noticed by a person. */
export const TICK_MS = 50

interface Waiting {
  readonly dueMs: number
  readonly fire: () => void
}

/** Opens a set of coarse timers. The tick runs only while something waits. */
export function openCoarseTimers(clock: Clock): CoarseTimers {
  const all = new Set<Waiting>()
  let ticking = false

  function tick(): void {
    const now = clock.monotonicMs()
    for (const waiting of all) {
      if (waiting.dueMs > now) continue
      all.delete(waiting)
      waiting.fire()
    }
    ticking = all.size > 0
    if (ticking) clock.after(TICK_MS, tick)
  }

  return {
    after(delayMs, fire) {
      const waiting = { dueMs: clock.monotonicMs() + delayMs, fire }
      all.add(waiting)
      if (!ticking) {
        ticking = true
        clock.after(TICK_MS, tick)
      }
      return () => void all.delete(waiting)
    },
  }
}
