import type { Output } from '../shell.ts'
import { beside, wrapRow } from './ansi-rows.ts'
import { openRegion, rowsOf } from './region.ts'

/** Wider than this a line of text is hard to read. */
const SIDE_COLUMNS_MAX = 100

/** A terminal that became narrower than this has one answer below the other. */
const BESIDE_COLUMNS_MIN = 60

const LINE = ' │ '

/** One of two answers. */
export interface Side {
  /** Adds rows that never change again, and takes these for those that still grow. */
  add(rows: readonly string[], growing: readonly string[]): void
  /** Puts rows below those of its head. */
  addToHead(rows: readonly string[]): void
}

/** Two answers that grow side by side, laid out anew when the terminal becomes wider or narrower. */
export interface Sides {
  readonly left: Side
  readonly right: Side
  /** Columns one of them has now. */
  columns(): number
  /** Draws everything for good. */
  finish(): void
}

/** Begins two answers, each below its head. */
export function openSides(heads: readonly [string, string], output: Output): Sides {
  const region = openRegion(output)
  const isBeside = () => output.columns >= BESIDE_COLUMNS_MIN
  const columns = () =>
    isBeside() ? Math.min(SIDE_COLUMNS_MAX, Math.floor((output.columns - LINE.length - 1) / 2)) : output.columns - 1

  const [left, right] = [openColumn(heads[0]), openColumn(heads[1])]

  const rows = (most: number) => {
    const width = Math.max(2, columns())
    const [first, second] = [left.laid(width), right.laid(width)]
    if (!isBeside()) return [...first, '', ...second].slice(-most)
    const from = Math.max(0, Math.max(first.length, second.length) - most)
    return beside(first.slice(from), second.slice(from), width, LINE)
  }
  const draw = () => region.draw([], rows(rowsOf(output)))
  const sideOf = (own: AnswerColumn): Side => ({
    add(more, growing) {
      own.add(more, growing)
      draw()
    },
    addToHead(more) {
      own.addToHead(more)
      draw()
    },
  })
  return {
    left: sideOf(left),
    right: sideOf(right),
    columns,
    finish: () => region.draw(rows(Number.POSITIVE_INFINITY), []),
  }
}

interface AnswerColumn extends Side {
  /** All of its rows, each in as many as it takes. */
  laid(columns: number): readonly string[]
}

function openColumn(title: string): AnswerColumn {
  const head = [title]
  const rows: string[] = []
  let growing: readonly string[] = []
  /** What never changes again, as it was laid out last, and how many rows of it that are. */
  let last = { columns: 0, count: 0, laid: [] as string[] }
  const wrapped = (row: string, columns: number) => wrapRow(row.replaceAll('\t', '    '), columns)
  return {
    add(more, still) {
      rows.push(...more)
      growing = still
    },
    addToHead(more) {
      head.push(...more)
    },
    laid(columns) {
      if (last.columns !== columns) last = { columns, count: 0, laid: [] }
      for (const row of rows.slice(last.count)) last.laid.push(...wrapped(row, columns))
      last.count = rows.length
      return [
        ...[...head, ''].flatMap(row => wrapped(row, columns)),
        ...last.laid,
        ...growing.flatMap(row => wrapped(row, columns)),
      ]
    },
  }
}
