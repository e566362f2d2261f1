import { basename } from 'node:path'
import { functionsIn } from './functions.ts'
import { eachFile, type Rule } from './rule.ts'
import type { Source } from './source.ts'
import { endsExpression, type Token } from './tokens.ts'
import { isCode } from './word-rules.ts'

const FILE_LINES_MAX = 400
const FUNCTION_LINES_MAX = 70

const isScript = (path: string) => isCode(path) && !path.endsWith('.css')

/** Names that say nothing about what is inside. */
const EMPTY_NAMES = /^(?:utils?|helpers?|common|misc|stuff|lib|things)$/i

/** Ways to write a test that does not run, or keeps the others from running. */
const NOT_RUN = new Set(['skip', 'only', 'todo', 'failing', 'skipIf', 'todoIf', 'if'])

/** Tokens behind which a type stands. */
const BEFORE_TYPE = new Set([':', '<', '|', '&', 'as', 'satisfies', 'extends', 'keyof', 'readonly'])

/** What a line of code looks like and a sentence does not. */
const CODE_LINES: readonly RegExp[] = [
  /^(?:import\b.*\bfrom\s*['"]|import\s*['"({]|export\s+(?:const|let|function|class|type|interface|async|\{|\*))/,
  /^(?:const|let|var)\s+[\w${[][^.]*(?:=|;$)/,
  /^(?:async\s+)?function\b\s*\w*\s*\(/,
  /^(?:if|for|while|switch|catch)\s*\(.*\)\s*(?:\{|\w.*[;)]|return\b.*|throw\b.*)?$/,
  /^return(?:\s+[\w$.!]+\(.*\)|\b.*;)$/,
  /^(?:await|throw\s+new|yield)\s+[\w.]+\(.*/,
  /^\}\s*(?:else\b.*|catch\b.*|finally\b.*)?[;,)\]]*$/,
  /^[\w$.[\]?]+\((?:.*\)|.*[{[(,])[;,]?$/,
  /^[\w$.[\]]+\s*(?:[-+*/|&?]{0,2}=)\s*[^=].*[;,)\]}'"\w]$/,
  /^[\w$.[\]]+(?:\(.*\))?;$|(?:\)|=>)\s*\{$/,
]

const linesOf = (source: Source) => source.lines.length - (source.lines.at(-1) === '' ? 1 : 0)

/** The places where these tokens follow each other. */
function sequences(source: Source, words: readonly string[]): Token[] {
  const code = source.code()
  return code.filter((_, at) => words.every((word, offset) => code[at + offset]?.text === word))
}

/** `any` where a type stands: a variable may have the name. */
function* anyTypes(source: Source) {
  const code = source.code()
  for (const [at, token] of code.entries()) {
    const [before, after] = [code[at - 1]?.text ?? '', code[at + 1]?.text]
    if (token.text !== 'any' || token.kind !== 'name') continue
    const isArray = after === '[' && code[at + 2]?.text === ']'
    const isLast = before === ',' && after === '>'
    const isAlias = before === '=' && code[at - 3]?.text === 'type'
    if (BEFORE_TYPE.has(before) || isArray || isLast || isAlias) yield { line: token.line, what: 'the type any' }
  }
}

function* nonNullAssertions(source: Source) {
  const code = source.code()
  for (const [at, token] of code.entries()) {
    const before = code[at - 1]
    const sameLine = before?.endLine === token.line
    if (
      token.text === '!' &&
      token.kind === 'punctuation' &&
      sameLine &&
      endsExpression(before) &&
      !closesCondition(code, at)
    )
      yield { line: token.line, what: 'a non-null assertion' }
  }
}

/** `if (a) !b` negates; nothing else puts `!` after a closing bracket without asserting. */
function closesCondition(code: readonly Token[], at: number): boolean {
  let depth = 0
  if (code[at - 1]?.text !== ')') return false
  for (let from = at - 1; from >= 0; from -= 1) {
    if (code[from]?.text === ')') depth += 1
    else if (code[from]?.text === '(') depth -= 1
    if (depth === 0) return ['if', 'while', 'for'].includes(code[from - 1]?.text ?? '')
  }
  return false
}

function* testsNotRun(source: Source) {
  const code = source.code()
  for (const [at, token] of code.entries()) {
    const way = code[at + 2]?.text ?? ''
    const isTest = ['test', 'it', 'describe'].includes(token.text) && code[at - 1]?.text !== '.'
    if (isTest && token.kind === 'name' && code[at + 1]?.text === '.' && NOT_RUN.has(way))
      yield { line: token.line, what: `${token.text}.${way}` }
  }
}

function* commentedOutCode(source: Source) {
  for (const token of source.tokens()) {
    if (token.kind !== 'comment' || token.text.startsWith('/**')) continue
    for (const [offset, line] of token.text.split('\n').entries()) {
      const said = line
        .replace(/^\s*(?:\/\/+|\/?\*+)\s?/, '')
        .replace(/\*\/$/, '')
        .trim()
      if (!said.includes('…') && CODE_LINES.some(shape => shape.test(said)))
        yield { line: token.line + offset, what: `code in a comment: ${said}` }
    }
  }
}

function* defaultExports(source: Source) {
  for (const token of sequences(source, ['export', 'default'])) yield { line: token.line, what: 'a default export' }
  for (const token of sequences(source, ['as', 'default'])) {
    const line = source.lines[token.line - 1] ?? ''
    if (!/^\s*import\b/.test(line)) yield { line: token.line, what: 'a default export' }
  }
}

/** The laws about how a file may look. */
export const TIDY_RULES: readonly Rule[] = [
  {
    name: 'file length',
    reason: 'a file should be read in one sitting.',
    fix: 'split it by concern, so that each part has a name of its own.',
    find: eachFile(function* (source) {
      const count = linesOf(source)
      if (count > FILE_LINES_MAX) yield { line: count, what: `${count} lines, more than ${FILE_LINES_MAX}` }
    }, isCode),
  },
  {
    name: 'function length',
    reason: 'a function should fit in one look.',
    fix: 'give its parts names and call them.',
    find: eachFile(function* (source) {
      for (const { name, line, lines } of functionsIn(source.code()))
        if (lines > FUNCTION_LINES_MAX)
          yield { line, what: `${name} has ${lines} lines, more than ${FUNCTION_LINES_MAX}` }
    }, isScript),
  },
  {
    name: 'no any',
    reason: 'it turns the type checker off for all it touches.',
    fix: 'say unknown and narrow it, or name the type.',
    find: eachFile(anyTypes, isScript),
  },
  {
    name: 'no non-null assertion',
    reason: 'it is a promise nobody checks.',
    fix: 'handle the missing value, or call assert() from base/assert.ts.',
    find: eachFile(nonNullAssertions, isScript),
  },
  {
    name: 'no double cast',
    reason: 'casting through unknown makes any lie compile.',
    fix: 'narrow the value with a check, or mend the type it comes with.',
    find: eachFile(function* (source) {
      for (const token of sequences(source, ['as', 'unknown', 'as']))
        yield { line: token.line, what: 'a cast through unknown' }
    }, isScript),
  },
  {
    name: 'no default export',
    reason: 'a thing with a name is called the same everywhere.',
    fix: 'export it by name.',
    find: eachFile(defaultExports, isScript),
  },
  {
    name: 'telling names',
    reason: 'such a place collects what nobody can find again.',
    fix: 'name the file or folder after what it does.',
    find: eachFile(function* ({ path }) {
      const parts = path.split('/').map(part => basename(part).replace(/\..*$/, ''))
      const empty = parts.find(part => EMPTY_NAMES.test(part))
      if (empty !== undefined) yield { line: 1, what: `"${empty}" says nothing about what is inside` }
    }, isCode),
  },
  {
    name: 'no commented-out code',
    reason: 'nobody knows whether it still holds; the history keeps it.',
    fix: 'delete it; an example belongs into a doc comment.',
    find: eachFile(commentedOutCode, isScript),
  },
  {
    name: 'every test runs',
    reason: 'a test that does not run proves nothing and looks as if it did.',
    fix: 'make it pass, or delete it; for a missing precondition give it an empty table.',
    find: eachFile(testsNotRun, isScript),
  },
]
