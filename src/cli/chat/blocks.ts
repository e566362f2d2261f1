/** What a piece of Markdown is, as far as drawing it line by line needs to know. */
export type BlockKind = 'text' | 'heading' | 'item'

/** Where a block stands among the others. */
export interface Place {
  /** Columns it is set in: it belongs to the list item above. */
  readonly indent: number
  /** No empty line stands between it and the one before. */
  readonly tight: boolean
}

/** A block that is drawn as a whole: a paragraph, a heading, one item of a list, a table, a quotation. */
export interface Block extends Place {
  readonly kind: BlockKind
  readonly text: string
}

/** What a line of Markdown completes. Code comes line by line, for it is never reflowed. */
export type Step =
  | { readonly type: 'block'; readonly block: Block }
  | { readonly type: 'fence'; readonly info: string; readonly place: Place }
  | { readonly type: 'code'; readonly line: string }
  | { readonly type: 'fence-end' }

/** Splits Markdown that comes in pieces. What it gives depends on whole lines only, never on where the text was cut. */
export interface BlockReader {
  /** The steps this piece completes. */
  push(text: string): readonly Step[]
  /** What has begun and may still change: the lines of an open block, or the open line of code. */
  open(): Extract<Step, { type: 'block' | 'code' }> | undefined
  /** What is left at the end. */
  finish(): readonly Step[]
}

const FENCE = /^( *)(`{3,}|~{3,})([^`]*)$/
const ITEM = /^( *)(?:[-*+]|(\d{1,9})[.)])(?:\s|$)/
const HEADING = /^ {0,3}#{1,6}(?:\s|$)/

interface Fence {
  readonly mark: string
  readonly indent: number
}

interface State {
  rest: string
  lines: string[]
  start: (Place & { readonly kind: BlockKind }) | undefined
  fence: Fence | undefined
  /** An empty line was seen since the last block. */
  gap: boolean
  /** The last block was an item of a list or belongs to one. */
  inList: boolean
}

/** Opens one for one answer. */
export function openBlockReader(): BlockReader {
  const state: State = { rest: '', lines: [], start: undefined, fence: undefined, gap: false, inList: false }
  return {
    push(text) {
      const steps: Step[] = []
      const lines = (state.rest + text).split('\n')
      state.rest = lines.pop() ?? ''
      for (const line of lines) take(line.replace(/\r$/, ''), state, steps)
      return steps
    },
    open() {
      if (state.fence !== undefined) return { type: 'code', line: undent(state.rest, state.fence.indent) }
      const steps: Step[] = []
      const copy = { ...state, lines: [...state.lines] }
      if (copy.rest !== '') take(copy.rest, copy, steps)
      close(copy, steps)
      return joined(steps)
    },
    finish() {
      const steps: Step[] = []
      if (state.rest !== '') take(state.rest, state, steps)
      state.rest = ''
      close(state, steps)
      return steps
    },
  }
}

/** A line that is not whole may look as if it ended the block before it: both are shown. */
function joined(steps: readonly Step[]): Extract<Step, { type: 'block' }> | undefined {
  const blocks = steps.flatMap(step => (step.type === 'block' ? [step.block] : []))
  const [first] = blocks
  return first === undefined
    ? undefined
    : { type: 'block', block: { ...first, text: blocks.map(({ text }) => text).join('\n') } }
}

function take(line: string, state: State, steps: Step[]): void {
  if (state.fence !== undefined) {
    takeCode(line, state.fence, state, steps)
    return
  }
  if (line.trim() === '') {
    close(state, steps)
    state.gap = true
    return
  }
  const fence = FENCE.exec(line)
  const [, spaces = '', mark = '', info = ''] = fence ?? []
  if (fence !== null && (spaces.length < 4 || state.inList)) {
    close(state, steps)
    const place = placeOf(spaces.length, false, state)
    state.fence = { mark, indent: spaces.length }
    state.gap = false
    steps.push({ type: 'fence', info: info.trim(), place })
    return
  }
  takeText(line, state, steps)
}

function takeCode(line: string, { mark, indent }: Fence, state: State, steps: Step[]): void {
  const bare = line.trim()
  const closes = bare.length >= mark.length && bare === (mark[0] ?? '').repeat(bare.length)
  if (closes) state.fence = undefined
  steps.push(closes ? { type: 'fence-end' } : { type: 'code', line: undent(line, indent) })
}

function takeText(line: string, state: State, steps: Step[]): void {
  const item = itemIn(line, state)
  const heading = item === undefined && HEADING.test(line)
  if (item !== undefined || heading) close(state, steps)
  if (state.start === undefined) {
    const spaces = line.length - line.trimStart().length
    const kind = item === undefined ? (heading ? 'heading' : 'text') : 'item'
    state.start = { kind, ...placeOf(spaces, kind === 'item', state) }
    state.gap = false
  }
  state.lines.push(undent(line, state.start.indent))
  if (heading) close(state, steps)
}

/** A number other than 1 does not begin a list in the middle of a paragraph: https://spec.commonmark.org/0.31.2/#list-items */
function itemIn(line: string, { start, inList }: State): true | undefined {
  const item = ITEM.exec(line)
  if (item === null || ((item[1] ?? '').length > 3 && !inList)) return undefined
  if (start?.kind === 'text' && item[2] !== undefined && item[2] !== '1') return undefined
  return true
}

/** What stands at the margin and is no item ends the list. */
function placeOf(spaces: number, isItem: boolean, state: State): Place {
  state.inList = isItem || (state.inList && spaces > 0)
  return { indent: state.inList ? spaces : 0, tight: !state.gap }
}

function undent(line: string, columns: number): string {
  const spaces = line.length - line.trimStart().length
  return line.slice(Math.min(spaces, columns))
}

function close(state: State, steps: Step[]): void {
  const { start, lines } = state
  if (start !== undefined) steps.push({ type: 'block', block: { ...start, text: lines.join('\n') } })
  state.start = undefined
  state.lines = []
}
