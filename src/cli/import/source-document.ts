import { LineCounter, parseDocument } from 'yaml'
import {
  buildTree,
  DEPTH_MAX,
  find,
  type Node,
  type Path,
  plainValue,
  SyntaxFault,
  tokenize,
} from '../../app/config/tree.ts'
import { isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { withoutMark } from '../clients/connection.ts'
import { CliFault, EXIT } from '../verb.ts'

/** The settings of another program, with the lines they stand in. */
export interface SourceDocument {
  readonly file: string
  readonly value: JsonObject
  /** From 1; undefined where nothing stands at the path. */
  lineOf(path: Path): number | undefined
}

/** Reads JSON, JSON with comments, or JSON5. Throws a usage fault with the line, without the file's words. */
export function readJsonSource(file: string, text: string): SourceDocument {
  try {
    const { tokens, fault } = tokenize(withoutMark(text))
    if (fault !== undefined) throw fault
    const root = buildTree(tokens)
    return { file, value: objectIn(plainValue(root), file), lineOf: path => lineIn(root, path) }
  } catch (error) {
    if (error instanceof SyntaxFault) throw unreadable(file, error.span.start.line, error.message)
    throw error
  }
}

/** The same for JSON that was taken out of a database: it has no lines. */
export function readStoredSource(file: string, json: string): SourceDocument {
  const { value } = readJsonSource(file, json)
  return { file, value, lineOf: () => undefined }
}

function lineIn(root: Node, path: Path): number | undefined {
  const found = find(root, path)
  return (found?.keySpan ?? found?.node.span)?.start.line
}

/** An anchor may be used this often: more would be a bomb. */
const ALIASES_MAX = 200

/** Reads YAML 1.2, anchors and merge keys included. Throws a usage fault with the line, without the file's words. */
export function readYamlSource(file: string, text: string): SourceDocument {
  const counter = new LineCounter()
  try {
    const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, merge: true, logLevel: 'silent' })
    const [fault] = document.errors
    if (fault !== undefined) throw unreadable(file, counter.linePos(fault.pos[0]).line, wordsOf(fault.code))
    const value = plain(document.toJS({ maxAliasCount: ALIASES_MAX }), 0)
    return {
      file,
      value: objectIn(value ?? {}, file),
      lineOf(path) {
        const node: unknown = document.getIn(path, true)
        const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
        const start: unknown = Array.isArray(range) ? range[0] : undefined
        return typeof start === 'number' ? counter.linePos(start).line : undefined
      },
    }
  } catch (error) {
    if (error instanceof CliFault) throw error
    // The library throws for aliases without end and for nesting that overflows the stack.
    throw new CliFault(EXIT.usage, `${file} cannot be read as YAML: its anchors or its nesting have no end.`)
  }
}

/** `BAD_ALIAS` and its like, as words: the library's own sentence may repeat the file. */
function wordsOf(code: string): string {
  return `${code.toLowerCase().replaceAll('_', ' ')}.`
}

function unreadable(file: string, line: number, words: string): CliFault {
  return new CliFault(EXIT.usage, `${file}:${line} cannot be read: ${words}`, {
    fix: ['Is it the right file, and the right program? candor import --help'],
  })
}

function objectIn(value: JsonValue, file: string): JsonObject {
  if (isObject(value)) return value
  throw new CliFault(EXIT.usage, `${file} holds no settings: an object was expected.`)
}

/** What of a value JSON can hold; the rest is left out. */
function plain(value: unknown, depth: number): JsonValue | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (depth > DEPTH_MAX || typeof value !== 'object' || value instanceof Date) return undefined
  if (Array.isArray(value)) return value.map(item => plain(item, depth + 1) ?? null)
  const entries = Object.entries(value).filter(([key]) => key !== '__proto__')
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, depth + 1)]))
}
