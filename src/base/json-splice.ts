/** Where one field of a JSON object stands in the bytes: `[keyStart, keyEnd)` with its quotes, `[valueStart, valueEnd)` without space around. */
export interface FieldSpan {
  readonly keyStart: number
  readonly keyEnd: number
  readonly valueStart: number
  readonly valueEnd: number
}

/** What a scan found: the wanted fields that are there, and the places of the braces. */
export interface ObjectScan {
  readonly fields: ReadonlyMap<string, FieldSpan>
  /** Index just behind `{`. */
  readonly open: number
  /** Index of `}`. */
  readonly close: number
  readonly empty: boolean
}

/** Why the bytes are not one JSON object, in words, with the byte offset. */
export interface ScanFault {
  readonly fault: string
  readonly at: number
}

/** A replacement of `[start, end)`. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly insert: string
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** Strings up to this many bytes are looked through one byte at a time. */
const SHORT_STRING = 64
const decoder = new TextDecoder()
const encoder = new TextEncoder()

/**
 * Finds some top-level fields of a JSON object without parsing it: a body that only passes through costs one scan, not a tree.
 * Strings are skipped by searching for their closing quote, so the cost is far below a parse. Checks brackets, strings and depth, not
 * the spelling of numbers and literals (the provider does that). A wanted field that stands twice is a fault: readers disagree on
 * which one counts.
 */
export function scanObject(
  bytes: Uint8Array,
  wanted: readonly string[],
  range: { readonly start: number; readonly end: number } = { start: 0, end: bytes.length },
  depthMax = 64,
): ObjectScan | ScanFault {
  const scan = new Scanner(bytes, range.end, depthMax)
  return scan.object(range.start, wanted)
}

/** The spans of an array's elements, for the array that begins at `start`: all, or the first so many, and then what follows is not looked at. */
export function scanArray(
  bytes: Uint8Array,
  range: { readonly start: number; readonly end: number },
  depthMax = 64,
  elementsMax = Number.POSITIVE_INFINITY,
): readonly { readonly start: number; readonly end: number }[] | ScanFault {
  return new Scanner(bytes, range.end, depthMax).array(range.start, elementsMax)
}

/** Applies edits that do not overlap, in any order, in one copy. */
export function spliceBytes(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const [only] = edits
  if (only === undefined) return bytes
  if (edits.length === 1) return spliceOne(bytes, only)
  const sorted = edits.map(e => ({ ...e, insert: encoder.encode(e.insert) })).sort((a, b) => a.start - b.start)
  let length = bytes.length
  for (const edit of sorted) length += edit.insert.length - (edit.end - edit.start)
  const out = new Uint8Array(length)
  let from = 0
  let to = 0
  for (const edit of sorted) {
    copyBytes(bytes, from, edit.start, out, to)
    to += edit.start - from
    out.set(edit.insert, to)
    to += edit.insert.length
    from = edit.end
  }
  copyBytes(bytes, from, bytes.length, out, to)
  return out
}

/** Most requests that pass through get one edit: the model's name. */
function spliceOne(bytes: Uint8Array, { start, end, insert }: Edit): Uint8Array {
  const middle = encoder.encode(insert)
  const out = new Uint8Array(bytes.length - (end - start) + middle.length)
  copyBytes(bytes, 0, start, out, 0)
  out.set(middle, start)
  copyBytes(bytes, end, bytes.length, out, start + middle.length)
  return out
}

/** Up to this many bytes are copied one by one: making a view of an array costs more. */
const SHORT_COPY = 256

function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > SHORT_COPY) to.set(from.subarray(start, end), at)
  else for (let index = start; index < end; index += 1) to[at + index - start] = from[index] ?? 0
}

/** The text of a span. */
export function spanText(bytes: Uint8Array, start: number, end: number): string {
  const plain = end - start < SHORT_STRING ? plainString(bytes, start, end) : undefined
  return plain ?? decoder.decode(bytes.subarray(start, end))
}

/** A string value's text, or undefined if the span is not a JSON string. */
export function spanString(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (bytes[start] !== QUOTE) return undefined
  const plain = end - start < SHORT_STRING ? plainString(bytes, start + 1, end - 1) : undefined
  if (plain !== undefined) return plain
  try {
    const value: unknown = JSON.parse(spanText(bytes, start, end))
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** A short text of plain ASCII without escapes, which is what names are; undefined for any other. */
function plainString(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte < 0x20 || byte >= 0x80 || byte === BACKSLASH) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}

class Scanner {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #depthMax: number

  constructor(bytes: Uint8Array, end: number, depthMax: number) {
    this.#bytes = bytes
    this.#end = end
    this.#depthMax = depthMax
  }

  object(start: number, wanted: readonly string[]): ObjectScan | ScanFault {
    let at = this.#space(start)
    if (this.#bytes[at] !== 0x7b) return { fault: 'not a JSON object', at }
    const open = at + 1
    const fields = new Map<string, FieldSpan>()
    at = this.#space(open)
    if (this.#bytes[at] === 0x7d) return this.#nothingAfter(at) ?? { fields, open, close: at, empty: true }
    for (;;) {
      const keyEnd = this.#string(at)
      if (keyEnd < 0) return { fault: 'a field name is missing or not closed', at }
      const colon = this.#space(keyEnd)
      if (this.#bytes[colon] !== 0x3a) return { fault: 'a colon is missing', at: colon }
      const valueStart = this.#space(colon + 1)
      const valueEnd = this.#value(valueStart)
      if (valueEnd < 0) return { fault: 'a value is missing, not closed or nested too deeply', at: valueStart }
      const key = this.#wantedKey(at, keyEnd, wanted)
      if (key !== undefined) {
        if (fields.has(key)) return { fault: `"${key}" stands twice`, at }
        fields.set(key, { keyStart: at, keyEnd, valueStart, valueEnd })
      }
      at = this.#space(valueEnd)
      if (this.#bytes[at] === 0x7d) return this.#nothingAfter(at) ?? { fields, open, close: at, empty: false }
      if (this.#bytes[at] !== 0x2c) return { fault: 'a comma or closing brace is missing', at }
      at = this.#space(at + 1)
    }
  }

  array(start: number, elementsMax: number): { start: number; end: number }[] | ScanFault {
    if (this.#bytes[start] !== 0x5b) return { fault: 'not an array', at: start }
    const spans: { start: number; end: number }[] = []
    let at = this.#space(start + 1)
    if (this.#bytes[at] === 0x5d) return spans
    for (;;) {
      const end = this.#value(at)
      if (end < 0) return { fault: 'a value is missing, not closed or nested too deeply', at }
      spans.push({ start: at, end })
      if (spans.length >= elementsMax) return spans
      at = this.#space(end)
      if (this.#bytes[at] === 0x5d) return spans
      if (this.#bytes[at] !== 0x2c) return { fault: 'a comma or closing bracket is missing', at }
      at = this.#space(at + 1)
    }
  }

  #nothingAfter(close: number): ScanFault | undefined {
    const at = this.#space(close + 1)
    return at < this.#end ? { fault: 'text after the end of the object', at } : undefined
  }

  #space(from: number): number {
    const bytes = this.#bytes
    let at = from
    while (at < this.#end) {
      const byte = bytes[at]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break
      at += 1
    }
    return at
  }

  /** Index behind the string that begins here, or -1. Most strings are short: the search that is fast for long ones begins later. */
  #string(from: number): number {
    const bytes = this.#bytes
    if (bytes[from] !== QUOTE) return -1
    const near = Math.min(this.#end, from + SHORT_STRING)
    for (let at = from + 1; at < near; at += 1) {
      const byte = bytes[at]
      if (byte === QUOTE) return at + 1
      if (byte === BACKSLASH) at += 1
    }
    return this.#longString(from)
  }

  #longString(from: number): number {
    const bytes = this.#bytes
    let at = from + 1
    for (;;) {
      const close = bytes.indexOf(QUOTE, at)
      if (close < 0 || close >= this.#end) return -1
      let slashes = 0
      while (bytes[close - 1 - slashes] === BACKSLASH && close - 1 - slashes > from) slashes += 1
      at = close + 1
      if (slashes % 2 === 0) return at
    }
  }

  /** Index behind the value that begins here, or -1. */
  #value(from: number): number {
    const first = this.#bytes[from]
    if (from >= this.#end) return -1
    if (first === QUOTE) return this.#string(from)
    if (first === 0x7b || first === 0x5b) return this.#nested(from)
    let at = from
    while (at < this.#end && isLiteralByte(this.#bytes[at] ?? 0)) at += 1
    return at === from ? -1 : at
  }

  /** Brackets are matched by kind; what stands between them is skipped. */
  #nested(from: number): number {
    const stack: number[] = []
    let at = from
    while (at < this.#end) {
      const byte = this.#bytes[at] ?? 0
      if (byte === QUOTE) {
        at = this.#string(at)
        if (at < 0) return -1
        continue
      }
      if (byte === 0x7b || byte === 0x5b) {
        // +1: the object this value stands in.
        if (stack.length + 1 >= this.#depthMax) return -1
        stack.push(byte + 2)
      } else if (byte === 0x7d || byte === 0x5d) {
        if (stack.pop() !== byte) return -1
        if (stack.length === 0) return at + 1
      }
      at += 1
    }
    return -1
  }

  #wantedKey(start: number, end: number, wanted: readonly string[]): string | undefined {
    const bytes = this.#bytes
    for (const key of wanted) if (key.length === end - start - 2 && spells(bytes, start + 1, key)) return key
    for (let at = start + 1; at < end - 1; at += 1) {
      if (bytes[at] !== BACKSLASH) continue
      const key = spanString(bytes, start, end)
      return key !== undefined && wanted.includes(key) ? key : undefined
    }
    return undefined
  }
}

/** True if the bytes spell the text, which is ASCII. */
function spells(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (bytes[start + i] !== text.charCodeAt(i)) return false
  return true
}

/** Digits, letters, `+`, `-` and `.`: what numbers, `true`, `false` and `null` are made of. */
function isLiteralByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  )
}
