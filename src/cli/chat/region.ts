import type { Output } from '../shell.ts'
import { widthOf } from '../terminal-text.ts'

/** A place in a region: row and column, counted from 0. */
export interface Spot {
  readonly row: number
  readonly column: number
}

/** The lowest rows of a terminal, drawn in place. What has scrolled away is never touched. */
export interface Region {
  /**
   * Draws `stay`, which is then part of the terminal's history, and below it `change`, which the next call draws over. Of `change` only the
   * end is drawn where it is higher than the terminal; its rows must be narrower than the terminal. The cursor goes to `cursor` in what is
   * drawn of `change`, else behind its end.
   */
  draw(stay: readonly string[], change: readonly string[], cursor?: Spot): void
}

/** Rows of a terminal whose height is not known. */
const ROWS_DEFAULT = 24

/** How many rows a region may have. */
export function rowsOf(output: Output): number {
  return Math.max(2, output.rows ?? ROWS_DEFAULT)
}

/** Begins a region at the cursor, which must stand at the beginning of a row. */
export function openRegion(output: Output): Region {
  let shown: readonly string[] = []
  let at: Spot = { row: 0, column: 0 }

  /** Terminal rows that some rows take: one that was drawn on a wider terminal may take several by now. */
  const height = (rows: readonly string[]) =>
    rows.reduce((sum, row) => sum + Math.max(1, Math.ceil(widthOf(row) / output.columns)), 0)

  const move = (row: number) => {
    const down = height(shown.slice(0, row)) - height(shown.slice(0, at.row)) - Math.floor(at.column / output.columns)
    return down === 0 ? '' : `\x1b[${Math.abs(down)}${down < 0 ? 'A' : 'B'}`
  }

  return {
    draw(stay, change, cursor) {
      const growing = change.slice(-rowsOf(output))
      const next = [...stay, ...growing]
      const same = Math.max(0, Math.min(sameRows(shown, next), shown.length - 1, next.length - 1))
      const end = growing.length === 0 && next.length > 0 ? '\n' : ''
      const drawn = `${move(same)}\r\x1b[J${next.slice(same).join('\n')}${end}`
      shown = growing
      at = { row: Math.max(0, growing.length - 1), column: widthOf(growing.at(-1) ?? '') }
      output.write(cursor === undefined ? drawn : drawn + stepTo(cursor, at))
      if (cursor !== undefined) at = cursor
    },
  }
}

function stepTo({ row, column }: Spot, from: Spot): string {
  const up = from.row - row
  const rows = up > 0 ? `\x1b[${up}A` : ''
  if (row === from.row && column === from.column) return ''
  return `${rows}\r${column > 0 ? `\x1b[${column}C` : ''}`
}

function sameRows(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((row, i) => row !== b[i])
  return at < 0 ? Math.min(a.length, b.length) : at
}
