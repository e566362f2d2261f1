import type { Clock } from '../base/clock.ts'
import type { CoarseTimers } from '../base/coarse-timers.ts'

/** How long a provider may take, each in milliseconds. */
export interface Timeouts {
  /** Until a connection stands. */
  readonly connectMs: number
  /** From sending the request to the first byte of the answer's body. */
  readonly firstByteMs: number
  /** Between two pieces of the answer. */
  readonly idleMs: number
  /** The whole attempt. */
  readonly totalMs: number
}

/** Which of the four ran out. */
export type TimerName = 'connect' | 'first byte' | 'idle' | 'total'

/** Watches one attempt. */
export interface Watch {
  /** The answer has begun: from now on silence is `idle`. */
  begun(): void
  /** Another piece came. Costs one clock reading: the timer itself is moved only when it fires. */
  alive(): void
  /** The attempt is over; nothing fires any more. */
  stop(): void
}

/**
 * Starts the timers of an attempt. `onTimeout` is called at most once. `probe` is asked when `connectMs` have passed without an answer: it
 * says whether the provider's address can be connected to at all, which `fetch` does not tell.
 */
export function watchAttempt(
  clock: Clock,
  timers: CoarseTimers,
  limits: Timeouts,
  probe: () => Promise<boolean>,
  onTimeout: (timer: TimerName) => void,
): Watch {
  const start = clock.monotonicMs()
  let waitingSince = start
  let begun = false
  let over = false
  let cancel = timers.after(Math.min(limits.connectMs, limits.firstByteMs, limits.totalMs), firstCheck)

  function fire(timer: TimerName): void {
    if (over) return
    over = true
    cancel()
    onTimeout(timer)
  }

  function firstCheck(): void {
    if (over) return
    if (!begun && clock.monotonicMs() - start >= limits.connectMs) {
      probe().then(
        reachable => reachable || begun || fire('connect'),
        () => begun || fire('connect'),
      )
    }
    check()
  }

  function check(): void {
    if (over) return
    const now = clock.monotonicMs()
    const silenceMs = begun ? limits.idleMs : limits.firstByteMs
    const leftTotal = start + limits.totalMs - now
    const leftSilence = waitingSince + silenceMs - now
    if (leftTotal <= 0) fire('total')
    else if (leftSilence <= 0) fire(begun ? 'idle' : 'first byte')
    else cancel = timers.after(Math.max(1, Math.min(leftTotal, leftSilence)), check)
  }

  return {
    begun() {
      begun = true
      waitingSince = clock.monotonicMs()
      // The silence allowed from here on may be shorter than the one the timer was set for.
      cancel()
      if (!over) check()
    },
    alive() {
      waitingSince = clock.monotonicMs()
    },
    stop() {
      over = true
      cancel()
    },
  }
}
