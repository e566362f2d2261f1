import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readTokens, type Token } from './tokens.ts'

/** The project's folder. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url))

/** A file to judge. Tokens are read when first asked for. */
export interface Source {
  /** From the project's folder, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
  tokens(): readonly Token[]
  /** The tokens without the comments. */
  code(): readonly Token[]
}

/** A source from a text, as the samples of the rules are. */
export function sourceOf(path: string, text: string): Source {
  let tokens: readonly Token[] | undefined
  let code: readonly Token[] | undefined
  const readAll = () => {
    tokens ??= readTokens(text, path.endsWith('.tsx'))
    return tokens
  }
  return {
    path,
    text,
    lines: text.split('\n'),
    tokens: readAll,
    code: () => {
      code ??= readAll().filter(token => token.kind !== 'comment')
      return code
    },
  }
}

/** Folders that hold nothing anybody here wrote. */
const NOT_OURS = new Set(['.git', '.cache', 'build', 'dist', 'node_modules'])

/** Every file of the project that `wanted` accepts, in the order of their paths. */
export function readSources(wanted: (path: string) => boolean): Source[] {
  return pathsBelow('')
    .filter(wanted)
    .sort()
    .map(path => sourceOf(path, readFileSync(join(projectRoot, path), 'utf8')))
}

function pathsBelow(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true }).flatMap(entry => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : pathsBelow(path)
    return entry.isFile() ? [path] : []
  })
}
