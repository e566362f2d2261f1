/** Reads a stream that is one JSON array, element by element, however the bytes are split. */
export interface JsonArrayReader {
  /**
   * The texts of the elements these bytes complete. An object, list or string is complete with its last character, so nobody waits for the
   * comma. Throws {@link JsonArrayOverflow} if one element exceeds the limit.
   */
  push(bytes: Uint8Array): readonly string[]
  /**
   * `open`: more may come. `ended`: the array is closed. `broken`: what came is no array, and no more elements are given. A stream that ends
   * while it is `open` was cut.
   */
  state(): 'open' | 'ended' | 'broken'
}

/** One element is larger than the limit. */
export class JsonArrayOverflow extends Error {
  constructor(limitChars: number) {
    super(`a single element of the array is larger than ${limitChars} characters`)
    this.name = 'JsonArrayOverflow'
  }
}

/** Largest single element taken from a provider, in characters: as much as one server-sent event may have. */
const JSON_ELEMENT_CHARS_MAX = 16 * 1024 * 1024

/**
 * Opens a reader. Only the frame around the elements is checked; whether an element is valid JSON is for its reader to say. An object that
 * stands alone where an array should be is taken for its only element: that is how errors come.
 */
export function openJsonArrayReader(elementCharsMax = JSON_ELEMENT_CHARS_MAX): JsonArrayReader {
  return new Reader(elementCharsMax)
}

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** `first` and `next` wait for an element; only `first` may also meet the closing bracket. */
type Place = 'start' | 'first' | 'next' | 'element' | 'after' | 'ended' | 'broken'

class Reader implements JsonArrayReader {
  readonly #elementCharsMax: number
  readonly #decoder = new TextDecoder('utf-8')
  #place: Place = 'start'
  /** The part of an unfinished element that came with earlier bytes. */
  #held = ''
  #depth = 0
  #quoted = false
  #escaped = false
  /** The object stands alone: its end is the end of all. */
  #alone = false

  constructor(elementCharsMax: number) {
    this.#elementCharsMax = elementCharsMax
  }

  state(): 'open' | 'ended' | 'broken' {
    return this.#place === 'ended' || this.#place === 'broken' ? this.#place : 'open'
  }

  push(bytes: Uint8Array): readonly string[] {
    const text = this.#decoder.decode(bytes, { stream: true })
    const elements: string[] = []
    let at = 0
    while (at < text.length && this.#place !== 'broken') {
      if (this.#place === 'element') at = this.#element(text, at, elements)
      else {
        const code = text.charCodeAt(at)
        if (isSpace(code)) at += 1
        else at += this.#between(code)
      }
    }
    return elements
  }

  /** Takes one character that stands outside elements; gives how many were used: none if an element begins with it. */
  #between(code: number): 0 | 1 {
    const place = this.#place
    if (place === 'start') {
      this.#alone = code === OPEN_OBJECT
      this.#place = this.#alone ? 'element' : code === OPEN_LIST ? 'first' : 'broken'
      return this.#alone ? 0 : 1
    }
    if (place === 'after' || (place === 'first' && code === CLOSE_LIST)) {
      this.#place = code === CLOSE_LIST ? 'ended' : code === COMMA ? 'next' : 'broken'
      return 1
    }
    const begins = place !== 'ended' && code !== COMMA && code !== CLOSE_LIST && code !== CLOSE_OBJECT
    this.#place = begins ? 'element' : 'broken'
    return 0
  }

  /** Reads on inside an element; gives where the text behind it begins, or the length if the element goes on. */
  #element(text: string, from: number, elements: string[]): number {
    const end = this.#endOf(text, from)
    const upTo = end < 0 ? text.length : end
    this.#held = from === 0 && upTo === text.length ? this.#held + text : this.#held + text.slice(from, upTo)
    if (this.#held.length > this.#elementCharsMax) throw new JsonArrayOverflow(this.#elementCharsMax)
    if (end < 0) return text.length
    elements.push(this.#held.trimEnd())
    this.#held = ''
    this.#place = this.#alone ? 'ended' : 'after'
    return end
  }

  /** Where the element ends (the index behind its last character), or -1. */
  #endOf(text: string, from: number): number {
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (this.#quoted) {
        if (this.#escaped) this.#escaped = false
        else if (code === BACKSLASH) this.#escaped = true
        else if (code === QUOTE) {
          this.#quoted = false
          if (this.#depth === 0) return at + 1
        }
      } else if (code === QUOTE) this.#quoted = true
      else if (code === OPEN_OBJECT || code === OPEN_LIST) this.#depth += 1
      else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
        // A number or word ends where the array does.
        if (this.#depth === 0) return at
        this.#depth -= 1
        if (this.#depth === 0) return at + 1
      } else if (code === COMMA && this.#depth === 0) return at
    }
    return -1
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

/** Writes a stream that is one JSON array. */
export interface JsonArrayWriter {
  /** The text that adds one element, given as JSON text. */
  element(json: string): string
  /** The text that closes the array. */
  end(): string
}

/** Opens a writer. White space may be written between any two of its texts. */
export function openJsonArrayWriter(): JsonArrayWriter {
  let begun = false
  const lead = (first: string, later: string) => {
    const text = begun ? later : first
    begun = true
    return text
  }
  return { element: json => lead('[', ',\n') + json, end: () => `${lead('[', '\n')}]` }
}
