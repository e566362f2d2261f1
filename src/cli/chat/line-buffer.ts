import type { Key } from './keyboard.ts'

/** A text being written, and where the cursor stands in it. */
export interface LineBuffer {
  readonly text: string
  /** Index into the text. */
  readonly cursor: number
  /** What was cut last, for Ctrl-Y. */
  readonly cut: string
}

export const EMPTY_BUFFER: LineBuffer = { text: '', cursor: 0, cut: '' }

/** A text with the cursor at its end. */
export function bufferOf(text: string, cut = ''): LineBuffer {
  return { text, cursor: text.length, cut }
}

/** Writes a text at the cursor. */
export function insert({ text, cursor, cut }: LineBuffer, added: string): LineBuffer {
  return { text: text.slice(0, cursor) + added + text.slice(cursor), cursor: cursor + added.length, cut }
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** What people see as single characters. */
export function charactersOf(text: string): readonly string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment)
}

/** Characters looked at to find where one ends: no one has more. */
const NEAR = 64

function before({ text, cursor }: LineBuffer): number {
  return cursor - (charactersOf(text.slice(Math.max(0, cursor - NEAR), cursor)).at(-1)?.length ?? 0)
}

function after({ text, cursor }: LineBuffer): number {
  return cursor + (charactersOf(text.slice(cursor, cursor + NEAR))[0]?.length ?? 0)
}

function wordBefore({ text, cursor }: LineBuffer): number {
  return text.slice(0, cursor).search(/\S+\s*$/) >= 0 ? text.slice(0, cursor).search(/\S+\s*$/) : 0
}

function wordAfter({ text, cursor }: LineBuffer): number {
  return cursor + (/^\s*\S*/.exec(text.slice(cursor))?.[0].length ?? 0)
}

function lineStart({ text, cursor }: LineBuffer): number {
  return text.lastIndexOf('\n', cursor - 1) + 1
}

function lineEnd({ text, cursor }: LineBuffer): number {
  const at = text.indexOf('\n', cursor)
  return at < 0 ? text.length : at
}

function to(buffer: LineBuffer, cursor: number): LineBuffer {
  return { ...buffer, cursor }
}

/** Takes out what is between the cursor and a place. `keep`: for Ctrl-Y. */
function remove(buffer: LineBuffer, place: number, keep = false): LineBuffer {
  const [from, end] = place < buffer.cursor ? [place, buffer.cursor] : [buffer.cursor, place]
  const gone = buffer.text.slice(from, end)
  return {
    text: buffer.text.slice(0, from) + buffer.text.slice(end),
    cursor: from,
    cut: keep && gone !== '' ? gone : buffer.cut,
  }
}

type Edit = (buffer: LineBuffer) => LineBuffer

const PLAIN: Readonly<Record<string, Edit>> = {
  left: b => to(b, before(b)),
  right: b => to(b, after(b)),
  home: b => to(b, lineStart(b)),
  end: b => to(b, lineEnd(b)),
  backspace: b => remove(b, before(b)),
  delete: b => remove(b, after(b)),
  newline: b => insert(b, '\n'),
}

const CTRL: Readonly<Record<string, Edit>> = {
  a: b => to(b, lineStart(b)),
  e: b => to(b, lineEnd(b)),
  b: b => to(b, before(b)),
  f: b => to(b, after(b)),
  h: b => remove(b, before(b)),
  d: b => remove(b, after(b)),
  k: b => remove(b, lineEnd(b) === b.cursor ? after(b) : lineEnd(b), true),
  u: b => remove(b, lineStart(b), true),
  w: b => remove(b, wordBefore(b), true),
  y: b => insert(b, b.cut),
  left: b => to(b, wordBefore(b)),
  right: b => to(b, wordAfter(b)),
}

const ALT: Readonly<Record<string, Edit>> = {
  b: b => to(b, wordBefore(b)),
  f: b => to(b, wordAfter(b)),
  d: b => remove(b, wordAfter(b), true),
  left: b => to(b, wordBefore(b)),
  right: b => to(b, wordAfter(b)),
  backspace: b => remove(b, wordBefore(b), true),
}

/** The buffer after a key; the same one if the key edits nothing. */
export function edit(buffer: LineBuffer, key: Key): LineBuffer {
  if (key.text !== '') return insert(buffer, key.text)
  const keys = key.ctrl ? CTRL : key.alt ? ALT : PLAIN
  return (Object.hasOwn(keys, key.name) ? keys[key.name] : undefined)?.(buffer) ?? buffer
}

/** The buffer with the cursor a line higher or lower, at the same character of it; undefined if there is no such line. */
export function moveLine(buffer: LineBuffer, by: -1 | 1): LineBuffer | undefined {
  const { text } = buffer
  const start = lineStart(buffer)
  const next = by < 0 ? start - 1 : lineEnd(buffer) + 1
  if (next < 0 || next > text.length) return undefined
  const column = charactersOf(text.slice(start, buffer.cursor)).length
  const from = lineStart(to(buffer, next))
  const line = charactersOf(text.slice(from, lineEnd(to(buffer, from))))
  return to(buffer, from + line.slice(0, column).join('').length)
}
