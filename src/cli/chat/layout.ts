import { widthOf } from '../terminal-text.ts'
import { charactersOf, type LineBuffer } from './line-buffer.ts'
import type { Spot } from './region.ts'

/** What stands before the first line and before the others; of the same width. */
export interface Prompts {
  readonly first: string
  readonly more: string
}

/** A text as rows of a terminal, each narrower than it, and where its cursor is. */
export interface Layout {
  readonly rows: readonly string[]
  readonly cursor: Spot
}

const TAB_COLUMNS = 4

/** Lays a text out; of one that is higher than the terminal, the part around the cursor. */
export function layOut({ text, cursor }: LineBuffer, prompts: Prompts, columns: number, rowsMax: number): Layout {
  const rows: string[] = []
  let row = prompts.first
  let width = widthOf(prompts.first)
  let at = 0
  let spot: Spot | undefined
  const end = () => {
    rows.push(row)
    row = prompts.more
    width = widthOf(prompts.more)
  }
  for (const character of charactersOf(text)) {
    const shown = character === '\t' ? ' '.repeat(TAB_COLUMNS) : character
    const wide = character === '\n' ? 0 : widthOf(shown)
    if (width + wide > columns - 1) end()
    if (at === cursor) spot = { row: rows.length, column: width }
    if (character === '\n') end()
    else {
      row += shown
      width += wide
    }
    at += character.length
  }
  spot ??= { row: rows.length, column: width }
  rows.push(row)
  const from = Math.max(0, Math.min(spot.row - Math.floor(rowsMax / 2), rows.length - rowsMax))
  return { rows: rows.slice(from, from + rowsMax), cursor: { ...spot, row: spot.row - from } }
}
