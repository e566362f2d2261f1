import { ENVIRONMENT_NAME } from '../../app/config/template.ts'
import { redactText } from '../../base/redact.ts'
import { Secret } from '../../base/secret.ts'
import { oneLine } from '../terminal-text.ts'

/** A key another program has: a reference to it, or the key itself, which is closed away at once. */
export type FoundKey =
  | { readonly from: 'environment'; readonly name: string }
  | { readonly from: 'file'; readonly file: string }
  | { readonly from: 'literal'; readonly key: Secret }

/** A key from a text, given the ways this program refers to the environment: each has the name as its only group. */
export function keyFrom(text: string, references: readonly RegExp[]): FoundKey {
  const name = references.map(pattern => pattern.exec(text)?.[1]).find(found => found !== undefined)
  if (name !== undefined && ENVIRONMENT_NAME.test(name)) return { from: 'environment', name }
  return { from: 'literal', key: new Secret(text) }
}

/** A reference to a variable, as Candor writes it. */
export function referenceTo(name: string): string {
  return `\${${name}}`
}

/** Two keys that are the same. */
export function sameKey(a: FoundKey, b: FoundKey): boolean {
  if (a.from === 'literal') return b.from === 'literal' && a.key.isSame(b.key)
  return a.from === 'environment'
    ? b.from === 'environment' && a.name === b.name
    : b.from === 'file' && a.file === b.file
}

/** Runs of letters and digits as long as this are no words; the longest in names of models have half of it. */
const RUN_CHARS_MAX = 19

/** True for a text that may be a key, wherever it stands: it is neither shown nor carried over. */
export function mayBeKey(text: string): boolean {
  if (redactText(text) !== text || /sk-[A-Za-z0-9_-]{8,}/.test(text)) return true
  const runs = text.match(/[A-Za-z0-9]+/g) ?? []
  return runs.some(run => run.length > RUN_CHARS_MAX && /\d/.test(run) && /[A-Za-z]/.test(run))
}

/** A name from somebody's settings as it may be shown. */
export function shownName(text: string): string {
  return mayBeKey(text) ? '(a name that looks like a key)' : `"${oneLine(text, 80)}"`
}
