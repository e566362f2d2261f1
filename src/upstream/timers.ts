import type { Clock } from '../base/clock.ts'
import type { CoarseTimers, Timed } from '../base/coarse-timers.ts'

/** How long a provider may take, each in milliseconds. */
export interface Timeouts {
  /** Until a connection stands: name looked up, TCP and TLS agreed. */
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

/** An attempt that has taken so long lasts, in milliseconds; as does one that waits for a connection, or reads a body piece by piece. */
export const LASTING_MS = 20

/** Who is told when one runs out. */
export interface Watched {
  /** The attempt lasts. Called once at most, and before it runs out. */
  lasting(): void
  /** Called at most once. */
  timedOut(timer: TimerName): void
}

/** The four timers of one attempt. */
export class AttemptTimers implements Timed {
  dueMs = 0
  readonly #clock: Clock
  readonly #timers: CoarseTimers
  readonly #limits: Timeouts
  readonly #watched: Watched
  readonly #startMs: number
  #waitingFor: 'connect' | 'first byte' | 'idle' = 'connect'
  #waitingSinceMs: number
  #lasts = false
  #over = false

  constructor(clock: Clock, timers: CoarseTimers, limits: Timeouts, watched: Watched) {
    this.#clock = clock
    this.#timers = timers
    this.#limits = limits
    this.#watched = watched
    this.#startMs = clock.monotonicMs()
    this.#waitingSinceMs = this.#startMs
    timers.set(this, Math.min(LASTING_MS, limits.connectMs, limits.firstByteMs, limits.totalMs))
  }

  /** Milliseconds since the attempt began. */
  elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startMs
  }

  /** A connection stands: from now on silence is `first byte`. */
  connected(): void {
    this.#wait('first byte')
  }

  /** The connection that stood was lost before it was of any use, and a new one is opened. */
  reconnecting(): void {
    this.#wait('connect')
  }

  /** The connection stood before the attempt began. The timer is set for sooner already. */
  reused(): void {
    this.#waitingFor = 'first byte'
  }

  /** A piece of the answer came: from now on silence is `idle`. Later ones cost one clock reading: the timer is moved only when it is due. */
  alive(): void {
    if (this.#waitingFor === 'idle') this.#waitingSinceMs = this.#clock.monotonicMs()
    else this.#wait('idle')
  }

  /** The attempt is over; nothing fires any more. */
  stop(): void {
    this.#over = true
    this.#timers.cancel(this)
  }

  due(): void {
    if (!this.#lasts) this.#last()
    if (this.#over) return
    const now = this.#clock.monotonicMs()
    const leftTotal = this.#startMs + this.#limits.totalMs - now
    const leftSilence = this.#waitingSinceMs + this.#silenceMs() - now
    if (leftTotal <= 0) this.#fire('total')
    else if (leftSilence <= 0) this.#fire(this.#waitingFor)
    else this.#timers.set(this, Math.min(leftTotal, leftSilence))
  }

  #last(): void {
    this.#lasts = true
    if (!this.#over) this.#watched.lasting()
  }

  #silenceMs(): number {
    const limits = this.#limits
    if (this.#waitingFor === 'connect') return limits.connectMs
    return this.#waitingFor === 'idle' ? limits.idleMs : limits.firstByteMs
  }

  /** The silence allowed from here on may be shorter than the one the timer was set for. */
  #wait(what: 'connect' | 'first byte' | 'idle'): void {
    this.#waitingFor = what
    this.#waitingSinceMs = this.#clock.monotonicMs()
    this.due()
  }

  #fire(timer: TimerName): void {
    this.stop()
    this.#watched.timedOut(timer)
  }
}
