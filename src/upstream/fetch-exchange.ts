import { Attempt, type Carrier } from './attempt.ts'
import { type Broken, collect, type Incoming, NO_BYTES, type Outgoing, type SendParts } from './incoming.ts'
import { codeOf, isNeverSent, unreachable } from './unreachable.ts'

/**
 * Sends a request by the runtime's own client: for origins that are reached through a proxy, which it knows how to ask. Never rejects. It does
 * not tell when a connection stands, so `connect` never runs out here: a proxy that cannot be reached is `unreachable`, or late for `first byte`.
 */
export function exchangeByFetch(out: Outgoing, parts: SendParts): Promise<Incoming | Broken> {
  return new FetchExchange(out, parts).begin()
}

const openBody = (response: Response | undefined) => response?.body?.getReader()

class FetchExchange implements Incoming, Carrier {
  readonly #out: Outgoing
  readonly #control = new AbortController()
  readonly #attempt: Attempt
  #response: Response | undefined
  #reader: ReturnType<typeof openBody>
  #broken: Broken | undefined

  constructor(out: Outgoing, parts: SendParts) {
    this.#out = out
    this.#attempt = new Attempt(out.timeouts, parts, this)
    this.#attempt.timers.reused()
    this.#attempt.watch()
  }

  async begin(): Promise<Incoming | Broken> {
    const { url, headers, body, method = 'POST' } = this.#out
    const signal = this.#control.signal
    try {
      this.#response = await fetch(url, {
        method,
        headers,
        ...(method === 'GET' ? {} : { body: body as Uint8Array<ArrayBuffer> }),
        redirect: 'manual',
        signal,
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
        this.#attempt.release()
        return this.#broken ?? 'done'
      }
      this.#attempt.timers.alive()
      return got.value
    } catch (error) {
      return this.#brokenBy(error)
    }
  }

  async whole(bytesMax: number): Promise<Uint8Array | 'too large' | Broken> {
    // A length that is told and small enough spares the reading piece by piece. Packed bytes may unpack to any size.
    const length = this.headers.get('content-length')
    const packed = this.headers.get('content-encoding') !== null
    if (length === null || packed || Number(length) > bytesMax) return await collect(this, bytesMax)
    this.#attempt.timers.alive()
    try {
      const bytes = (await this.#response?.bytes()) ?? NO_BYTES
      this.#attempt.release()
      return this.#broken ?? bytes
    } catch (error) {
      return this.#brokenBy(error)
    }
  }

  cancel(): void {
    this.#attempt.stop({ type: 'cancelled' })
  }

  outliveClosing(): void {
    this.#attempt.outliveClosing()
  }

  stopped(why: Broken): void {
    this.#broken ??= why
    this.#control.abort()
  }

  #brokenBy(error: unknown): Broken {
    this.#attempt.release()
    const code = codeOf(error)
    return this.#broken ?? (isNeverSent(code) ? unreachable(code) : { ...unreachable(code), sent: true })
  }
}
