import { quoteText } from '../base/redact.ts'

export { oneLine } from '../base/one-line.ts'

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

/** Wraps plain text at spaces; a word that is longer than the line stands alone. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line === '' || widthOf(longer) <= columns) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}

/** Markdown that a model wrote, drawn for a terminal. An entity may be a turn of direction; that is taken out. */
export function drawMarkdown(text: string, columns: number, colors: boolean): string {
  return Bun.markdown.ansi(harmless(text), { columns, colors }).replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
}
