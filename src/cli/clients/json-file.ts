import { type Spelling, setInText } from '../../app/config/splice.ts'
import {
  buildTree,
  find,
  type Item,
  type Member,
  type Node,
  type Path,
  plainValue,
  SyntaxFault,
  tokenize,
} from '../../app/config/tree.ts'
import { isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { FileFault, type FileFormat } from './file-format.ts'

/** Strict JSON; comments that are there all the same stay. */
export const jsonFile: FileFormat = formatOf('json')

/** JSON5, with its own spelling for what is new. */
export const json5File: FileFormat = formatOf('json5')

function formatOf(spelling: Spelling): FileFormat {
  return {
    empty: '{\n}\n',
    nests: true,
    parse,
    set: (text, path, value) => spoken(() => setInText(filled(text), path, value, spelling)),
    remove: (text, path) => spoken(() => removeFromText(text, path)),
  }
}

/** A file of nothing is an empty object to those who read it. */
function filled(text: string): string {
  return text.trim() === '' ? '{\n}\n' : text
}

function parse(text: string): JsonObject {
  const value: JsonValue = spoken(() => plainValue(treeOf(filled(text))))
  if (isObject(value)) return value
  throw new FileFault('The file holds no object.')
}

function treeOf(text: string): Node {
  const { tokens, fault } = tokenize(text)
  if (fault !== undefined) throw fault
  return buildTree(tokens)
}

/** Faults of the reader, with their line. */
function spoken<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof SyntaxFault) throw new FileFault(`Line ${error.span.start.line}: ${error.message}`)
    if (error instanceof Error && error.name === 'EditFault') throw new FileFault(error.message)
    throw error
  }
}

/** Takes an entry out, with its line if it has one for itself, and with the comma that would be too many. */
function removeFromText(text: string, path: Path): string {
  const root = treeOf(text)
  const parent = find(root, path.slice(0, -1))?.node
  const step = path.at(-1)
  if (parent === undefined || parent.kind === 'scalar') return text
  const entries: readonly (Member | Item)[] = parent.kind === 'object' ? parent.members : parent.items
  const at =
    parent.kind === 'object' ? parent.members.findIndex(member => member.key === String(step)) : Number(step ?? -1)
  const entry = entries[at]
  if (entry === undefined) return text
  const before = entries[at - 1]
  const spare = entry.commaEnd === undefined && before?.commaEnd !== undefined ? before.commaEnd : undefined
  const from = lineBefore(text, 'keySpan' in entry ? entry.keySpan.start.index : entry.value.span.start.index)
  const to = lineBehind(text, entry.commaEnd ?? entry.value.span.end.index, from.alone)
  const head =
    spare === undefined ? text.slice(0, from.index) : text.slice(0, spare - 1) + text.slice(spare, from.index)
  return head + text.slice(to)
}

function lineBefore(text: string, start: number): { readonly index: number; readonly alone: boolean } {
  const line = text.lastIndexOf('\n', start - 1) + 1
  const alone = text.slice(line, start).trim() === ''
  return { index: alone ? line : start, alone }
}

function lineBehind(text: string, end: number, alone: boolean): number {
  const rest = /^[ \t]*(?:\r?\n)?/.exec(text.slice(end))?.[0] ?? ''
  return rest.endsWith('\n') && !alone ? end : end + rest.length
}
