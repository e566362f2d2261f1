import { SyntaxKind } from 'typescript/unstable/ast'
import { createScanner, type Scanner } from 'typescript/unstable/ast/scanner'

/** What a piece of source text is. Keywords are names: which one stands in `text`. */
export type TokenKind = 'name' | 'number' | 'string' | 'template' | 'regex' | 'punctuation' | 'comment'

/** One piece of TypeScript or JavaScript source, without the white space around it. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Line in the file, from 1. */
  readonly line: number
  /** Line on which it ends. */
  readonly endLine: number
}

/** Names after which a `/` begins a regular expression and not a division. */
const BEFORE_EXPRESSION = new Set(
  'return typeof instanceof in of new delete void throw case do else yield await as satisfies'.split(' '),
)

/** What is open around a place: a hole of a template or of JSX with the braces open in it, a tag, or the children of an element. */
type Frame =
  | { readonly in: 'template' | 'hole'; braces: number }
  | { readonly in: 'tag'; readonly closing: boolean }
  | { readonly in: 'children' }

/**
 * Splits source into tokens with TypeScript's own scanner. What only a parser can know (is this slash a division, does this brace
 * close a template's expression, is this text between tags) is decided here from the tokens before. The text of elements is left out.
 */
export function readTokens(text: string, withJsx = false): readonly Token[] {
  const scanner = createScanner(false, undefined, text)
  const tokens: Token[] = []
  const frames: Frame[] = []
  let line = 1
  let last: Token | undefined
  for (;;) {
    const kind = scanNext(scanner, last, frames, withJsx)
    if (kind === SyntaxKind.EndOfFile) return tokens
    const piece = scanner.getTokenText()
    const endLine = line + lineBreaks(piece)
    const named = nameOfKind(kind)
    if (named !== undefined) {
      const token: Token = { kind: named, text: piece, line, endLine }
      tokens.push(token)
      if (named !== 'comment') last = token
    }
    line = endLine
  }
}

function scanNext(scanner: Scanner, last: Token | undefined, frames: Frame[], withJsx: boolean): SyntaxKind {
  const frame = frames.at(-1)
  if (frame?.in === 'children') return scanChild(scanner, frames)
  if (frame?.in === 'tag') return scanInTag(scanner, last, frame.closing, frames)
  const kind = scanner.scan()
  if (kind === SyntaxKind.TemplateHead) frames.push({ in: 'template', braces: 0 })
  else if (kind === SyntaxKind.SlashToken || kind === SyntaxKind.SlashEqualsToken) {
    if (!endsExpression(last)) return scanner.reScanSlashToken()
  } else if (withJsx && kind === SyntaxKind.LessThanToken && !endsExpression(last)) {
    frames.push({ in: 'tag', closing: false })
  } else if (frame !== undefined && kind === SyntaxKind.OpenBraceToken) frame.braces += 1
  else if (frame !== undefined && kind === SyntaxKind.CloseBraceToken) {
    if (frame.braces > 0) frame.braces -= 1
    else if (frame.in === 'hole') frames.pop()
    else {
      const part = scanner.reScanTemplateToken(false)
      if (part === SyntaxKind.TemplateTail) frames.pop()
      return part
    }
  }
  return kind
}

/** Between the tags of an element: text, a hole, another element, or its end. */
function scanChild(scanner: Scanner, frames: Frame[]): SyntaxKind {
  const kind = scanner.scanJsxToken()
  if (kind === SyntaxKind.OpenBraceToken) frames.push({ in: 'hole', braces: 0 })
  else if (kind === SyntaxKind.LessThanToken) frames.push({ in: 'tag', closing: false })
  else if (kind === SyntaxKind.LessThanSlashToken) frames.splice(-1, 1, { in: 'tag', closing: true })
  return kind
}

/** Inside of a tag: names may hold hyphens, and texts know no escapes. */
function scanInTag(scanner: Scanner, last: Token | undefined, closing: boolean, frames: Frame[]): SyntaxKind {
  const kind = last?.text === '=' ? scanner.scanJsxAttributeValue() : scanner.scan()
  if (kind === SyntaxKind.OpenBraceToken) frames.push({ in: 'hole', braces: 0 })
  else if (kind === SyntaxKind.GreaterThanToken) {
    frames.pop()
    if (!closing && last?.text !== '/') frames.push({ in: 'children' })
  }
  return kind >= SyntaxKind.Identifier ? scanner.scanJsxIdentifier() : kind
}

/** True if the token can be the end of a value, so that a slash after it divides and a `!` after it asserts. */
export function endsExpression(token: Token | undefined): boolean {
  if (token === undefined) return false
  if (token.kind === 'name') return !BEFORE_EXPRESSION.has(token.text)
  if (token.kind === 'template') return token.text.endsWith('`')
  if (token.kind === 'punctuation') return token.text === ')' || token.text === ']' || token.text === '}'
  return token.kind !== 'comment'
}

function nameOfKind(kind: SyntaxKind): TokenKind | undefined {
  switch (kind) {
    case SyntaxKind.WhitespaceTrivia:
    case SyntaxKind.NewLineTrivia:
    case SyntaxKind.JsxText:
    case SyntaxKind.JsxTextAllWhiteSpaces:
      return undefined
    case SyntaxKind.SingleLineCommentTrivia:
    case SyntaxKind.MultiLineCommentTrivia:
      return 'comment'
    case SyntaxKind.StringLiteral:
      return 'string'
    case SyntaxKind.NumericLiteral:
    case SyntaxKind.BigIntLiteral:
      return 'number'
    case SyntaxKind.RegularExpressionLiteral:
      return 'regex'
    case SyntaxKind.NoSubstitutionTemplateLiteral:
    case SyntaxKind.TemplateHead:
    case SyntaxKind.TemplateMiddle:
    case SyntaxKind.TemplateTail:
      return 'template'
    default:
      return kind >= SyntaxKind.Identifier ? 'name' : 'punctuation'
  }
}

function lineBreaks(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
