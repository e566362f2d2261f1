import type { Clock } from '../base/clock.ts'
import type { CoarseTimers, Timed } from '../base/coarse-timers.ts'

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

/** Who is told when one runs out, and asked about the provider's address. */
export interface Watched {
  /** Called at most once. */
  timedOut(timer: TimerName): void
  /** Whether the provider's address can be connected to at all, which `fetch` does not tell. Asked once `connectMs` have passed without an answer. */
  isReachable(): Promise<boolean>
}

/** The four timers of one attempt. */
export class AttemptTimers implements Timed {
  dueMs = 0
  readonly #clock: Clock
  readonly #timers: CoarseTimers
  readonly #limits: Timeouts
  readonly #watched: Watched
  readonly #startMs: number
  #waitingSinceMs: number
  #begun = false
  #probed = false
  #over = false

  constructor(clock: Clock, timers: CoarseTimers, limits: Timeouts, watched: Watched) {
    this.#clock = clock
    this.#timers = timers
    this.#limits = limits
    this.#watched = watched
    this.#startMs = clock.monotonicMs()
    this.#waitingSinceMs = this.#startMs
    timers.set(this, Math.min(limits.connectMs, limits.firstByteMs, limits.totalMs))
  }

  /** Milliseconds since the attempt began. */
  elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startMs
  }

  /** A piece of the answer came: from now on silence is `idle`. Later ones cost one clock reading: the timer is moved only when it is due. */
  alive(): void {
    this.#waitingSinceMs = this.#clock.monotonicMs()
    if (this.#begun || this.#over) return
    this.#begun = true
    // The silence allowed from here on may be shorter than the one the timer was set for.
    this.due()
  }

  /** The attempt is over; nothing fires any more. */
  stop(): void {
    this.#over = true
    this.#timers.cancel(this)
  }

  due(): void {
    if (this.#over) return
    const limits = this.#limits
    if (!this.#begun && !this.#probed && this.elapsedMs() >= limits.connectMs) this.#probe()
    const now = this.#clock.monotonicMs()
    const leftTotal = this.#startMs + limits.totalMs - now
    const leftSilence = this.#waitingSinceMs + (this.#begun ? limits.idleMs : limits.firstByteMs) - now
    if (leftTotal <= 0) this.#fire('total')
    else if (leftSilence <= 0) this.#fire(this.#begun ? 'idle' : 'first byte')
    else this.#timers.set(this, Math.min(leftTotal, leftSilence))
  }

  #probe(): void {
    this.#probed = true
    const unreachable = () => {
      if (!this.#begun) this.#fire('connect')
    }
    this.#watched.isReachable().then(reachable => reachable || unreachable(), unreachable)
  }

  #fire(timer: TimerName): void {
    if (this.#over) return
    this.stop()
    this.#watched.timedOut(timer)
  }
}
