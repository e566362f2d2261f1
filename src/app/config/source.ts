import { JsonTokenType } from '@croct/json5-parser'
import { quoteText, redactHeader } from '../../base/redact.ts'
import { holdsCredential, isPlainWord } from './plain-word.ts'
import { buildTree, type Node, type Span, SyntaxFault, type Token, tokenize } from './tree.ts'

/** The file being read: what faults are located in. */
export interface Source {
  readonly file: string
  /** Without a byte-order mark. */
  readonly text: string
  /** The file's values with their places, or the first thing that is not JSON5. */
  readonly root: Node | SyntaxFault
  /** Stretches that may hold a secret, by offset. */
  readonly hidden: readonly Stretch[]
}

interface Stretch {
  readonly start: number
  readonly end: number
}

/** Reads a text. Never throws. */
export function openSource(file: string, text: string): Source {
  const { tokens, fault } = tokenize(text)
  const root = fault ?? treeOf(tokens)
  const hidden = hiddenStretches(tokens, root instanceof SyntaxFault)
  // Behind the place where reading stopped nothing is known; the first character there is what the fault is about.
  if (fault !== undefined) hidden.push({ start: fault.span.start.index + 1, end: text.length })
  return { file, text, root, hidden }
}

function treeOf(tokens: readonly Token[]): Node | SyntaxFault {
  try {
    return buildTree(tokens)
  } catch (error) {
    if (error instanceof SyntaxFault) return error
    throw error
  }
}

/** Longest part of a line shown under a fault, in characters. */
const EXCERPT_CHARS_MAX = 160
/** What one control character becomes when it is written out: `\\xNN`, `\\u2028`. */
const ESCAPE_CHARS_MAX = 6
/** How much of a long line is shown before the place. */
const CONTEXT_CHARS = 60

/** The line of a place with everything that may be secret as dots, and a second line with carets under the place. */
export function excerpt(source: Source, span: Span): string {
  const start = source.text.lastIndexOf('\n', span.start.index - 1) + 1
  const feed = source.text.indexOf('\n', start)
  const end = feed < 0 ? source.text.length : feed
  const long = span.start.column > EXCERPT_CHARS_MAX - CONTEXT_CHARS
  const from = long ? Math.max(start, span.start.index - CONTEXT_CHARS) : start
  const to = Math.min(end, from + EXCERPT_CHARS_MAX)
  const lead = from > start ? '…' : ''
  const before = lead + mask(source, from, span.start.index)
  const stop = Math.max(span.start.index + 1, Math.min(span.end.index, to))
  const carets = '^'.repeat([...source.text.slice(span.start.index, stop)].length || 1)
  const line = printable(before + mask(source, span.start.index, to) + (to < end ? '…' : ''))
  return `${line.trimEnd()}\n${' '.repeat([...printable(before)].length)}${carets}`
}

/** Tabs would move the carets; other control characters are written out. */
function printable(text: string): string {
  const spaced = text.replaceAll('\t', ' ').replaceAll('\r', '')
  return quoteText(spaced, spaced.length * ESCAPE_CHARS_MAX)
}

function mask(source: Source, from: number, to: number): string {
  const near = source.hidden.filter(h => h.start < to && h.end > from)
  let shown = ''
  let index = from
  for (const char of source.text.slice(from, to)) {
    const at = index
    shown += near.some(h => at >= h.start && at < h.end) ? '•' : char
    index += char.length
  }
  return shown
}

/** Keys whose texts are never secret. Allow-lists, because a mistyped `apiKey` must not show its value. */
const OPEN_KEYS: ReadonlySet<string> = new Set([
  '$schema',
  'allowedHosts',
  'baseUrl',
  'default',
  'env',
  'exec',
  'file',
  'host',
  'id',
  'name',
  'targets',
])
/** Keys of words from a list, and of numbers: what stands there by mistake may be anything. */
const WORD_KEYS = /^(?:allowLoss|api|billing|fallbackOn|input|port)$|(?:Ms|Max|Tokens|Window)$/

/** Walks the words, knowing for each text which keys it stands under. In a broken file only plain words are shown. */
function hiddenStretches(tokens: readonly Token[], isBroken: boolean): Stretch[] {
  const words = tokens.filter(t => t.type !== JsonTokenType.WHITESPACE && t.type !== JsonTokenType.NEWLINE)
  const hidden: Stretch[] = []
  const above: string[] = []
  let key = ''
  words.forEach((token, i) => {
    const isKey = words[i + 1]?.text === ':'
    if (token.text === '{' || token.text === '[') above.push(key)
    else if (token.text === '}' || token.text === ']') key = above.pop() ?? ''
    else if (isKey) key = bare(token)
    const hide = (isBroken && !isPlainWord(token.text)) || mayHoldSecret(token, isKey, key, above.at(-1) ?? '')
    const quote = token.type === JsonTokenType.STRING ? 1 : 0
    if (hide) hidden.push({ start: token.start.index + quote, end: token.end.index - quote })
  })
  return hidden
}

function mayHoldSecret(token: Token, isKey: boolean, key: string, above: string): boolean {
  const isComment = token.type === JsonTokenType.LINE_COMMENT || token.type === JsonTokenType.BLOCK_COMMENT
  if (isComment) return !isPlainWord(token.text)
  if (token.type !== JsonTokenType.STRING) return false
  const value = bare(token)
  if (holdsCredential(value)) return true
  if (isKey || above === 'aliases' || /^\$\{\w+\}$/.test(value)) return false
  if (above === 'headers') return redactHeader(key, value) !== value || !isPlainWord(value)
  return !OPEN_KEYS.has(key) && !(WORD_KEYS.test(key) && isPlainWord(value))
}

function bare(token: Token): string {
  return token.type === JsonTokenType.STRING ? token.text.slice(1, -1) : token.text
}
