/** Time, handed in so that tests can move it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. For timestamps only: it may jump. */
  now(): number
  /** Milliseconds from an arbitrary start that never go back. For durations and deadlines. */
  monotonicMs(): number
  /** Calls `fire` once after the delay; the returned function cancels. Does not keep the process alive. */
  after(delayMs: number, fire: () => void): () => void
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
