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

/**
 * Splits source into tokens with TypeScript's own scanner. What only a parser can know (is this slash a division, does this brace
 * close a template's expression) is decided here from the tokens before.
 */
export function readTokens(text: string): readonly Token[] {
  const scanner = createScanner(false, undefined, text)
  const tokens: Token[] = []
  /** For each open template expression, how many braces are open inside it. */
  const templates: number[] = []
  let line = 1
  let last: Token | undefined
  for (;;) {
    const kind = scanNext(scanner, last, templates)
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

function scanNext(scanner: Scanner, last: Token | undefined, templates: number[]): SyntaxKind {
  const kind = scanner.scan()
  const depth = templates.length - 1
  const braces = templates[depth]
  if (kind === SyntaxKind.TemplateHead) templates.push(0)
  else if (kind === SyntaxKind.SlashToken || kind === SyntaxKind.SlashEqualsToken) {
    if (!endsExpression(last)) return scanner.reScanSlashToken()
  } else if (braces !== undefined && kind === SyntaxKind.OpenBraceToken) templates[depth] = braces + 1
  else if (braces !== undefined && kind === SyntaxKind.CloseBraceToken) {
    if (braces > 0) templates[depth] = braces - 1
    else {
      const part = scanner.reScanTemplateToken(false)
      if (part === SyntaxKind.TemplateTail) templates.pop()
      return part
    }
  }
  return kind
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
