import { HEAD_BYTES_MAX } from './http1-head.ts'

/** Longest extension of one chunk, in bytes. Nobody is known to send any. */
const EXTENSION_BYTES_MAX = 4 * 1024
/** Most hex digits of a chunk's size: more would not be exact in a number. */
const SIZE_DIGITS_MAX = 13

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const SEMICOLON = 0x3b
const DEL = 0x7f

/** What the next byte belongs to. */
type Expecting =
  | 'size'
  | 'space behind the size'
  | 'extension'
  | 'size line feed'
  | 'data'
  | 'data carriage return'
  | 'data line feed'
  | 'trailer line'
  | 'trailer'
  | 'trailer line feed'
  | 'last line feed'
  | 'nothing'

/**
 * Takes the chunked framing (RFC 9112 §7.1) off a body, however its bytes are split. Extensions and trailers are passed over: nothing here has a
 * use for them, and a proxy may drop them. A pure reducer.
 */
export class ChunkReader {
  /** Why the framing is broken, in words; nothing is read behind that. */
  fault: string | undefined
  /** Bytes that stood behind the end of the body in the last push. */
  surplus = 0
  #expecting: Expecting = 'size'
  #size = 0
  #digits = 0
  #extensionBytes = 0
  #trailerBytes = 0

  /** The end of the body has come. */
  get done(): boolean {
    return this.#expecting === 'nothing'
  }

  /** The body's bytes among these. Takes the array over: where several chunks stand in it, they are moved together. */
  push(bytes: Uint8Array): Uint8Array {
    let at = 0
    let start = 0
    let end = 0
    while (at < bytes.length && this.fault === undefined && this.#expecting !== 'nothing') {
      if (this.#expecting !== 'data') {
        this.fault = this.#step(bytes[at] ?? 0)
        at += 1
        continue
      }
      const length = Math.min(this.#size, bytes.length - at)
      if (end === start) start = end = at
      else bytes.copyWithin(end, at, at + length)
      end += length
      at += length
      this.#size -= length
      if (this.#size === 0) this.#expecting = 'data carriage return'
    }
    this.surplus = bytes.length - at
    return bytes.subarray(start, end)
  }

  #step(byte: number): string | undefined {
    switch (this.#expecting) {
      case 'size':
        return this.#stepSize(byte)
      case 'space behind the size':
      case 'extension':
        return this.#stepExtension(byte)
      case 'size line feed':
        return this.#lineFeed(byte, this.#size === 0 ? 'trailer line' : 'data')
      case 'data carriage return':
        if (byte !== CR) return 'a chunk is longer than its size'
        this.#expecting = 'data line feed'
        return undefined
      case 'data line feed':
        this.#digits = 0
        this.#extensionBytes = 0
        return this.#lineFeed(byte, 'size')
      case 'trailer line':
      case 'trailer':
        return this.#stepTrailer(byte)
      case 'trailer line feed':
        return this.#lineFeed(byte, 'trailer line')
      case 'last line feed':
        return this.#lineFeed(byte, 'nothing')
      default:
        return undefined
    }
  }

  #stepSize(byte: number): string | undefined {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit
      this.#digits += 1
      return this.#digits > SIZE_DIGITS_MAX ? 'a chunk is too large' : undefined
    }
    if (this.#digits === 0) return 'a chunk has no size'
    return this.#endSize(byte)
  }

  /** What may stand behind the size: spaces, an extension, the end of the line. */
  #endSize(byte: number): string | undefined {
    if (byte === CR) this.#expecting = 'size line feed'
    else if (byte === SEMICOLON) this.#expecting = 'extension'
    else if (byte === SPACE || byte === TAB) this.#expecting = 'space behind the size'
    else return 'the size of a chunk is not a number'
    return undefined
  }

  #stepExtension(byte: number): string | undefined {
    this.#extensionBytes += 1
    if (this.#extensionBytes > EXTENSION_BYTES_MAX) return 'the extension of a chunk is too long'
    if (this.#expecting === 'space behind the size') return this.#endSize(byte)
    if (byte === CR) this.#expecting = 'size line feed'
    else if (isControl(byte)) return 'the extension of a chunk holds control characters'
    return undefined
  }

  #stepTrailer(byte: number): string | undefined {
    this.#trailerBytes += 1
    if (this.#trailerBytes > HEAD_BYTES_MAX) return 'its trailers are too long'
    const atStart = this.#expecting === 'trailer line'
    if (byte === CR) this.#expecting = atStart ? 'last line feed' : 'trailer line feed'
    else if (isControl(byte) || (atStart && (byte === SPACE || byte === TAB)))
      return 'its trailers are not header lines'
    else this.#expecting = 'trailer'
    return undefined
  }

  #lineFeed(byte: number, next: Expecting): string | undefined {
    if (byte !== LF) return 'a line of its framing ends without a line feed'
    this.#expecting = next
    return undefined
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

function isControl(byte: number): boolean {
  return (byte < SPACE && byte !== TAB) || byte === DEL
}
