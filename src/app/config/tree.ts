import { JsonLexer, JsonParseError, type JsonToken, JsonTokenType } from '@croct/json5-parser'
import type { JsonObject, JsonValue } from '../../base/json-value.ts'
import { isPlainWord } from './plain-word.ts'

/** A place in the file. `line` and `column` count from 1 (columns in characters), `index` is the offset in the string. */
export interface Position {
  readonly index: number
  readonly line: number
  readonly column: number
}

/** A stretch of the file, `end` behind its last character. */
export interface Span {
  readonly start: Position
  readonly end: Position
}

/** One `key: value` of an object. */
export interface Member {
  readonly key: string
  readonly keySpan: Span
  readonly value: Node
  /** Offset behind the comma that follows, if one does. */
  readonly commaEnd?: number
}

/** A value of the file with its place. */
export type Node =
  | { readonly kind: 'object'; readonly span: Span; readonly members: readonly Member[] }
  | { readonly kind: 'array'; readonly span: Span; readonly items: readonly Item[] }
  | { readonly kind: 'scalar'; readonly span: Span; readonly value: string | number | boolean | null }

/** One value of an array. */
export interface Item {
  readonly value: Node
  readonly commaEnd?: number
}

/** Keys and indexes from the root to a value. */
export type Path = readonly (string | number)[]

/** Text that is not JSON5, and where. */
export class SyntaxFault extends Error {
  readonly span: Span
  readonly expected: string
  readonly fix: string | undefined

  constructor(what: string, span: Span, expected: string, fix?: string) {
    super(what)
    this.name = 'SyntaxFault'
    this.span = span
    this.expected = expected
    this.fix = fix
  }
}

/** Deeper nesting is refused; the deepest configuration has eight levels. */
export const DEPTH_MAX = 32

/** A word of the file with its place. */
export interface Token extends Span {
  readonly type: JsonTokenType
  readonly text: string
}

/**
 * Splits JSON5 into tokens with places, comments and space included. A fault is returned beside the tokens before it: they are needed
 * to show the line without its secrets. The library counts offsets in code points; here they are offsets in the string.
 */
export function tokenize(text: string): { readonly tokens: readonly Token[]; readonly fault?: SyntaxFault } {
  const lexer = new JsonLexer(text)
  const tokens: Token[] = []
  let index = 0
  try {
    for (;;) {
      const raw: JsonToken = lexer.next()
      const { start, end } = raw.location
      const token: Token = {
        type: raw.type,
        text: raw.value,
        start: { index, line: start.line, column: start.column },
        end: { index: index + raw.value.length, line: end.line, column: end.column },
      }
      tokens.push(token)
      index = token.end.index
      if (raw.type === JsonTokenType.EOF) return { tokens }
    }
  } catch (error) {
    if (!(error instanceof JsonParseError)) throw error
    return { tokens, fault: unreadable(text, index, error.location.start) }
  }
}

/** What stands where no word of JSON5 begins. */
function unreadable(text: string, index: number, at: { line: number; column: number }): SyntaxFault {
  const char = String.fromCodePoint(text.codePointAt(index) ?? 0)
  const start = { index, line: at.line, column: at.column }
  const end = { index: index + char.length, line: at.line, column: at.column + 1 }
  if (char === '"' || char === "'")
    return new SyntaxFault('A text is not closed.', { start, end }, `a closing ${char} on the same line`)
  if (text.startsWith('/*', index))
    return new SyntaxFault('A comment is not closed.', { start, end }, 'a closing */ later in the file')
  const before = /[\w$./-]*$/.exec(text.slice(Math.max(0, index - 60), index))?.[0] ?? ''
  if (before !== '' && '-./'.includes(char)) {
    const word = before + (/^[\w$./-]*/.exec(text.slice(index, index + 60))?.[0] ?? '')
    const fix = isPlainWord(word) ? `Put such a name in quotes: "${word}".` : 'Put such a name in quotes.'
    return new SyntaxFault(`"${char}" cannot stand in a name without quotes.`, { start, end }, 'a name in quotes', fix)
  }
  if (char === '#')
    return new SyntaxFault(
      '"#" begins nothing in JSON5.',
      { start, end },
      'a value or a key',
      'Write comments with //.',
    )
  return new SyntaxFault(
    `The character ${JSON.stringify(char)} begins nothing in JSON5.`,
    { start, end },
    'a value or a key',
  )
}

/** The tokens as a tree. Throws {@link SyntaxFault} at the first thing that is not JSON5, stands twice, or nests too deeply. */
export function buildTree(tokens: readonly Token[]): Node {
  return new TreeBuilder(tokens).document()
}

const SILENT: readonly JsonTokenType[] = [
  JsonTokenType.WHITESPACE,
  JsonTokenType.NEWLINE,
  JsonTokenType.LINE_COMMENT,
  JsonTokenType.BLOCK_COMMENT,
]
/** JSON5 takes every identifier name as a key, reserved words included. */
const BARE_KEYS: readonly JsonTokenType[] = [JsonTokenType.IDENTIFIER, JsonTokenType.NULL, JsonTokenType.BOOLEAN]
/** Keys that would reach an object's prototype in code that merges objects. */
const FORBIDDEN_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype']

class TreeBuilder {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens.filter(token => !SILENT.includes(token.type))
  }

  document(): Node {
    const root = this.#value(1)
    const rest = this.#peek()
    if (rest.type !== JsonTokenType.EOF)
      throw new SyntaxFault(`${shown(rest)} stands after the end of the configuration.`, rest, 'the end of the file')
    return root
  }

  #peek(): Token {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new Error('broken promise in Candor: the token list has no end')
    return token
  }

  #take(): Token {
    const token = this.#peek()
    this.#at += 1
    return token
  }

  #value(depth: number): Node {
    const token = this.#take()
    if (token.type === JsonTokenType.EOF && depth === 1)
      throw new SyntaxFault('The file is empty.', token, 'an object', 'The smallest configuration is {}.')
    if (token.type === JsonTokenType.BRACE_LEFT || token.type === JsonTokenType.BRACKET_LEFT) {
      if (depth > DEPTH_MAX)
        throw new SyntaxFault('The nesting is too deep.', token, `at most ${DEPTH_MAX} levels of objects and lists`)
      return token.type === JsonTokenType.BRACE_LEFT ? this.#object(token, depth) : this.#array(token, depth)
    }
    if (token.type === JsonTokenType.STRING) return scalar(token, readString(token))
    if (token.type === JsonTokenType.NUMBER) return scalar(token, readNumber(token))
    if (token.type === JsonTokenType.BOOLEAN) return scalar(token, token.text === 'true')
    if (token.type === JsonTokenType.NULL) return scalar(token, null)
    const word = token.type === JsonTokenType.IDENTIFIER && isPlainWord(token.text) ? token.text : undefined
    const fix = word === undefined ? undefined : `Put it in quotes: "${word}".`
    throw new SyntaxFault(`${shown(token)} is not a value.`, token, 'a value', fix)
  }

  #object(open: Token, depth: number): Node {
    const members: Member[] = []
    const seen = new Map<string, number>()
    while (this.#peek().type !== JsonTokenType.BRACE_RIGHT) {
      const keyToken = this.#take()
      const key = this.#key(keyToken, open)
      const before = seen.get(key)
      if (before !== undefined)
        throw new SyntaxFault(
          `${shownKey(key)} stands twice in one object.`,
          keyToken,
          'each key once',
          `Remove this one or the one in line ${before}.`,
        )
      seen.set(key, keyToken.start.line)
      const colon = this.#take()
      if (colon.type !== JsonTokenType.COLON)
        throw new SyntaxFault(`${shown(colon)} stands where a colon belongs.`, colon, `a colon after ${shownKey(key)}`)
      const value = this.#value(depth + 1)
      const commaEnd = this.#comma(JsonTokenType.BRACE_RIGHT, open)
      members.push({ key, keySpan: span(keyToken), value, ...(commaEnd === undefined ? {} : { commaEnd }) })
    }
    return { kind: 'object', span: { start: open.start, end: this.#take().end }, members }
  }

  #array(open: Token, depth: number): Node {
    const items: Item[] = []
    while (this.#peek().type !== JsonTokenType.BRACKET_RIGHT) {
      if (this.#peek().type === JsonTokenType.EOF) throw notClosed(open)
      const value = this.#value(depth + 1)
      const commaEnd = this.#comma(JsonTokenType.BRACKET_RIGHT, open)
      items.push({ value, ...(commaEnd === undefined ? {} : { commaEnd }) })
    }
    return { kind: 'array', span: { start: open.start, end: this.#take().end }, items }
  }

  #key(token: Token, open: Token): string {
    if (token.type === JsonTokenType.EOF) throw notClosed(open)
    const isText = token.type === JsonTokenType.STRING
    if (!isText && !BARE_KEYS.includes(token.type))
      throw new SyntaxFault(`${shown(token)} stands where a key belongs.`, token, 'a key or a closing }')
    const key = isText ? readString(token) : token.text
    if (FORBIDDEN_KEYS.includes(key))
      throw new SyntaxFault(
        `The key "${key}" is not allowed.`,
        token,
        'a key that is not part of every object',
        'Choose another name.',
      )
    return key
  }

  /** Offset behind the comma, undefined if the container ends here. */
  #comma(close: JsonTokenType, open: Token): number | undefined {
    const token = this.#peek()
    if (token.type === close) return undefined
    if (token.type === JsonTokenType.EOF) throw notClosed(open)
    if (token.type !== JsonTokenType.COMMA) {
      const closing = close === JsonTokenType.BRACE_RIGHT ? '}' : ']'
      throw new SyntaxFault(
        `${shown(token)} stands where a comma belongs.`,
        token,
        `a comma or a closing ${closing}`,
        'Put a comma after the value before it.',
      )
    }
    return this.#take().end.index
  }
}

function span(token: Token): Span {
  return { start: token.start, end: token.end }
}

function scalar(token: Token, value: string | number | boolean | null): Node {
  return { kind: 'scalar', span: span(token), value }
}

function notClosed(open: Token): SyntaxFault {
  const close = open.type === JsonTokenType.BRACE_LEFT ? '}' : ']'
  return new SyntaxFault(`This "${open.text}" is never closed.`, open, `a closing ${close} before the end of the file`)
}

/** A token in a message. Texts and long words are not repeated: one may be a secret. */
function shown(token: Token): string {
  if (token.type === JsonTokenType.EOF) return 'The end of the file'
  if (token.type === JsonTokenType.STRING) return 'A text'
  return isPlainWord(token.text) ? `"${token.text}"` : 'This'
}

function shownKey(key: string): string {
  return isPlainWord(key) ? `"${key}"` : 'This key'
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '0': '\0' }

/** The text of a JSON5 string: every escape of the JSON5 grammar, lines continued by a backslash joined. */
function readString(token: Token): string {
  return token.text
    .slice(1, -1)
    .replace(
      /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(\r\n|[\n\r\u2028\u2029])|(.))/gsu,
      (_, hex, unicode, lineEnd, char) => {
        const code: string | undefined = hex ?? unicode
        if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
        if (lineEnd !== undefined) return ''
        if (char === 'x' || char === 'u')
          throw new SyntaxFault(
            `An escape \\${char} is not complete.`,
            token,
            'two hex digits after \\x, four after \\u',
          )
        return ESCAPES[char] ?? char
      },
    )
}

function readNumber(token: Token): number {
  const unsigned = token.text.replace(/^[+-]/, '')
  const value = unsigned === 'Infinity' ? Number.POSITIVE_INFINITY : Number(unsigned)
  if (Number.isNaN(value) && unsigned !== 'NaN')
    throw new SyntaxFault(`${shown(token)} is not a number.`, token, 'a number such as 8787')
  return token.text.startsWith('-') ? -value : value
}

/** The plain value of a tree. */
export function plainValue(node: Node): JsonValue {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'array') return node.items.map(item => plainValue(item.value))
  return Object.fromEntries(node.members.map(member => [member.key, plainValue(member.value)])) as JsonObject
}

/** The value at a path, with its key where it has one; undefined if nothing stands there. */
export function find(root: Node, path: Path): { readonly node: Node; readonly keySpan?: Span } | undefined {
  let found: { node: Node; keySpan?: Span } = { node: root }
  for (const step of path) {
    const next: { value: Node; keySpan?: Span } | undefined = child(found.node, step)
    if (next === undefined) return undefined
    found = { node: next.value, ...(next.keySpan === undefined ? {} : { keySpan: next.keySpan }) }
  }
  return found
}

function child(node: Node, step: string | number): Member | (Item & { keySpan?: Span }) | undefined {
  if (node.kind === 'object') return node.members.find(member => member.key === String(step))
  return node.kind === 'array' && typeof step === 'number' ? node.items[step] : undefined
}

/** A path as people write it: `models.providers.kimi-coding.models[0].id`, with quotes around keys that hold other characters. */
export function showPath(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[A-Za-z0-9_$-]+$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}
