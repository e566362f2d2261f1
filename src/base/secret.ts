import { createHash, timingSafeEqual } from 'node:crypto'

const MASK = '••••'

/**
 * A value that cannot be printed: templates, `JSON.stringify`, `inspect` and structured clones of it show `••••` or nothing.
 * The only way to the text is {@link Secret.reveal}, which has few call sites: where a key is sent, compared, or handed to its owner.
 */
export class Secret {
  readonly #text: string
  #hash: Buffer | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself. Call it where the value is put on the wire and nowhere else. */
  reveal(): string {
    return this.#text
  }

  /** Constant-time comparison with a text of any length. */
  equals(other: string): boolean {
    return timingSafeEqual(this.#digest(), digest(other))
  }

  /** True if the other one hides the same text. Constant-time too, and cheap for one that is compared with many. */
  isSame(other: Secret): boolean {
    return timingSafeEqual(this.#digest(), other.#digest())
  }

  #digest(): Buffer {
    this.#hash ??= digest(this.#text)
    return this.#hash
  }

  /** True if the secret begins with the prefix; used to tell which service a key belongs to. */
  startsWith(prefix: string): boolean {
    return this.#text.startsWith(prefix)
  }

  /** The text with every occurrence of the secret masked: for what others wrote and we show. */
  maskIn(text: string): string {
    return this.#text.length >= 6 ? text.replaceAll(this.#text, MASK) : text
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [Symbol.toPrimitive](): string {
    return MASK
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
