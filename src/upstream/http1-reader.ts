import { ChunkReader } from './http1-chunks.ts'
import { HEAD_BYTES_MAX, parseHead, type ReplyHead } from './http1-head.ts'

/** Most interim answers (1xx) before the real one. */
const INTERIM_MAX = 100
const HEAD_END = Buffer.from('\r\n\r\n')
const BEGINNING = Buffer.from('HTTP/1.')
const LF = 0x0a
const CR = 0x0d

/** Where a reply stands: `over` and `failed` are final. */
type Phase = 'head' | 'body' | 'over' | 'failed'

/** Reads one answer from a connection, however its bytes are split. A pure reducer: no socket, no clock; no bytes make it throw. */
export class ReplyReader {
  /** Set once the head has come; interim ones are passed over. */
  head: ReplyHead | undefined
  /** Why this is no answer, in words. */
  fault = ''
  /** Bytes came behind its end: nobody asked for them, and the connection cannot be trusted any more. */
  surplus = false
  #phase: Phase = 'head'
  #held: Buffer | undefined
  #interim = 0
  #left = 0
  #chunks: ChunkReader | undefined

  /** The whole answer has come. */
  get over(): boolean {
    return this.#phase === 'over'
  }

  get failed(): boolean {
    return this.#phase === 'failed'
  }

  /** The body's bytes among these, if any. Takes the array over. */
  push(bytes: Uint8Array): Uint8Array | undefined {
    const rest = this.#phase === 'head' ? this.#takeHead(bytes) : bytes
    if (rest === undefined || rest.length === 0) return undefined
    if (this.#phase === 'body') return this.#takeBody(rest)
    this.surplus ||= this.#phase === 'over'
    return undefined
  }

  /** The other side has closed in order: the end of a body that has no other. */
  end(): void {
    if (this.#phase === 'body' && this.head?.body === 'until close') this.#phase = 'over'
  }

  /** What stands behind the head; undefined while it is not complete, or if it is no head. */
  #takeHead(bytes: Uint8Array): Uint8Array | undefined {
    let all = this.#hold(bytes)
    for (;;) {
      const end = all.indexOf(HEAD_END)
      if (end < 0 || end > HEAD_BYTES_MAX) return this.#keep(all)
      const head = parseHead(all.toString('latin1', 0, end))
      all = all.subarray(end + HEAD_END.length)
      if (typeof head === 'string') return this.#fail(head)
      if (head.status >= 200) {
        this.#begin(head)
        return all
      }
      if (head.status === 101) return this.#fail('it changes the protocol, which was not asked for')
      this.#interim += 1
      if (this.#interim > INTERIM_MAX) return this.#fail(`it comes behind more than ${INTERIM_MAX} interim answers`)
    }
  }

  #begin(head: ReplyHead): void {
    this.head = head
    this.#phase = head.body === 0 ? 'over' : 'body'
    if (head.body === 'chunked') this.#chunks = new ChunkReader()
    else if (typeof head.body === 'number') this.#left = head.body
  }

  #takeBody(bytes: Uint8Array): Uint8Array {
    if (this.#chunks !== undefined) return this.#takeChunks(bytes, this.#chunks)
    if (this.head?.body === 'until close') return bytes
    const piece = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes
    this.#left -= piece.length
    if (this.#left === 0) this.#phase = 'over'
    this.surplus = bytes.length > piece.length
    return piece
  }

  #takeChunks(bytes: Uint8Array, chunks: ChunkReader): Uint8Array {
    const piece = chunks.push(bytes)
    if (chunks.fault !== undefined) this.#fail(chunks.fault)
    else if (chunks.done) {
      this.#phase = 'over'
      this.surplus = chunks.surplus > 0
    }
    return piece
  }

  /** The bytes of an incomplete head, with these behind them. */
  #hold(bytes: Uint8Array): Buffer {
    const fresh = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const all = this.#held === undefined ? fresh : Buffer.concat([this.#held, fresh])
    this.#held = undefined
    return all
  }

  /** Waits for the rest of a head, unless what has come cannot begin one: a server of another protocol would be waited for in vain. */
  #keep(all: Buffer): undefined {
    const known = Math.min(all.length, BEGINNING.length)
    const lineEnd = all.indexOf(LF)
    if (!all.subarray(0, known).equals(BEGINNING.subarray(0, known)))
      this.#fail('it does not begin with an HTTP/1.1 status line')
    else if (lineEnd >= 0 && all[lineEnd - 1] !== CR) this.#fail('its lines end without a carriage return')
    else if (all.length > HEAD_BYTES_MAX) this.#fail(`its head is larger than ${HEAD_BYTES_MAX} bytes`)
    else this.#held = all
  }

  #fail(why: string): undefined {
    this.#phase = 'failed'
    this.fault = why
    this.#held = undefined
  }
}
