import { Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { type Broken, collect, type Incoming, type ReplyHeaders } from './incoming.ts'

const UNPACKERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

/**
 * The answer with its `content-encoding` taken off. Requests ask for none, so this is for providers that pack all the same. Unpacked as it is
 * read: a small answer that unpacks to any size costs no more memory than another.
 */
export function unpacked(incoming: Incoming): Incoming {
  const coding = (incoming.headers.get('content-encoding') ?? '').trim().toLowerCase()
  if (coding === '' || coding === 'identity') return incoming
  return new Unpacked(incoming, Object.hasOwn(UNPACKERS, coding) ? UNPACKERS[coding] : undefined)
}

const UNKNOWN: Broken = { type: 'unreachable', why: 'the answer is packed in a way that was not asked for' }
const DAMAGED: Broken = { type: 'unreachable', why: 'the packed answer is damaged or incomplete' }

class Unpacked implements Incoming {
  readonly #packed: Incoming
  readonly #pieces: AsyncIterator<Uint8Array> | undefined
  #broken: Broken | undefined

  constructor(packed: Incoming, open: (() => Transform) | undefined) {
    this.#packed = packed
    if (open !== undefined) this.#pieces = this.#through(open())
  }

  get status(): number {
    return this.#packed.status
  }

  get headers(): ReplyHeaders {
    return this.#packed.headers
  }

  async read(): Promise<Uint8Array | 'done' | Broken> {
    if (this.#pieces === undefined) return this.#fail(UNKNOWN)
    try {
      const got = await this.#pieces.next()
      return got.done === true ? (this.#broken ?? 'done') : got.value
    } catch {
      return this.#fail(DAMAGED)
    }
  }

  whole(bytesMax: number): Promise<Uint8Array | 'too large' | Broken> {
    return collect(this, bytesMax)
  }

  cancel(): void {
    this.#broken ??= { type: 'cancelled' }
    this.#packed.cancel()
  }

  outliveClosing(): void {
    this.#packed.outliveClosing()
  }

  #fail(why: Broken): Broken {
    this.#broken ??= why
    this.#packed.cancel()
    return this.#broken
  }

  #through(unpacker: Transform): AsyncIterator<Uint8Array> {
    const source = Readable.from(this.#raw(), { objectMode: false })
    // A failure of the source must reach whoever reads, or they would wait for ever.
    source.on('error', error => unpacker.destroy(error))
    return source.pipe(unpacker)[Symbol.asyncIterator]()
  }

  async *#raw(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = await this.#packed.read()
      if (piece === 'done') return
      if ('type' in piece) {
        this.#broken ??= piece
        throw new Error('the packed answer was cut')
      }
      yield piece
    }
  }
}
