import type { Environment } from './paths.ts'

/** A text with its references filled in, or why that cannot be done (`the environment variable TEAM is not set`). */
export type Expansion = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }

/** One piece of a text: itself, or a reference to the environment. */
type Piece = string | { readonly name: string; readonly fallback?: string }

/** A name of an environment variable. */
export const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** What `${…}` may hold, for messages. */
export const REFERENCE_FORMS = `\${NAME} or \${NAME:-default} (write $\${ for a literal \${)`

/**
 * Fills `${NAME}` and `${NAME:-default}`; `$${` stands for a literal `${`. An empty variable counts as not set, as in a shell's `:-`. Never
 * recursive: what a variable holds is not looked at again.
 */
export function expand(template: string, env: Environment): Expansion {
  const pieces = parse(template)
  if (pieces === undefined) return { ok: false, reason: `a reference in it is not one of ${REFERENCE_FORMS}` }
  let text = ''
  for (const piece of pieces) {
    const value = typeof piece === 'string' ? piece : (filled(env, piece.name) ?? piece.fallback)
    if (value === undefined && typeof piece === 'object') return { ok: false, reason: notSet(piece.name) }
    text += value ?? ''
  }
  return { ok: true, text }
}

/** True if every `${` in the text begins a reference that can be read. */
export function isTemplate(text: string): boolean {
  return parse(text) !== undefined
}

/** True if the text refers to the environment. */
export function hasReference(text: string): boolean {
  return parse(text)?.some(piece => typeof piece === 'object') ?? false
}

/** The variables a text refers to. */
export function referencedNames(text: string): string[] {
  return (parse(text) ?? []).flatMap(piece => (typeof piece === 'object' ? [piece.name] : []))
}

/** True if the text is nothing but references without defaults: then it holds no secret itself. */
export function isOnlyReferences(text: string): boolean {
  const pieces = parse(text) ?? ['']
  return pieces.length > 0 && pieces.every(piece => typeof piece === 'object' && piece.fallback === undefined)
}

/** The reason given for a variable that is not there. */
export function notSet(name: string): string {
  return `the environment variable ${name} is not set`
}

/** A variable's value, undefined if it is not set or empty. */
export function filled(env: Environment, name: string): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  return value === '' ? undefined : value
}

function parse(template: string): Piece[] | undefined {
  const pieces: Piece[] = []
  let literal = ''
  let at = 0
  while (at < template.length) {
    if (template.startsWith('$${', at)) {
      literal += '${'
      at += 3
    } else if (template.startsWith('${', at)) {
      const close = template.indexOf('}', at)
      const piece = close < 0 ? undefined : reference(template.slice(at + 2, close))
      if (piece === undefined) return undefined
      if (literal !== '') pieces.push(literal)
      literal = ''
      pieces.push(piece)
      at = close + 1
    } else {
      literal += template[at]
      at += 1
    }
  }
  if (literal !== '') pieces.push(literal)
  return pieces
}

function reference(inside: string): Piece | undefined {
  const split = inside.indexOf(':-')
  const name = split < 0 ? inside : inside.slice(0, split)
  if (!ENVIRONMENT_NAME.test(name)) return undefined
  const fallback = split < 0 ? undefined : inside.slice(split + 2)
  if (fallback?.includes('${')) return undefined
  return fallback === undefined ? { name } : { name, fallback }
}
