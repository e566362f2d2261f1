import type { Clock } from '../base/clock.ts'
import type { CoarseTimers } from '../base/coarse-timers.ts'
import type { Latch } from '../base/latch.ts'
import type { HeadersLike } from '../catalog/retry-hints.ts'
import type { Network } from './network.ts'
import type { Timeouts, TimerName } from './timers.ts'

/** A request ready to go. The key is on the headers already, bound to the origin (see headers.ts). */
export interface Outgoing {
  /** `POST` unless told otherwise. A `GET` has no body. */
  readonly method?: 'GET' | 'POST'
  /** Begins with `origin` and a slash. */
  readonly url: string
  /** Scheme, host and port, as `URL.origin` writes them. */
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly timeouts: Timeouts
}

/** Why there is no answer, or no more of it. */
export type Broken =
  | { readonly type: 'timeout'; readonly timer: TimerName; readonly afterMs: number }
  /** `sent`: part of the request had gone out, so it may have been carried out all the same. */
  | { readonly type: 'unreachable'; readonly why: string; readonly sent?: true }
  | { readonly type: 'cancelled' }

/** The headers of an answer, names in lower case, repeated ones joined by a comma. What of `Headers` is used here, at a fraction of its cost. */
export interface ReplyHeaders extends HeadersLike {
  forEach(visit: (value: string, name: string) => void): void
}

/** An answer that has begun. `read` gives the body piece by piece and never rejects. */
export interface Incoming {
  readonly status: number
  readonly headers: ReplyHeaders
  /** The next piece, `done` at a clean end, or why there is no more. Pull-driven: what is read ahead is bounded. */
  read(): Promise<Uint8Array | 'done' | Broken>
  /** The whole body, at most `bytesMax` of it; `too large` if there is more. */
  whole(bytesMax: number): Promise<Uint8Array | 'too large' | Broken>
  /** Lets go of the connection, now. Safe to call at any time, also twice. */
  cancel(): void
  /** From now on the reader minds a shutdown: a stream that is passed on ends with words, not by a lost connection. */
  outliveClosing(): void
}

/**
 * Whoever may leave before the answer is there, such as the client's request. The runtime makes its signal when it is first looked at, which is worth it
 * only for a call that lasts; one that is made late tells what happened before.
 */
export type Leaving = Pick<Request, 'signal'>

/** What a request is sent with, beside itself. */
export interface SendParts {
  /** The client's: cancels when it goes. */
  readonly leaving: Leaving
  /** The gateway's: cancels when its time is over. */
  readonly closing: Latch
  readonly clock: Clock
  readonly timers: CoarseTimers
  /** How providers are reached. */
  readonly network: Network
}

/** Collects a body piece by piece, until its end or until it is larger than `bytesMax`; then the rest is let go. */
export async function collect(
  incoming: Pick<Incoming, 'read' | 'cancel'>,
  bytesMax: number,
): Promise<Uint8Array | 'too large' | Broken> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const piece = await incoming.read()
    if (piece === 'done') return parts.length === 1 ? (parts[0] ?? NO_BYTES) : new Uint8Array(Buffer.concat(parts))
    if ('type' in piece) return piece
    bytes += piece.length
    if (bytes > bytesMax) {
      incoming.cancel()
      return 'too large'
    }
    parts.push(piece)
  }
}

/** An empty body. */
export const NO_BYTES = new Uint8Array(0)
