import type { Edit } from '../base/json-splice.ts'

const COMMA = 0x2c

/** A field (from its name on) or an element, as a scan found it. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The edits that take spans out of one object or list, and whether nothing is left of it. */
export interface Cut {
  readonly edits: readonly Edit[]
  readonly emptied: boolean
}

/**
 * Takes fields out of an object's bytes, or elements out of a list's, each with one of the commas beside it. Neighbours go together, since
 * they share the comma. `open` is the index just behind the opening brace or bracket.
 */
export function cutSpans(bytes: Uint8Array, open: number, spans: readonly Span[]): Cut {
  const runs: { start: number; end: number }[] = []
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const last = runs.at(-1)
    if (last !== undefined && nextStart(bytes, last.end) === span.start) last.end = span.end
    else runs.push({ start: span.start, end: span.end })
  }
  let emptied = false
  const edits = runs.map(run => {
    const after = skipSpace(bytes, run.end)
    if (bytes[after] === COMMA) return { start: run.start, end: skipSpace(bytes, after + 1), insert: '' }
    const before = skipSpaceBack(bytes, run.start)
    emptied = before === open
    return { start: bytes[before - 1] === COMMA ? before - 1 : before, end: run.end, insert: '' }
  })
  return { edits, emptied }
}

/** Where the next field or element begins, behind the comma after this one. */
function nextStart(bytes: Uint8Array, end: number): number {
  const comma = skipSpace(bytes, end)
  return bytes[comma] === COMMA ? skipSpace(bytes, comma + 1) : -1
}

/** Index of the first byte from here that is no space. */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from
  while (isSpace(bytes[at])) at += 1
  return at
}

/** Index just behind the last byte before `from` that is no space. */
function skipSpaceBack(bytes: Uint8Array, from: number): number {
  let at = from
  while (isSpace(bytes[at - 1])) at -= 1
  return at
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
