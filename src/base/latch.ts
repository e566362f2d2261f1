import { BriefMap } from './brief-map.ts'

/** Somebody who wants to know. An object, so that waiting allocates nothing. */
export interface LatchWaiter {
  latchTripped(): void
}

/**
 * Something that happens once, and those who want to know. Like an `AbortSignal`, but leaving costs the same however many are waiting: every
 * running call waits for one of these.
 */
export interface Latch {
  /** True from the moment it happened. */
  readonly happened: boolean
  /** The waiter is told when it happens. Not told if it has happened already. */
  add(waiter: LatchWaiter): void
  /** The waiter is told no more. */
  remove(waiter: LatchWaiter): void
}

/** Opens a latch; `trip` makes it happen. */
export function openLatch(): Latch & { trip(): void } {
  const waiting = new BriefMap<LatchWaiter, LatchWaiter>()
  let happened = false
  return {
    get happened() {
      return happened
    },
    add(waiter) {
      if (!happened) waiting.set(waiter, waiter)
    },
    remove: waiter => void waiting.delete(waiter),
    trip() {
      happened = true
      for (const waiter of [...waiting.values()]) if (waiting.delete(waiter)) waiter.latchTripped()
    },
  }
}
