import { sliceColumns, widthOf, withoutStyles } from '../terminal-text.ts'

const STYLE = /\u001b\[([\d;]*)m/g
const RESET = '\u001b[0m'

/** What a style is about: a later one of the same kind takes its place. */
function kindOf(code: number): string {
  if (code === 1 || code === 2 || code === 22) return 'weight'
  if ((code >= 30 && code <= 39) || (code >= 90 && code <= 97)) return 'colour'
  if ((code >= 40 && code <= 49) || (code >= 100 && code <= 107)) return 'background'
  return String(code > 20 && code < 30 ? code - 20 : code)
}

const ENDS = new Set([22, 23, 24, 25, 27, 28, 29, 39, 49])

/** Rows that each carry their own styles: one of them can be drawn again without the one above. */
export function standAlone(rows: readonly string[]): readonly string[] {
  const styles = new Map<string, string>()
  return rows.map(row => {
    const before = [...styles.values()].join('')
    for (const [sequence, codes = ''] of row.matchAll(STYLE)) {
      const code = Number(codes.split(';')[0] ?? '')
      if (code === 0) styles.clear()
      else if (ENDS.has(code)) styles.delete(kindOf(code))
      else styles.set(kindOf(code), sequence)
    }
    return before + row + (styles.size > 0 ? RESET : '')
  })
}

/** As much of a row as fits, from a column on. A wide character that does not fit whole is left out. */
function slice(row: string, from: number, columns: number): string {
  const piece = sliceColumns(row, from, from + columns)
  return widthOf(piece) <= columns ? piece : sliceColumns(row, from, from + columns - 1)
}

/** A row in as many as it takes to fit, broken at spaces where there are any. `columns`: at least 2, which a wide character takes. */
export function wrapRow(row: string, columns: number): readonly string[] {
  const width = widthOf(row)
  const rows: string[] = []
  let from = 0
  while (width - from > columns) {
    const piece = withoutStyles(slice(row, from, columns))
    const space = piece.lastIndexOf(' ')
    const take = widthOf(space > 0 ? piece.slice(0, space + 1) : piece)
    rows.push(slice(row, from, take))
    from += take
  }
  return rows.length === 0 ? [row] : [...rows, sliceColumns(row, from, width)]
}

/** A row cut to fit; that something is missing is told by `…`. */
export function cutRow(row: string, columns: number): string {
  return widthOf(row) <= columns ? row : `${slice(row, 0, Math.max(0, columns - 1))}…`
}

/** Rows beside rows, `columns` wide on the left. */
export function beside(left: readonly string[], right: readonly string[], columns: number, line: string): string[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => {
    const own = left[at] ?? ''
    return `${own}${' '.repeat(Math.max(0, columns - widthOf(own)))}${line}${right[at] ?? ''}`.trimEnd()
  })
}
