import { createHash, timingSafeEqual } from 'node:crypto'

const MASK = '••••'

/**
 * A value that cannot be printed: templates, `JSON.stringify`, `inspect` and structured clones of it show `••••` or nothing.
 * The only way to the text is {@link Secret.reveal}, which has few call sites: where a key is sent, compared, or handed to its owner.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself. Call it where the value is put on the wire and nowhere else. */
  reveal(): string {
    return this.#text
  }

  /** Constant-time comparison with a text of any length. */
  equals(other: string): boolean {
    return timingSafeEqual(digest(this.#text), digest(other))
  }

  /** True if the other one hides the same text. */
  isSame(other: Secret): boolean {
    return other.equals(this.#text)
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
