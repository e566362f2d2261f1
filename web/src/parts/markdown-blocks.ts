import { type Inline, readInline } from './markdown-inline.ts'

/** A piece of a page. */
export type Block =
  | { readonly type: 'heading' | 'paragraph' | 'quote'; readonly inside: readonly Inline[] }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'list'; readonly ordered: boolean; readonly items: readonly Item[] }
  | { readonly type: 'table'; readonly head: readonly Cell[]; readonly rows: readonly (readonly Cell[])[] }
  | { readonly type: 'rule' }

type Cell = readonly Inline[]

/** An item of a list; `depth` from 0. */
interface Item {
  readonly depth: number
  readonly inside: readonly Inline[]
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/
const HEADING = /^ {0,3}#{1,6}\s+(.*)$/
const RULE = /^ {0,3}(?:-{3,}|\*{3,}|_{3,})\s*$/
const ITEM = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/
const QUOTE = /^ {0,3}> ?(.*)$/
const TABLE_LINE = /^\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*$/

/** Reads a text that grows. */
export interface MarkdownReader {
  /** The blocks of the text. Those that are as they were in the text before are the same objects. */
  read(text: string): readonly Block[]
}

/** A block, and the place in the text where its first line begins. */
interface Placed {
  readonly block: Block
  readonly from: number
}

/** The last block may still grow, and the one before it be joined by what the last one was taken for. */
const UNSETTLED = 2

/** Reads the Markdown that models write: its common part. What is not understood is text. Never throws, and takes time as what is new is long. */
export function openMarkdown(): MarkdownReader {
  let before = ''
  let settled: readonly Placed[] = []
  return {
    read(text) {
      const kept = text.startsWith(before) ? settled.slice(0, -UNSETTLED) : []
      const from = kept.length === 0 ? 0 : (settled[kept.length]?.from ?? 0)
      settled = [...kept, ...blocksFrom(text, from)]
      before = text
      return settled.map(({ block }) => block)
    },
  }
}

function blocksFrom(text: string, from: number): readonly Placed[] {
  const raw = text.slice(from).split('\n')
  const lines = raw.map(line => (line.endsWith('\r') ? line.slice(0, -1) : line))
  const blocks: Placed[] = []
  let place = from
  for (let at = 0; at < lines.length; ) {
    const { block, next } = blockAt(lines, at)
    if (block !== undefined) blocks.push({ block, from: place })
    for (; at < next; at++) place += (raw[at] ?? '').length + 1
  }
  return blocks
}

interface Read {
  readonly block?: Block
  /** The line behind it. */
  readonly next: number
}

function blockAt(lines: readonly string[], at: number): Read {
  const line = lines[at] ?? ''
  if (line.trim() === '') return { next: at + 1 }
  const fence = FENCE.exec(line)?.[1]
  if (fence !== undefined) return fenced(lines, at, fence)
  const heading = HEADING.exec(line)?.[1]
  if (heading !== undefined) return { block: { type: 'heading', inside: readInline(heading) }, next: at + 1 }
  if (RULE.test(line)) return { block: { type: 'rule' }, next: at + 1 }
  if (ITEM.test(line)) return list(lines, at)
  if (QUOTE.test(line)) {
    const next = endOf(lines, at, each => QUOTE.test(each))
    const inside = lines.slice(at, next).map(each => QUOTE.exec(each)?.[1] ?? '')
    return { block: { type: 'quote', inside: readInline(inside.join('\n')) }, next }
  }
  if (line.includes('|') && TABLE_LINE.test(lines[at + 1] ?? '')) return table(lines, at)
  const next = endOf(lines, at + 1, (each, place) => !beginsBlock(each, lines[place + 1] ?? ''))
  return { block: { type: 'paragraph', inside: readInline(lines.slice(at, next).join('\n')) }, next }
}

function beginsBlock(line: string, following: string): boolean {
  const isOther = [FENCE, HEADING, RULE, ITEM, QUOTE].some(pattern => pattern.test(line))
  return line.trim() === '' || isOther || (line.includes('|') && TABLE_LINE.test(following))
}

function endOf(lines: readonly string[], from: number, belongs: (line: string, place: number) => boolean): number {
  let next = from
  while (next < lines.length && belongs(lines[next] ?? '', next)) next++
  return next
}

/** An answer that still comes has no closing fence yet: all that follows is code. */
function fenced(lines: readonly string[], at: number, fence: string): Read {
  const isOpen = (line: string) =>
    !(line.trimStart().startsWith(fence) && line.trim().replaceAll(fence[0] ?? '', '') === '')
  const end = endOf(lines, at + 1, isOpen)
  return { block: { type: 'code', text: lines.slice(at + 1, end).join('\n') }, next: end + 1 }
}

/** Deepest indentation of lists that is shown. */
const DEPTH_MAX = 3

function list(lines: readonly string[], at: number): Read {
  const isOrdered = (line: string) => ITEM.exec(line)?.[2] !== undefined
  const ordered = isOrdered(lines[at] ?? '')
  const items: { depth: number; text: string }[] = []
  let next = at
  for (; next < lines.length; next++) {
    const line = lines[next] ?? ''
    const found = ITEM.exec(line)
    const depth = Math.min(DEPTH_MAX, Math.floor((found?.[1]?.length ?? 0) / 2))
    if (found !== null && (depth > 0 || isOrdered(line) === ordered)) items.push({ depth, text: found[3] ?? '' })
    else if (found === null && /^\s+\S/.test(line) && !FENCE.test(line)) {
      const last = items.at(-1)
      if (last !== undefined) last.text += `\n${line.trim()}`
    } else break
  }
  const read = items.map(({ depth, text }) => ({ depth, inside: readInline(text) }))
  return { block: { type: 'list', ordered, items: read }, next }
}

function table(lines: readonly string[], at: number): Read {
  const next = endOf(lines, at + 2, line => line.includes('|'))
  const head = cellsOf(lines[at] ?? '')
  const rows = lines.slice(at + 2, next).map(line => cellsOf(line).slice(0, head.length))
  return { block: { type: 'table', head, rows }, next }
}

function cellsOf(line: string): readonly Cell[] {
  const bare = line.trim().replace(/^\|/, '').replace(/\|$/, '')
  return bare.split('|').map(cell => readInline(cell.trim()))
}
