import { drawMarkdown, harmless, widthOf, withoutStyles } from '../terminal-text.ts'
import { cutRow, standAlone, wrapRow } from './ansi-rows.ts'
import { type Block, type BlockKind, openBlockReader, type Place, type Step } from './blocks.ts'
import { type CodeRows, openCode } from './code-rows.ts'

/** Markdown that comes in pieces, as rows of a terminal. */
export interface MarkdownStream {
  /** The rows this piece completes: they never change again. */
  push(text: string): readonly string[]
  /** The rows of what has begun and may still change, each no wider than the terminal. */
  growing(): readonly string[]
  /** What is left at the end. */
  finish(): readonly string[]
}

/** Longest open block that is drawn as Markdown while it grows, in characters; of a longer one the end is shown as it is. */
const GROWING_CHARS_MAX = 8_000
const TAIL_CHARS = 2_000

/** Columns that what belongs to a list's item is set in beyond its own: the item itself is set in too. */
const LIST_COLUMNS = 2

const marginOf = (indent: number) => (indent === 0 ? '' : ' '.repeat(indent + LIST_COLUMNS))

/** `columns` is asked whenever rows are made: a terminal may change its width. */
export function openMarkdown(columns: () => number, colors: boolean): MarkdownStream {
  const blocks = openBlockReader()
  let before: BlockKind | 'code' | undefined
  let code: CodeRows | undefined

  function rowsOf(step: Step): readonly string[] {
    switch (step.type) {
      case 'block': {
        const { kind } = step.block
        const rows = [...gapBetween(before, kind, step.block), ...blockRows(step.block, columns(), colors)]
        before = kind
        return rows
      }
      case 'fence': {
        const gap = gapBetween(before, 'code', step.place)
        before = 'code'
        code = openCode(step.info, marginOf(step.place.indent), colors)
        return [...gap, code.head]
      }
      case 'code':
        return code === undefined ? [] : [code.add(step.line)]
      case 'fence-end': {
        const rows = code === undefined ? [] : [code.foot]
        code = undefined
        return rows
      }
    }
  }

  return {
    push: text => blocks.push(text).flatMap(rowsOf),
    growing() {
      const step = blocks.open()
      const width = columns() - 1
      if (step === undefined || (step.type === 'code' && step.line === '')) return []
      if (step.type === 'code') return [cutRow(code?.peek(step.line).replaceAll('\t', '    ') ?? '', width)]
      const { block } = step
      const rows = block.text.length > GROWING_CHARS_MAX ? tailRows(block, width) : blockRows(block, columns(), colors)
      return [...gapBetween(before, block.kind, block), ...rows.map(row => cutRow(row, width))]
    },
    finish: () => [...blocks.finish().flatMap(rowsOf), ...rowsOf({ type: 'fence-end' })],
  }
}

/** The empty row above a block, where there is to be one. */
function gapBetween(
  before: BlockKind | 'code' | undefined,
  kind: BlockKind | 'code',
  { tight, indent }: Place,
): readonly string[] {
  if (before === undefined) return []
  const close = kind === 'item' || indent > 0 || (kind === 'text' && before === 'text')
  return tight && close && before !== 'heading' ? [] : ['']
}

/** The end of a long block, as it is. */
function tailRows({ text }: Block, columns: number): readonly string[] {
  return wrapRow(harmless(text.slice(-TAIL_CHARS)).replace(/\s+/g, ' '), columns)
}

/** Narrower than this Markdown is not laid out. */
const COLUMNS_MIN = 20

function blockRows({ text, indent }: Block, columns: number, colors: boolean): readonly string[] {
  const width = Math.max(COLUMNS_MIN, columns - 1 - marginOf(indent).length)
  const draw = (wide: number) => trimmed(standAlone(drawMarkdown(text, wide, colors).split('\n')))
  const drawn = draw(width)
  // The line left of a quotation is not counted by who draws it, and a heading is not wrapped.
  const over = Math.max(0, ...drawn.map(widthOf)) - width
  const rows = over > 0 && over <= EDGE_COLUMNS_MAX ? draw(width - over) : drawn
  return rows.flatMap(row => wrapRow(row, width)).map(row => marginOf(indent) + row)
}

/** Widest thing drawn left of a text, in columns: three quotations in each other, or a list in one. */
const EDGE_COLUMNS_MAX = 8

function trimmed(rows: readonly string[]): readonly string[] {
  const isFull = (row: string) => withoutStyles(row).trim() !== ''
  return rows.slice(rows.findIndex(isFull), rows.findLastIndex(isFull) + 1)
}
