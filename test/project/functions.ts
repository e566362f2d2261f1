import { type Brackets, pairBrackets } from './brackets.ts'
import type { Token } from './tokens.ts'

/** A function with a body, as far as its length is concerned. */
export interface FunctionSpan {
  readonly name: string
  readonly line: number
  readonly lines: number
}

const CONTROL = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'await'])
const TYPE_GOES_ON = new Set([
  '|',
  '&',
  ':',
  '<',
  ',',
  '=>',
  '?',
  'is',
  'keyof',
  'readonly',
  'extends',
  'asserts',
  'new',
])
const ENDS_TYPE = new Set([';', '=', ',', ')', ']', '}'])
const CONTINUES_LINE = /^(?:[.?:+*/%&|^=<>,-]|\?\.|&&|\|\||\?\?|===?|!==?|=>|as|satisfies|in|instanceof)$/

/**
 * Every function, method and arrow function with its length in lines, from its name (or arrow) to its last line. The callback of a
 * `describe` is left out: it is a chapter of tests, not a function one has to hold in mind.
 */
export function functionsIn(code: readonly Token[]): FunctionSpan[] {
  const brackets = pairBrackets(code)
  const found: FunctionSpan[] = []
  const add = (name: string, start: Token | undefined, end: Token | undefined) => {
    if (start && end) found.push({ name, line: start.line, lines: end.endLine - start.line + 1 })
  }
  code.forEach((token, index) => {
    if (token.kind !== 'punctuation') return
    if (token.text === '=>' && !isChapter(code, brackets, index)) {
      add(arrowName(code, brackets, index), token, code[arrowEnd(code, brackets, index)])
    } else if (token.text === ')') {
      const opener = brackets.partner(index) ?? 0
      const header = headerOf(code, opener)
      const body = bodyAfter(code, brackets, index)
      if (header && body !== undefined) add(header.text, header, code[brackets.partner(body) ?? body])
    }
  })
  return found
}

/** The name before a parameter list: `function name(`, `name(`, `[computed](`, also behind type parameters. */
function headerOf(code: readonly Token[], opener: number): Token | undefined {
  let at = opener - 1
  if (code[at]?.text === '>') {
    for (let depth = 0; at >= 0; at -= 1) {
      if (code[at]?.text === '>') depth += 1
      else if (code[at]?.text === '<') depth -= 1
      if (depth === 0) break
    }
    at -= 1
  }
  const token = code[at]
  if (token === undefined) return undefined
  if (token.kind === 'name') return CONTROL.has(token.text) && code[at - 1]?.text !== '.' ? undefined : token
  return token.kind === 'string' || token.text === ']' || token.text === '*' ? token : undefined
}

/** The brace that opens a body behind a parameter list, past a return type. */
function bodyAfter(code: readonly Token[], brackets: Brackets, closer: number): number | undefined {
  if (code[closer + 1]?.text === '{') return closer + 1
  if (code[closer + 1]?.text !== ':') return undefined
  let angles = 0
  for (let at = closer + 2; at < code.length; at += 1) {
    const text = code[at]?.text ?? ''
    const typeExpected = TYPE_GOES_ON.has(code[at - 1]?.text ?? '')
    if (text === '{' && !typeExpected && angles === 0) return at
    if (text === '{' || text === '(' || text === '[') at = brackets.partner(at) ?? code.length
    else if (text === '<') angles += 1
    else if (text === '>') angles -= 1
    else if (text === '=>' && code[at - 1]?.text !== ')') return undefined
    else if (angles === 0 && ENDS_TYPE.has(text)) return undefined
  }
  return undefined
}

function arrowEnd(code: readonly Token[], brackets: Brackets, arrow: number): number {
  if (code[arrow + 1]?.text === '{') return brackets.partner(arrow + 1) ?? arrow
  let at = arrow + 1
  for (; at < code.length; at += 1) {
    const token = code[at]
    const before = code[at - 1]
    if (token === undefined || before === undefined) break
    const inside = brackets.partner(at)
    if (inside !== undefined && inside < at) return at - 1
    if (token.kind === 'punctuation' && (token.text === ',' || token.text === ';')) return at - 1
    const fresh = token.line > before.endLine && at > arrow + 1
    if (fresh && !CONTINUES_LINE.test(token.text) && !CONTINUES_LINE.test(before.text)) return at - 1
    if (inside !== undefined) at = inside
  }
  return at - 1
}

function arrowName(code: readonly Token[], brackets: Brackets, arrow: number): string {
  const closer = code[arrow - 1]?.text === ')' ? brackets.partner(arrow - 1) : arrow - 1
  let at = (closer ?? arrow) - 1
  if (code[at]?.text === 'async') at -= 1
  const assigned = code[at]?.text === '=' || code[at]?.text === ':'
  return assigned ? (code[at - 1]?.text ?? 'arrow function') : 'arrow function'
}

function isChapter(code: readonly Token[], brackets: Brackets, arrow: number): boolean {
  const call = brackets.around(arrow)
  if (call === undefined || code[call]?.text !== '(') return false
  let before = call - 1
  // describe.each(table)('…', () => …)
  if (code[before]?.text === ')') before = (brackets.partner(before) ?? 0) - 3
  return code[before]?.text === 'describe'
}
