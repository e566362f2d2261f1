/**
 * Something that happens once, and those who want to know. Like an `AbortSignal`, but leaving costs the same however many are waiting: every
 * running stream waits for one of these.
 */
export interface Latch {
  /** True from the moment it happened. */
  readonly happened: boolean
  /** Calls `then` when it happens; never again after the returned function was called. Not called if it has happened already. */
  wait(then: () => void): () => void
}

/** Opens a latch; `trip` makes it happen. */
export function openLatch(): Latch & { trip(): void } {
  const waiting = new Set<() => void>()
  let happened = false
  return {
    get happened() {
      return happened
    },
    wait(then) {
      if (happened) return () => {}
      waiting.add(then)
      return () => void waiting.delete(then)
    },
    trip() {
      happened = true
      for (const then of waiting) then()
      waiting.clear()
    },
  }
}
