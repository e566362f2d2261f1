import { Attempt, type Carrier } from './attempt.ts'
import type { Connection, ConnectionUser } from './http1-connection.ts'
import { HeaderLines } from './http1-head.ts'
import type { Pool } from './http1-pool.ts'
import { ReplyReader } from './http1-reader.ts'
import { type Address, requestBytes } from './http1-request.ts'
import {
  type Broken,
  collect,
  type Incoming,
  NO_BYTES,
  type Outgoing,
  type ReplyHeaders,
  type SendParts,
} from './incoming.ts'
import { unpacked } from './unpack.ts'
import { CLOSED, unreachable } from './unreachable.ts'

/** Bytes of an answer that may wait for the reader before the other side is slowed. */
const UNREAD_BYTES_MAX = 64 * 1024

const NO_HEADERS = new HeaderLines()

type Piece = Uint8Array | 'done' | Broken

/** Sends a request over a connection of the pool, and takes a `content-encoding` off the answer. Never rejects. */
export function exchangeDirectly(
  out: Outgoing,
  parts: SendParts,
  address: Address,
  pool: Pool,
): Promise<Incoming | Broken> {
  const bytes = requestBytes(out, address)
  if (bytes === undefined)
    return Promise.resolve({
      type: 'unreachable',
      why: 'a header of the request cannot be sent: it holds line breaks or the like',
    })
  return new DirectExchange(out, parts, address, pool, bytes).begin()
}

/** One request and its answer. One object with methods, because every call has one: a closure for each part would cost more than the parts. */
class DirectExchange implements Incoming, Carrier, ConnectionUser {
  readonly #attempt: Attempt
  readonly #address: Address
  readonly #pool: Pool
  readonly #isSafe: boolean
  readonly #reader = new ReplyReader()
  #connection: Connection | undefined
  #reused = false
  /** The request, until it is answered; what goes out next is its array `#sending`, from `#sentBytes` on. */
  #request: readonly Uint8Array[]
  #sending = 0
  #sentBytes = 0
  #answered = false
  /** Body bytes the reader has not taken, oldest first. */
  #unread: Uint8Array[] = []
  #unreadBytes = 0
  #broken: Broken | undefined
  #tellHead: ((got: Incoming | Broken) => void) | undefined
  #tellPiece: ((piece: Piece) => void) | undefined

  constructor(out: Outgoing, parts: SendParts, address: Address, pool: Pool, request: readonly Uint8Array[]) {
    this.#address = address
    this.#pool = pool
    this.#request = request
    this.#isSafe = out.method === 'GET'
    this.#attempt = new Attempt(out.timeouts, parts, this)
  }

  begin(): Promise<Incoming | Broken> {
    return new Promise(resolve => {
      this.#tellHead = resolve
      this.#connection = this.#pool.take(this.#address, this)
      if (this.#connection === undefined) {
        this.#attempt.watch()
        this.#connection = this.#pool.open(this.#address, this)
        return
      }
      this.#reused = true
      this.#attempt.timers.reused()
      // First the request, then who watches over it: that is done while the provider reads.
      this.#write()
      this.#attempt.watch()
    })
  }

  get status(): number {
    return this.#reader.head?.status ?? 0
  }

  get headers(): ReplyHeaders {
    return this.#reader.head?.headers ?? NO_HEADERS
  }

  read(): Promise<Piece> {
    const piece = this.#next()
    if (piece !== undefined) return Promise.resolve(piece)
    return new Promise(resolve => {
      this.#tellPiece = resolve
    })
  }

  whole(bytesMax: number): Promise<Uint8Array | 'too large' | Broken> {
    // Most small answers have come with their head, in one array.
    if (this.#reader.over && this.#unread.length <= 1 && this.#unreadBytes <= bytesMax)
      return Promise.resolve(this.#unread.pop() ?? NO_BYTES)
    return collect(this, bytesMax)
  }

  cancel(): void {
    this.#attempt.stop({ type: 'cancelled' })
  }

  outliveClosing(): void {
    this.#attempt.outliveClosing()
  }

  /** For the attempt: the caller has left, the gateway closes, or a timer ran out. */
  stopped(why: Broken): void {
    this.#unread = []
    this.#break(why)
    this.#tell()
  }

  connected(): void {
    this.#attempt.timers.connected()
    this.#write()
  }

  drained(): void {
    this.#write()
  }

  received(bytes: Uint8Array): void {
    const reader = this.#reader
    if (!this.#answered) this.#beginAnswer()
    const piece = reader.push(bytes)
    if (piece !== undefined && piece.length > 0) {
      this.#unread.push(piece)
      this.#unreadBytes += piece.length
    }
    if (reader.failed)
      this.#break({ type: 'unreachable', why: `the answer is not valid HTTP: ${reader.fault}`, sent: true })
    else if (reader.over) this.#finish()
    else if (this.#unreadBytes > UNREAD_BYTES_MAX) this.#connection?.pause()
    this.#tell()
  }

  lost(code: string): void {
    this.#connection = undefined
    if (this.#isStale()) this.#again()
    else {
      if (code === CLOSED) this.#reader.end()
      if (this.#reader.over) this.#finish()
      else this.#break(this.#isUnsent() ? unreachable(code) : { ...unreachable(code), sent: true })
      this.#tell()
    }
  }

  /**
   * A kept connection was closed before the request could be on its way, or the request may safely arrive twice (RFC 9110 §9.2.2). A `POST` of
   * which the socket took a byte is never sent again: an answer may have been made, and paid for.
   */
  #isStale(): boolean {
    return this.#reused && !this.#answered && (this.#isUnsent() || this.#isSafe)
  }

  #isUnsent(): boolean {
    return !this.#answered && this.#sending === 0 && this.#sentBytes === 0
  }

  #again(): void {
    this.#reused = false
    this.#sending = 0
    this.#sentBytes = 0
    this.#connection = this.#pool.open(this.#address, this)
    this.#attempt.timers.reconnecting()
  }

  /** A stream may last an hour: its request, which is not sent anew from here on, is not held that long. */
  #beginAnswer(): void {
    this.#answered = true
    this.#request = this.#request.slice(this.#sending)
    this.#sending = 0
  }

  /** Writes as much of the request as the socket takes. */
  #write(): void {
    for (;;) {
      const bytes = this.#request[this.#sending]
      if (bytes === undefined) return
      this.#sentBytes += this.#connection?.write(bytes, this.#sentBytes) ?? 0
      if (this.#sentBytes < bytes.length) return
      this.#sending += 1
      this.#sentBytes = 0
    }
  }

  /** The oldest piece, or how it ended, or nothing yet. */
  #next(): Piece | undefined {
    const piece = this.#unread.shift()
    if (piece !== undefined) {
      this.#unreadBytes -= piece.length
      if (this.#unreadBytes === 0) this.#connection?.resume()
      this.#attempt.timers.alive()
      return piece
    }
    return this.#broken ?? (this.#reader.over ? 'done' : undefined)
  }

  /** Gives whoever waits what there is now. */
  #tell(): void {
    const tellHead = this.#tellHead
    if (tellHead !== undefined) {
      if (this.#reader.head === undefined && this.#broken === undefined) return
      this.#tellHead = undefined
      tellHead(this.#reader.head === undefined ? (this.#broken ?? unreachable('')) : unpacked(this))
      return
    }
    const tellPiece = this.#tellPiece
    const piece = tellPiece === undefined ? undefined : this.#next()
    if (tellPiece === undefined || piece === undefined) return
    this.#tellPiece = undefined
    tellPiece(piece)
  }

  /** The whole answer is here. The connection is kept only if nothing about it is in doubt. */
  #finish(): void {
    const connection = this.#connection
    const head = this.#reader.head
    this.#connection = undefined
    this.#attempt.release()
    if (connection === undefined || head === undefined) return
    const sent = this.#sending === this.#request.length
    if (head.keepAlive && sent && !this.#reader.surplus) this.#pool.give(connection, head.keepAliveMs)
    else connection.destroy()
  }

  #break(why: Broken): void {
    this.#broken ??= why
    this.#connection?.destroy()
    this.#connection = undefined
    this.#attempt.release()
  }
}
