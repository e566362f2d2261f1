import type { JsonValue } from '../../base/json-value.ts'
import { buildTree, find, type Item, type Member, type Node, type Path, showPath, tokenize } from './tree.ts'

/** A change that cannot be made, in words. */
export class EditFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'EditFault'
  }
}

/** How new entries are written: JSON has every key in quotes and no comma behind the last entry. */
export type Spelling = 'json5' | 'json'

/** What new text must look like to fit the file: one step of indent, and the spelling. */
interface Hand {
  readonly unit: string
  readonly spelling: Spelling
}

/**
 * Sets one value in JSON5 text and leaves every other character as it is: comments, spelling, order. Objects on the way that are not there
 * are made. Throws {@link EditFault} if the path leads through something that is no object, and a SyntaxFault if the text is not JSON5.
 */
export function setInText(text: string, path: Path, value: JsonValue, spelling: Spelling = 'json5'): string {
  const hand: Hand = { unit: indentUnit(text), spelling }
  const { tokens, fault } = tokenize(text)
  if (fault !== undefined) throw fault
  const root = buildTree(tokens)
  const there = find(root, path)
  if (there !== undefined) {
    const { start, end } = there.node.span
    const printed = print(value, indentAt(text, start.index), hand)
    return text.slice(0, start.index) + inOwnLineEnds(text, printed) + text.slice(end.index)
  }
  const depth = deepest(root, path)
  const parent = find(root, path.slice(0, depth))?.node
  const step = path[depth]
  if (parent === undefined || step === undefined) throw new EditFault('The path is empty.')
  const inner = nest(path.slice(depth + 1), value)
  const isRoot = depth === 0
  if (parent.kind === 'object')
    return insert(text, parent, { lead: `${printKey(String(step), spelling)}: `, value: inner, isRoot }, hand)
  if (parent.kind === 'array' && step === parent.items.length)
    return insert(text, parent, { lead: '', value: inner, isRoot }, hand)
  const what = parent.kind === 'array' ? `has ${parent.items.length} entries` : 'holds a single value'
  throw new EditFault(
    `${showPath(path)} cannot be set: ${showPath(path.slice(0, depth)) || 'the configuration'} ${what}.`,
  )
}

/** How many steps of the path are there already. */
function deepest(root: Node, path: Path): number {
  let depth = 0
  while (depth < path.length && find(root, path.slice(0, depth + 1)) !== undefined) depth += 1
  return depth
}

/** The value inside the objects that have to be made around it. */
function nest(path: Path, value: JsonValue): JsonValue {
  return path.reduceRight<JsonValue>((inner, step) => {
    if (typeof step === 'string') return { [step]: inner }
    if (step !== 0) throw new EditFault('A list that is not there yet begins with [0].')
    return [inner]
  }, value)
}

type Container = Exclude<Node, { kind: 'scalar' }>

/** A new entry: what stands before its value, and whether it is the first level of the file, which gets lines of its own. */
interface NewEntry {
  readonly lead: string
  readonly value: JsonValue
  readonly isRoot: boolean
}

/** Puts a new last entry into an object or list, in the style of those before it. */
function insert(text: string, container: Container, { lead, value, isRoot }: NewEntry, hand: Hand): string {
  const close = container.span.end.index - 1
  const entries: readonly (Member | Item)[] = container.kind === 'object' ? container.members : container.items
  const last = entries.at(-1)
  const closeLine = lineStart(text, close)
  const closesAlone = text.slice(closeLine, close).trim() === '' && container.span.start.line < container.span.end.line
  const isBare = text.slice(container.span.start.index + 1, close).trim() === ''
  const outer = indentAt(text, closesAlone ? close : container.span.start.index)
  if (!closesAlone && !(isRoot && isBare)) {
    const entry = inOwnLineEnds(text, lead + print(value, outer, hand))
    return insertInline(text, close, last, entry, container.kind === 'object' ? ' ' : '')
  }
  const indent = entryIndent(text, entries[0]) ?? outer + hand.unit
  const comma = hand.spelling === 'json5' || last?.commaEnd !== undefined ? ',' : ''
  const entry = `${indent}${lead}${print(value, indent, hand)}${comma}\n`
  if (!closesAlone)
    return `${text.slice(0, close).trimEnd()}${inOwnLineEnds(text, `\n${entry}${outer}`)}${text.slice(close)}`
  return withComma(text.slice(0, closeLine), last) + inOwnLineEnds(text, entry) + text.slice(closeLine)
}

function insertInline(
  text: string,
  close: number,
  last: Member | Item | undefined,
  entry: string,
  pad: string,
): string {
  if (last === undefined) {
    const before = text.slice(0, close).trimEnd()
    return `${before}${before.endsWith('[') ? '' : ' '}${entry}${pad}${text.slice(close)}`
  }
  if (last.commaEnd !== undefined) return `${text.slice(0, last.commaEnd)} ${entry},${text.slice(last.commaEnd)}`
  const end = last.value.span.end.index
  return `${text.slice(0, end)}, ${entry}${text.slice(end)}`
}

/** The indent of an entry that begins its line. */
function entryIndent(text: string, entry: Member | Item | undefined): string | undefined {
  if (entry === undefined) return undefined
  const start = 'keySpan' in entry ? entry.keySpan.start.index : entry.value.span.start.index
  return text.slice(lineStart(text, start), start).trim() === '' ? indentAt(text, start) : undefined
}

/** One step of indent as the file has it. */
function indentUnit(text: string): string {
  return /^\t/m.test(text) ? '\t' : '  '
}

/** New text with the file's line endings. */
function inOwnLineEnds(file: string, text: string): string {
  return file.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text
}

/** The text with a comma behind its last entry, where that has none. */
function withComma(text: string, last: Member | Item | undefined): string {
  if (last === undefined || last.commaEnd !== undefined) return text
  const end = last.value.span.end.index
  return `${text.slice(0, end)},${text.slice(end)}`
}

function lineStart(text: string, index: number): number {
  return text.lastIndexOf('\n', index - 1) + 1
}

/** The white space at the beginning of the line a place is in. */
function indentAt(text: string, index: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, index)))?.[0] ?? ''
}

const INLINE_CHARS_MAX = 80

/** A value as text: on one line if it is short, else one entry a line. */
function print(value: JsonValue, indent: string, hand: Hand): string {
  if (typeof value === 'string') return printText(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const isList = Array.isArray(value)
  const [open, close] = isList ? ['[', ']'] : ['{ ', ' }']
  const deeper = indent + hand.unit
  const entries = isList
    ? value.map(item => print(item, deeper, hand))
    : Object.entries(value).flatMap(([key, item]) =>
        item === undefined ? [] : [`${printKey(key, hand.spelling)}: ${print(item, deeper, hand)}`],
      )
  if (entries.length === 0) return isList ? '[]' : '{}'
  const inline = `${open}${entries.join(', ')}${close}`
  if (inline.length <= INLINE_CHARS_MAX && !inline.includes('\n')) return inline
  const lines = entries.map(entry => deeper + entry).join(',\n')
  return `${open.trim()}\n${lines}${hand.spelling === 'json5' ? ',' : ''}\n${indent}${close.trim()}`
}

/** JSON's escapes, and those for the two line separators that end a line in JSON5 readers of the older kind. */
function printText(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

function printKey(key: string, spelling: Spelling): string {
  return spelling === 'json5' && /^[A-Za-z_$][\w$]*$/.test(key) && !/^(?:NaN|Infinity)$/.test(key)
    ? key
    : printText(key)
}
