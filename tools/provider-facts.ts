import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Quirks } from '../src/wire/quirks.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Where a provider's row stands, from the project's root. */
export function rowPath(id: string): string {
  return `src/catalog/providers/${id}.ts`
}

/** What the row's own docstring says of the provider. Throws if it has none. */
export function describedAs(id: string): string {
  const [, words] = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport const \w+: Provider = /.exec(textOf(rowPath(id))) ?? []
  if (words === undefined) throw new Error(`${rowPath(id)}: the row has no docstring`)
  return plain(words)
}

const HOST = '(?:[a-z0-9-]+\\.)+(?:com|ai|cn|dev|io|org|net|co)'
const REFERENCE = new RegExp(
  [
    // A page, or a documentation site as a whole.
    `(?<![\\w/@.])(?:${HOST}/[\\w./#~%-]*[\\w/]|(?:docs|api-docs|inference-docs|developers|platform|learn|help|console|cloud)\\.${HOST})`,
    '\\b[\\w-]+/[\\w.-]+(?:#\\d+| PR \\d+)',
    '\\bpi-ai \\d+\\.\\d+\\.\\d+',
    'OpenClaw(?: docs(?:/[\\w/-]+\\.md)?)?',
    '[Tt]hird-party presets',
  ].join('|'),
  'g',
)

/** The pages, threads and programs that the comments of a row name as sources, each once. */
export function sourcesOf(id: string): readonly string[] {
  const comments = [...textOf(rowPath(id)).matchAll(/^\s*(?:\/\/|\/\*\*|\*)(.*)$/gm)].map(([, text = '']) => text)
  const found = comments.flatMap(text => text.match(REFERENCE) ?? []).map(text => text.replace(/^Third/, 'third'))
  return [...new Set(found)]
}

/** The ids of the rows that a row takes parts of: their sources are its own. */
export function rowsBehind(id: string): readonly string[] {
  return [...textOf(rowPath(id)).matchAll(/ from '\.\/([\w-]+)\.ts'/g)].map(([, other = '']) => other)
}

/** What a quirk means: the first sentence of its docstring, without the full stop. Throws on one that has none. */
export function quirkWords(name: keyof Quirks): string {
  const text = textOf('src/wire/quirks.ts')
  const [, words] = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\n  readonly ${name}\\?:`).exec(text) ?? []
  if (words === undefined) throw new Error(`the quirk ${name} has no docstring`)
  return plain(words)
    .replace(/\.(?: [A-Z`].*)?$/, '')
    .replace(/\. [A-Z`][\s\S]*$/, '')
}

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** A docstring's words in one line. */
function plain(docstring: string): string {
  return docstring
    .split('\n')
    .map(line => line.replace(/^\s*\*? ?/, ''))
    .join(' ')
    .trim()
}
