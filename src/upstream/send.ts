import type { Clock } from '../base/clock.ts'
import type { CoarseTimers } from '../base/coarse-timers.ts'
import type { Latch, LatchWaiter } from '../base/latch.ts'
import { canConnect } from './connect-probe.ts'
import { AttemptTimers, type Timeouts, type TimerName, type Watched } from './timers.ts'

/** A request ready to go. The key is on the headers already, bound to the origin (see headers.ts). */
export interface Outgoing {
  readonly url: string
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly timeouts: Timeouts
}

/** Why there is no answer, or no more of it. */
export type Broken =
  | { readonly type: 'timeout'; readonly timer: TimerName; readonly afterMs: number }
  | { readonly type: 'unreachable'; readonly why: string }
  | { readonly type: 'cancelled' }

/** An answer that has begun. `read` gives the body piece by piece and never rejects. */
export interface Incoming {
  readonly status: number
  readonly headers: Headers
  /** The next piece, `done` at a clean end, or why there is no more. Pull-driven: nothing is read ahead. */
  read(): Promise<Uint8Array | 'done' | Broken>
  /** The whole body, at most `bytesMax` of it; `too large` if there is more. */
  whole(bytesMax: number): Promise<Uint8Array | 'too large' | Broken>
  /** Lets go of the connection, now. Safe to call at any time, also twice. */
  cancel(): void
  /** From now on the reader minds a shutdown: a stream that is passed on ends with words, not by a lost connection. */
  outliveClosing(): void
}

/** What a request is sent with, beside itself. */
export interface SendParts {
  /** The client's: cancels at once when it goes. */
  readonly leaving: AbortSignal
  /** The gateway's: cancels when its time is over. */
  readonly closing: Latch
  readonly clock: Clock
  readonly timers: CoarseTimers
}

/** Sends one request and waits for the answer's head. Never rejects. Redirects are not followed: a 3xx comes back as it is. */
export async function send(out: Outgoing, parts: SendParts): Promise<Incoming | Broken> {
  if (parts.leaving.aborted || parts.closing.happened) return { type: 'cancelled' }
  return await new Exchange(out, parts).begin()
}

const openBody = (response: Response | undefined) => response?.body?.getReader()

/** One request and its answer. One object with methods, because every call has one: a closure for each part would cost more than the parts. */
class Exchange implements Incoming, Watched, LatchWaiter, EventListenerObject {
  readonly #out: Outgoing
  readonly #parts: SendParts
  readonly #control = new AbortController()
  readonly #watch: AttemptTimers
  #response: Response | undefined
  #reader: ReturnType<typeof openBody>
  #broken: Broken | undefined
  #released = false

  constructor(out: Outgoing, parts: SendParts) {
    this.#out = out
    this.#parts = parts
    parts.leaving.addEventListener('abort', this, { once: true })
    parts.closing.add(this)
    this.#watch = new AttemptTimers(parts.clock, parts.timers, out.timeouts, this)
  }

  async begin(): Promise<Incoming | Broken> {
    const { url, headers, body } = this.#out
    try {
      this.#response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: this.#control.signal,
      })
      return this
    } catch (error) {
      return this.#brokenBy(error)
    }
  }

  get status(): number {
    return this.#response?.status ?? 0
  }

  get headers(): Headers {
    return this.#response?.headers ?? new Headers()
  }

  async read(): Promise<Uint8Array | 'done' | Broken> {
    try {
      this.#reader ??= openBody(this.#response)
      const got = await this.#reader?.read()
      if (got === undefined || got.done) {
        this.#release()
        return this.#broken ?? 'done'
      }
      this.#watch.alive()
      return got.value
    } catch (error) {
      return this.#brokenBy(error)
    }
  }

  async whole(bytesMax: number): Promise<Uint8Array | 'too large' | Broken> {
    // A length that is told and small enough spares the reading piece by piece. Packed bytes may unpack to any size.
    const length = this.headers.get('content-length')
    const packed = this.headers.get('content-encoding') !== null
    if (length === null || packed || Number(length) > bytesMax) return await this.#collect(bytesMax)
    this.#watch.alive()
    try {
      const bytes = (await this.#response?.bytes()) ?? NO_BYTES
      this.#release()
      return this.#broken ?? bytes
    } catch (error) {
      return this.#brokenBy(error)
    }
  }

  cancel(): void {
    this.#stop({ type: 'cancelled' })
  }

  outliveClosing(): void {
    this.#parts.closing.remove(this)
  }

  handleEvent(): void {
    this.cancel()
  }

  latchTripped(): void {
    this.cancel()
  }

  timedOut(timer: TimerName): void {
    this.#stop({ type: 'timeout', timer, afterMs: this.#watch.elapsedMs() })
  }

  isReachable(): Promise<boolean> {
    return canConnect(this.#out.origin, this.#out.timeouts.connectMs)
  }

  async #collect(bytesMax: number): Promise<Uint8Array | 'too large' | Broken> {
    const parts: Uint8Array[] = []
    let bytes = 0
    for (;;) {
      const piece = await this.read()
      if (piece === 'done') return parts.length === 1 ? (parts[0] ?? NO_BYTES) : new Uint8Array(Buffer.concat(parts))
      if ('type' in piece) return piece
      bytes += piece.length
      if (bytes > bytesMax) {
        this.cancel()
        return 'too large'
      }
      parts.push(piece)
    }
  }

  #stop(why: Broken): void {
    this.#broken ??= why
    this.#release()
    this.#control.abort()
  }

  #brokenBy(error: unknown): Broken {
    this.#release()
    return this.#broken ?? { type: 'unreachable', why: whyUnreachable(error) }
  }

  #release(): void {
    if (this.#released) return
    this.#released = true
    this.#watch.stop()
    this.#parts.leaving.removeEventListener('abort', this)
    this.#parts.closing.remove(this)
  }
}

const NO_BYTES = new Uint8Array(0)

/** The runtime's error in words a person can use. Its own message may hold the URL with a query, so only its code is shown. */
function whyUnreachable(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  return WORDS[code] ?? (code === '' ? 'the connection failed' : `the connection failed (${code.slice(0, 60)})`)
}

const WORDS: Readonly<Record<string, string>> = {
  ConnectionRefused: 'the connection was refused: nothing listens at that address',
  ECONNREFUSED: 'the connection was refused: nothing listens at that address',
  ConnectionClosed: 'the connection was closed by the other side',
  ECONNRESET: 'the connection was reset by the other side',
  FailedToOpenSocket: 'no connection could be opened: the name or address cannot be reached',
  ENOTFOUND: 'the host name does not exist',
  DNSException: 'the host name could not be looked up',
  CERT_HAS_EXPIRED: 'the TLS certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the TLS certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the TLS certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the TLS certificate could not be verified',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the TLS certificate belongs to another name',
}
