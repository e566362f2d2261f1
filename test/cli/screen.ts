import { widthOf } from '../../src/cli/terminal-text.ts'

/** A terminal of so many columns and rows, as far as the command line uses one. */
export interface Screen {
  write(text: string): void
  /** What is on it, and above it what has scrolled away; without blanks at the ends of rows. */
  lines(): readonly string[]
  /** What is on it now. */
  view(): readonly string[]
  readonly cursor: { readonly row: number; readonly column: number }
  /** Escape sequences it does not know: a test wants none. */
  readonly unknown: readonly string[]
}

const PIECE = /\u001b\[[\d;?]*[A-Za-z]|\u001b.|[\n\r\t]|[^\u001b\n\r\t]+/g
const TAB = 8

/** An empty one. */
export function openScreen(columns = 80, rows = 20): Screen {
  const gone: string[] = []
  let grid: string[][] = Array.from({ length: rows }, () => [])
  const cursor = { row: 0, column: 0 }
  const unknown: string[] = []

  function lineFeed(): void {
    if (cursor.row < rows - 1) cursor.row += 1
    else {
      gone.push(textOf(grid[0]))
      grid = [...grid.slice(1), []]
    }
  }

  function put(character: string): void {
    const width = widthOf(character)
    if (cursor.column + width > columns) {
      cursor.column = 0
      lineFeed()
    }
    const row = grid[cursor.row] ?? []
    while (row.length < cursor.column) row.push(' ')
    row[cursor.column] = character
    for (let more = 1; more < width; more += 1) row[cursor.column + more] = ''
    cursor.column += width
  }

  function control(sequence: string): void {
    const [, digits = '', letter = ''] = /^\u001b\[([\d;?]*)([A-Za-z])$/.exec(sequence) ?? []
    const count = Number(digits === '' ? 1 : digits)
    if (letter === 'A') cursor.row = Math.max(0, cursor.row - count)
    else if (letter === 'B') cursor.row = Math.min(rows - 1, cursor.row + count)
    else if (letter === 'C') cursor.column = Math.min(columns - 1, cursor.column + count)
    else if (letter === 'J' && digits === '') {
      grid[cursor.row] = (grid[cursor.row] ?? []).slice(0, cursor.column)
      for (let row = cursor.row + 1; row < rows; row += 1) grid[row] = []
    } else if (letter !== 'm' && !(digits === '?2004' && /[hl]/.test(letter))) unknown.push(sequence)
  }

  return {
    cursor,
    unknown,
    write(text) {
      for (const [piece] of text.matchAll(PIECE)) {
        if (piece === '\n') {
          // The terminal's driver sends a carriage return along.
          cursor.column = 0
          lineFeed()
        } else if (piece === '\r') cursor.column = 0
        else if (piece === '\t') cursor.column = Math.min(columns - 1, (Math.floor(cursor.column / TAB) + 1) * TAB)
        else if (piece.startsWith('\u001b')) control(piece)
        else for (const { segment } of new Intl.Segmenter().segment(piece)) put(segment)
      }
    },
    lines: () => [...gone, ...grid.map(textOf)].join('\n').trimEnd().split('\n'),
    view: () => grid.map(textOf),
  }
}

function textOf(row: readonly string[] | undefined): string {
  return Array.from(row ?? [], cell => cell ?? ' ')
    .join('')
    .trimEnd()
}
