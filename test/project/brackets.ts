import type { Token } from './tokens.ts'

/** Which tokens belong together as brackets, by index. */
export interface Brackets {
  /** The partner of an opening or closing bracket; undefined for other tokens. */
  partner(index: number): number | undefined
  /** The opening bracket around a token, the innermost. */
  around(index: number): number | undefined
}

/** Pairs `(`, `[`, `{` and the holes of templates. Source that does not balance simply has brackets without partner. */
export function pairBrackets(code: readonly Token[]): Brackets {
  const partners = new Map<number, number>()
  const arounds: (number | undefined)[] = []
  const open: number[] = []
  code.forEach((token, index) => {
    if (closes(token)) {
      const opener = open.pop()
      if (opener !== undefined) {
        partners.set(opener, index)
        partners.set(index, opener)
      }
    }
    arounds.push(open.at(-1))
    if (opens(token)) open.push(index)
  })
  return { partner: index => partners.get(index), around: index => arounds[index] }
}

function opens(token: Token): boolean {
  if (token.kind === 'template') return token.text.startsWith('`') && token.text.endsWith('${')
  return token.kind === 'punctuation' && (token.text === '(' || token.text === '[' || token.text === '{')
}

function closes(token: Token): boolean {
  if (token.kind === 'template') return token.text.startsWith('}') && token.text.endsWith('`')
  return token.kind === 'punctuation' && (token.text === ')' || token.text === ']' || token.text === '}')
}
