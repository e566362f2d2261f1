import { quoteText } from '../base/redact.ts'

export { oneLine } from '../base/one-line.ts'

/** Stands between words that shall stay on one line. */
export const NO_BREAK = '\u00a0'

/** Columns a text takes on a terminal; colour codes take none, wide characters two. */
export function widthOf(text: string): number {
  return Bun.stringWidth(text)
}

/** A text somebody else wrote, harmless on a terminal: control characters and turns of direction are written out. Line breaks and tabs stay. */
export function harmless(text: string): string {
  return quoteText(text.replaceAll('\r\n', '\n'), Number.MAX_SAFE_INTEGER)
}

/** Cuts a text to a number of columns; what was cut is told by `…`. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let shown = ''
  for (const char of text) {
    if (widthOf(shown + char) > columns - 1) break
    shown += char
  }
  return `${shown}…`
}

/** A text without its colour codes. */
export function withoutStyles(text: string): string {
  return Bun.stripANSI(text)
}

/** The part of a text between two columns, with the colours it has there. A wide character at the end may stick out. */
export function sliceColumns(text: string, from: number, to: number): string {
  return Bun.sliceAnsi(text, from, to)
}

/**
 * Wraps text at spaces. A word that is longer than the line is broken, if it can be behind a sign between its parts. Half an address or a path leads
 * nowhere: they stand alone, however long they are.
 */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  const add = (word: string) => {
    const longer = line === '' ? word : `${line} ${word}`
    if (line === '' || widthOf(longer) <= columns) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  for (const word of text.split(' ')) {
    if (widthOf(word) <= columns || isPlace(word)) add(word)
    else
      for (const [i, piece] of pieces(word, columns).entries()) {
        if (i > 0 || line !== '') lines.push(line)
        line = piece
      }
  }
  return [...lines, line]
}

function isPlace(word: string): boolean {
  return /:\/\/|^\W?[~/]/.test(withoutStyles(word))
}

/** A long word in pieces that fit. Where words were glued it is broken between them. */
function pieces(word: string, columns: number): readonly string[] {
  if (word.includes(NO_BREAK)) return wrap(word.replaceAll(NO_BREAK, ' '), columns)
  const found: string[] = []
  let rest = word
  while (widthOf(rest) > columns) {
    const whole = sliceColumns(rest, 0, columns)
    // A wide character may stick out.
    const most = widthOf(whole) > columns ? sliceColumns(rest, 0, columns - 1) : whole
    const [parts = ''] = /^.*[/,;:|&?=_.-]/.exec(withoutStyles(most)) ?? []
    const end = widthOf(parts) > columns / 2 ? widthOf(parts) : Math.max(1, widthOf(most))
    found.push(sliceColumns(rest, 0, end))
    rest = sliceColumns(rest, end, widthOf(rest))
  }
  return [...found, rest]
}

/** Markdown that a model wrote, drawn for a terminal. An entity may be a turn of direction; that is taken out. */
export function drawMarkdown(text: string, columns: number, colors: boolean): string {
  return Bun.markdown.ansi(harmless(text), { columns, colors }).replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
}
