import { createHash } from 'node:crypto'
import { Secret } from '../../base/secret.ts'
import type { Environment } from './paths.ts'
import { expand, isOnlyReferences, referencedNames } from './template.ts'

/** A secret, or why there is none, in words that fit behind a colon. */
export type SecretResult =
  | { readonly ok: true; readonly secret: Secret }
  | { readonly ok: false; readonly reason: string }

/** What a secret must look like, for keys whose form is known. */
export interface SecretShape {
  readonly pattern: RegExp
  readonly expected: string
}

/** Where a secret comes from. Holds nothing that can be printed: a literal is closed into `fill`. */
export type SecretSource =
  | {
      readonly from: 'text'
      /** `${NAME}` as written, or dots where the file holds the secret itself. */
      readonly shown: string
      /** Variables it refers to. */
      readonly names: readonly string[]
      /** True if the file itself holds a secret or a default for one. */
      readonly literal: boolean
      fill(env: Environment, shape?: SecretShape): SecretResult
      /** Of what is written: tells whether two are the same. Never to be shown, for a short secret could be guessed from it. */
      digest(): string
    }
  | { readonly from: 'file'; readonly file: string }
  | { readonly from: 'exec'; readonly exec: readonly string[]; readonly env: readonly string[] }

/** A secret written as text: a literal, or with references to the environment. */
export function textSource(template: string): SecretSource {
  const literal = !isOnlyReferences(template)
  const names = referencedNames(template)
  return {
    from: 'text',
    shown: literal ? String(new Secret(template)) : template,
    names,
    literal,
    fill(env, shape) {
      const filled = expand(template, env)
      const holder = names.length > 0 ? `what ${names.join(' and ')} holds` : 'what is written there'
      return filled.ok ? asSecret(filled.text, holder, shape) : filled
    },
    digest: () => createHash('sha256').update(template).digest('base64'),
  }
}

/**
 * Makes a secret of a text. White space around it is cut off (files and variables often end in a line break); inside, only printable
 * ASCII is taken, because a key travels in a header. `holder` names the place in the reason.
 */
export function asSecret(text: string, holder: string, shape?: SecretShape): SecretResult {
  const trimmed = text.trim()
  if (trimmed === '') return { ok: false, reason: `${holder} is empty` }
  if (/[^\x21-\x7e]/.test(trimmed))
    return {
      ok: false,
      reason: `${holder} cannot be a key: it has spaces, line breaks or characters a header cannot carry`,
    }
  if (shape !== undefined && !shape.pattern.test(trimmed))
    return { ok: false, reason: `${holder} is not ${shape.expected}` }
  return { ok: true, secret: new Secret(trimmed) }
}

/** The source as it may be shown. */
export function showSource(source: SecretSource): string {
  if (source.from === 'text') return source.shown
  return source.from === 'file' ? `file ${source.file}` : `exec ${source.exec.join(' ')}`
}
