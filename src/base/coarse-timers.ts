import { BriefMap } from './brief-map.ts'
import type { Clock } from './clock.ts'

/** Something that is due at some time. An object, so that setting a timer allocates nothing. */
export interface Timed {
  /** Set by the timers: monotonic milliseconds. */
  dueMs: number
  due(): void
}

/** Timers that may fire a little late, and cost next to nothing to set and to cancel: one real timer serves them all. */
export interface CoarseTimers {
  /** Calls `due` once, at the first tick after the delay. Sets it anew if it was set. */
  set(timed: Timed, delayMs: number): void
  cancel(timed: Timed): void
}

/** How late a coarse timer may be. Every limit it serves is far longer, or only has to be noticed by a person. */
const TICK_MS = 50

/** Opens a set of coarse timers. The tick runs only while something waits. */
export function openCoarseTimers(clock: Clock): CoarseTimers {
  const all = new BriefMap<Timed, Timed>()
  let ticking = false

  function tick(): void {
    const now = clock.monotonicMs()
    // A copy: what is due may set and cancel others.
    for (const timed of [...all.values()]) if (timed.dueMs <= now && all.delete(timed)) timed.due()
    ticking = all.size > 0
    if (ticking) clock.after(TICK_MS, tick)
  }

  return {
    set(timed, delayMs) {
      timed.dueMs = clock.monotonicMs() + delayMs
      all.set(timed, timed)
      if (ticking) return
      ticking = true
      clock.after(TICK_MS, tick)
    },
    cancel: timed => void all.delete(timed),
  }
}
