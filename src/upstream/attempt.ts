import type { LatchWaiter } from '../base/latch.ts'
import type { Broken, SendParts } from './incoming.ts'
import { AttemptTimers, type Timeouts, type TimerName, type Watched } from './timers.ts'

/** Whoever carries an attempt out: told to let go of the connection. */
export interface Carrier {
  /** Called at most once, and never after the attempt was released. */
  stopped(why: Broken): void
}

/** What may end an attempt before the provider does, whichever client carries it: its timers, the caller that leaves, the gateway that closes. */
export class Attempt implements Watched, LatchWaiter, EventListenerObject {
  readonly timers: AttemptTimers
  readonly #parts: SendParts
  readonly #carrier: Carrier
  /** The caller's, once the attempt lasts. */
  #leaving: AbortSignal | undefined
  #released = false

  constructor(timeouts: Timeouts, parts: SendParts, carrier: Carrier) {
    this.#parts = parts
    this.#carrier = carrier
    this.timers = new AttemptTimers(parts.clock, parts.timers, timeouts, this)
  }

  /** From here on it may be ended. Apart from the making, so that a request can be on its way before: nothing else happens in between. */
  watch(): void {
    if (!this.#released) this.#parts.closing.add(this)
  }

  /** The attempt is over: nothing ends it any more. */
  release(): void {
    if (this.#released) return
    this.#released = true
    this.timers.stop()
    this.#leaving?.removeEventListener('abort', this)
    this.#parts.closing.remove(this)
  }

  /** Ends it for this reason, unless it is over. */
  stop(why: Broken): void {
    if (this.#released) return
    this.release()
    this.#carrier.stopped(why)
  }

  /** The gateway's closing ends it no more. */
  outliveClosing(): void {
    this.#parts.closing.remove(this)
  }

  /** The caller has left. */
  handleEvent(): void {
    this.stop({ type: 'cancelled' })
  }

  latchTripped(): void {
    this.stop({ type: 'cancelled' })
  }

  lasting(): void {
    if (this.#released) return
    this.#leaving = this.#parts.leaving.signal
    if (this.#leaving.aborted) this.stop({ type: 'cancelled' })
    else this.#leaving.addEventListener('abort', this, { once: true })
  }

  timedOut(timer: TimerName): void {
    this.stop({ type: 'timeout', timer, afterMs: this.timers.elapsedMs() })
  }
}
