import type { Clock } from '../base/clock.ts'
import type { CoarseTimers } from '../base/coarse-timers.ts'
import type { Latch } from '../base/latch.ts'
import { canConnect } from './connect-probe.ts'
import { type Timeouts, type TimerName, type Watch, watchAttempt } from './timers.ts'

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
  read(): Promise<{ readonly bytes: Uint8Array } | 'done' | Broken>
  /** The whole body, at most `bytesMax` of it; `too large` if there is more. */
  whole(bytesMax: number): Promise<Uint8Array | 'too large' | Broken>
  /** Lets go of the connection, now. Safe to call at any time, also twice. */
  cancel(): void
  /** From now on the reader minds a shutdown: a stream that is passed on ends with words, not by a lost connection. */
  outliveClosing(): void
}

/**
 * Sends one request and waits for the answer's head. Never rejects. Redirects are not followed: a 3xx comes back as it is. `leaving`
 * cancels at once when the client goes, `closing` when the gateway's time is over.
 */
export async function send(
  out: Outgoing,
  leaving: AbortSignal,
  closing: Latch,
  clock: Clock,
  timers: CoarseTimers,
): Promise<Incoming | Broken> {
  const control = new AbortController()
  const began = clock.monotonicMs()
  let broken: Broken | undefined
  const stop = (why: Broken) => {
    broken ??= why
    control.abort()
  }
  if (leaving.aborted || closing.happened) return { type: 'cancelled' }
  const onLeave = () => stop({ type: 'cancelled' })
  leaving.addEventListener('abort', onLeave, { once: true })
  const outliveClosing = closing.wait(onLeave)
  const probe = () => canConnect(out.origin, out.timeouts.connectMs)
  const onTimeout = (timer: TimerName) => stop({ type: 'timeout', timer, afterMs: clock.monotonicMs() - began })
  const watch = watchAttempt(clock, timers, out.timeouts, probe, onTimeout)
  const release = () => {
    watch.stop()
    leaving.removeEventListener('abort', onLeave)
    outliveClosing()
  }
  try {
    const response = await fetch(out.url, {
      method: 'POST',
      headers: out.headers,
      body: out.body,
      redirect: 'manual',
      signal: control.signal,
    })
    return { ...incoming(response, watch, release, stop, () => broken), outliveClosing }
  } catch (error) {
    release()
    return broken ?? { type: 'unreachable', why: whyUnreachable(error) }
  }
}

function incoming(
  response: Response,
  watch: Watch,
  release: () => void,
  stop: (why: Broken) => void,
  broken: () => Broken | undefined,
): Omit<Incoming, 'outliveClosing'> {
  let reader: ReturnType<typeof open> | undefined
  let first = true
  const open = () => response.body?.getReader()
  const brokenBy = (error: unknown): Broken => {
    release()
    return broken() ?? { type: 'unreachable', why: whyUnreachable(error) }
  }

  async function read(): Promise<{ readonly bytes: Uint8Array } | 'done' | Broken> {
    try {
      reader ??= open()
      const got = await reader?.read()
      if (got === undefined || got.done) {
        release()
        return broken() ?? 'done'
      }
      if (first) watch.begun()
      else watch.alive()
      first = false
      return { bytes: got.value }
    } catch (error) {
      return brokenBy(error)
    }
  }

  function cancel(): void {
    release()
    stop({ type: 'cancelled' })
  }

  return {
    status: response.status,
    headers: response.headers,
    read,
    cancel,
    async whole(bytesMax) {
      // A length that is told and small enough spares the reading piece by piece. Packed bytes may unpack to any size.
      const length = response.headers.get('content-length')
      const packed = response.headers.get('content-encoding') !== null
      if (length === null || packed || Number(length) > bytesMax) return await collect(read, cancel, bytesMax)
      watch.begun()
      try {
        const bytes = await response.bytes()
        release()
        return broken() ?? bytes
      } catch (error) {
        return brokenBy(error)
      }
    },
  }
}

async function collect(
  read: Incoming['read'],
  cancel: () => void,
  bytesMax: number,
): Promise<Uint8Array | 'too large' | Broken> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const piece = await read()
    if (piece === 'done') return parts.length === 1 ? (parts[0] ?? NO_BYTES) : new Uint8Array(Buffer.concat(parts))
    if ('type' in piece) return piece
    bytes += piece.bytes.length
    if (bytes > bytesMax) {
      cancel()
      return 'too large'
    }
    parts.push(piece.bytes)
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
