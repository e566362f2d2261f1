import { eachFile, type Rule } from './rule.ts'
import { sourceOf } from './source.ts'
import words from './words.json'

/** True for the files whose code is judged: what people wrote in the program, its tests and its tools. */
export function isCode(path: string): boolean {
  if (path.includes('.generated.') || path.startsWith('test/fixtures/')) return false
  return /^(?:src|test|tools|bench|bin|web)\/.*\.(?:ts|tsx|mjs|js|css)$/.test(path) || path === 'bin/candor'
}

/** True for everything people read: code, prose, configuration. The list of words itself is the one exception. */
export function isReadable(path: string): boolean {
  if (isCode(path)) return true
  if (/(?:^|\/)(?:words|samples)\.json$|^test\/fixtures\/|\.generated\.|^src\/catalog\/models\.json$/.test(path))
    return false
  return /\.(?:md|json|json5|html|sh|yml|yaml|toml|service|conf)$|(?:^|\/)(?:Dockerfile|run)$/.test(path)
}

/** A rule about words, with the texts it must and must not find. */
export interface WordRule extends Rule {
  readonly bad: readonly string[]
  readonly good: readonly string[]
}

/** The rules of words.json. They look at whole lines: also into comments and strings. */
export const WORD_RULES: readonly WordRule[] = words.map(word => {
  const pattern = new RegExp(word.pattern, word.flags)
  return {
    name: word.name,
    reason: word.reason,
    fix: word.fix,
    bad: word.bad.map(unmarked),
    good: word.good,
    find: eachFile(
      function* ({ lines }) {
        for (const [index, line] of lines.entries()) {
          const hit = pattern.exec(line)?.[0]
          if (hit !== undefined) yield { line: index + 1, what: `"${hit}" is ${word.what}` }
        }
      },
      word.in === 'code' ? isCode : isReadable,
    ),
  }
})

/** In the list a sign between brackets stands for itself, so that the list does not hold what it forbids. */
function unmarked(sample: string): string {
  return sample.replaceAll('[/]', '/').replaceAll('[.]', '.')
}

/** The word rules' samples as files. */
export function wordSample(text: string) {
  return [sourceOf('src/base/sample.ts', text)]
}
