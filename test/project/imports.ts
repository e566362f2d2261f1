import type { Token } from './tokens.ts'

/** One place where a file names another module. */
export interface Import {
  /** As written; undefined if it is computed while the program runs. */
  readonly specifier: string | undefined
  readonly line: number
}

/** Every `import`, `export … from`, `import()` (also in types) and `require()` of a file. */
export function importsIn(code: readonly Token[]): Import[] {
  const found: Import[] = []
  code.forEach((token, index) => {
    if (token.kind !== 'name' || code[index - 1]?.text === '.') return
    const next = code[index + 1]
    if (token.text === 'import' || token.text === 'require') {
      if (next?.text === '(') found.push({ specifier: literal(code[index + 2]), line: token.line })
      else if (token.text === 'import' && next?.text !== '.') found.push(statement(code, index))
    } else if (token.text === 'export' && (next?.text === '{' || next?.text === '*' || next?.text === 'type')) {
      const named = statement(code, index)
      if (named.specifier !== undefined) found.push(named)
    }
  })
  return found
}

/** From `import` or `export` to the module's name. Between the two stand only names, braces, commas and `*`. */
function statement(code: readonly Token[], start: number): Import {
  const line = code[start]?.line ?? 0
  for (let at = start + 1; at < code.length; at += 1) {
    const token = code[at]
    if (token?.kind === 'string') return { specifier: literal(token), line }
    if (token?.kind !== 'name' && !['{', '}', ',', '*'].includes(token?.text ?? '')) break
    if (token?.text === '}' && code[at + 1]?.text !== 'from') break
  }
  return { specifier: undefined, line }
}

function literal(token: Token | undefined): string | undefined {
  return token?.kind === 'string' || token?.kind === 'template' ? token.text.slice(1, -1) : undefined
}
