import type { Paint } from './print.ts'
import { fit, widthOf, wrap } from './terminal-text.ts'

/** A column of a table. */
export interface Column {
  readonly title: string
  readonly right?: true
  /** Left out on terminals narrower than {@link NARROW_COLUMNS}. */
  readonly wide?: true
  /** Gives way where the table does not fit: its cells are cut. `first`: before all others. */
  readonly flexible?: true | 'first'
  /** Gives way before cells are cut, and goes on in further lines. Only for the last column. */
  readonly wraps?: true
  /** A cell that does not fit is not cut: it stands on lines of its own, above the rest of its row. Only for the first column. */
  readonly spills?: true
}

/** Terminals narrower than this get fewer columns. */
export const NARROW_COLUMNS = 100

const FLEXIBLE_COLUMNS_MIN = 12
const WRAPPED_COLUMNS_MIN = 28

/** A column of a table, its place in a row, and the width its cells would have. */
interface Placed {
  readonly column: Column
  readonly at: number
  readonly own: number
}

type Rows = readonly (readonly string[])[]

/** A table as lines. The last column is not padded; columns that do not fit give way as they may. */
export function layTable(columns: readonly Column[], rows: Rows, width: number, paint: Paint): readonly string[] {
  const kept = fitting(placed(columns, rows), width)
  const widths = shrunk(kept, width)
  const head = layRow(
    kept.map(({ column }) => column.title),
    kept,
    widths,
    width,
  )
  return [
    ...head.map(line => paint('dim', line)),
    ...rows.flatMap(row =>
      layRow(
        kept.map(({ at }) => row[at] ?? ''),
        kept,
        widths,
        width,
      ),
    ),
  ]
}

/** The columns a terminal must have for the table to stand there with nothing cut but what gives way first. */
export function uncutWidth(columns: readonly Column[], rows: Rows): number {
  return widthOfRow(
    placed(columns, rows).map(({ column, own }) =>
      column.flexible === 'first' ? Math.min(own, FLEXIBLE_COLUMNS_MIN) : own,
    ),
  )
}

function placed(columns: readonly Column[], rows: Rows): readonly Placed[] {
  return columns.map((column, at) => ({
    column,
    at,
    own: Math.max(widthOf(column.title), ...rows.map(row => widthOf(row[at] ?? ''))),
  }))
}

function layRow(
  cells: readonly string[],
  kept: readonly Placed[],
  widths: readonly number[],
  width: number,
): readonly string[] {
  const [first = '', ...others] = cells
  const spilled = kept[0]?.column.spills === true && widthOf(first) > (widths[0] ?? 0)
  const above = spilled ? wrap(first, width) : []
  const row = spilled ? ['', ...others] : cells
  const last = row.length - 1
  const wrapped = kept[last]?.column.wraps === true ? wrap(row[last] ?? '', widths[last] ?? 0) : [row[last] ?? '']
  const lay = (each: readonly string[]) =>
    each
      .map((cell, i) => pad(fit(cell, widths[i] ?? 0), widths[i] ?? 0, kept[i]?.column.right === true))
      .join('  ')
      .trimEnd()
  return [...above, ...wrapped.map((text, i) => lay([...(i === 0 ? row : row.map(() => '')).slice(0, last), text]))]
}

/** On a narrow terminal without the wide columns, elsewhere without the last of them that cannot be had. */
function fitting(all: readonly Placed[], width: number): readonly Placed[] {
  const last = all.findLastIndex(({ column }) => column.wide === true)
  if (last < 0) return all
  if (width < NARROW_COLUMNS) return all.filter(({ column }) => column.wide !== true)
  return widthOfRow(all.map(leastOf)) <= width ? all : fitting(all.toSpliced(last, 1), width)
}

/** The narrowest a column may become. */
function leastOf({ column, own }: Placed): number {
  if (column.flexible !== undefined || column.spills === true) return Math.min(own, FLEXIBLE_COLUMNS_MIN)
  return column.wraps === true ? Math.min(own, WRAPPED_COLUMNS_MIN) : own
}

function widthOfRow(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0) + 2 * (widths.length - 1)
}

/** The widths of the columns: what gives way first is made narrower before the rest, and of these the widest, until all fit. */
function shrunk(columns: readonly Placed[], width: number): readonly number[] {
  const widths = columns.map(({ own }) => own)
  const least = columns.map(leastOf)
  const turns: readonly ((column: Column) => boolean)[] = [
    ({ flexible }) => flexible === 'first',
    ({ wraps }) => wraps === true,
    ({ flexible, spills }) => flexible === true || spills === true,
  ]
  let excess = widthOfRow(widths) - width
  for (const isTurn of turns) {
    const giving = columns.flatMap(({ column }, i) => (isTurn(column) ? [i] : []))
    for (; excess > 0; excess -= 1) {
      const able = giving.filter(i => (widths[i] ?? 0) > (least[i] ?? 0))
      const most = Math.max(0, ...able.map(i => widths[i] ?? 0))
      const widest = able.find(i => widths[i] === most)
      if (widest === undefined) break
      widths[widest] = most - 1
    }
  }
  return widths
}

function pad(text: string, columns: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, columns - widthOf(text)))
  return right ? space + text : text + space
}
