import { importsIn } from './imports.ts'
import { eachFile, type Finding, type Rule } from './rule.ts'
import type { Source } from './source.ts'
import type { Token } from './tokens.ts'

/** A use of something global, found in the tokens. */
interface Use {
  readonly line: number
  readonly what: string
}

const inSource = (path: string) => path.startsWith('src/')
const outside =
  (...places: readonly string[]) =>
  (path: string) =>
    inSource(path) && !places.some(place => path.startsWith(place))

/** Reading the time, chance, the network or the surroundings: what a pure function has no part in. */
const IMPURE_CALLS: readonly RegExp[] = [
  /^Date \. now /,
  /^performance \. /,
  /^(?:setTimeout|setInterval|setImmediate|queueMicrotask) \(/,
  /^Math \. random /,
  /^crypto \. /,
  /^new Date \( \) /,
  /^new Date (?!\()/,
  /^process \. /,
  /^Bun \. /,
  /^console \. /,
]

/** The five tokens from each one on: enough to name every global use. */
function phrases(source: Source): { at: number; token: Token; before: string; words: readonly string[] }[] {
  const code = source.code()
  return code.map((token, at) => ({
    at,
    token,
    before: code[at - 1]?.text ?? '',
    words: code.slice(at, at + 5).map(each => each.text),
  }))
}

/** Uses of a global, by pattern over the tokens from here on: `Date . now `, `new Date ( ) `. A member of that name is no global. */
function globals(source: Source, patterns: readonly RegExp[]): Use[] {
  return phrases(source).flatMap(({ token, before, words }) => {
    if (token.kind !== 'name' || before === '.' || before === '?.') return []
    const phrase = `${words.join(' ')} `
    const hit = patterns.map(pattern => pattern.exec(phrase)?.[0]).find(text => text !== undefined)
    return hit === undefined
      ? []
      : [{ line: token.line, what: `uses ${hit.trim().replaceAll(' ', '').replace('new', 'new ')}` }]
  })
}

/** Calls of fetch, and fetch handed on as a value. A method or field of that name is something else. */
function fetches(source: Source): Use[] {
  const code = source.code()
  return phrases(source).flatMap(({ at, token, before, words }) => {
    const global = before !== '.' || ['globalThis', 'Bun'].includes(code[at - 2]?.text ?? '')
    if (token.kind !== 'name' || token.text !== 'fetch' || !global || before === 'typeof') return []
    if (words[1] === ':' || words[1] === '?') return []
    const isMethod = words[1] === '(' && ['{', ':'].includes(code[closing(code, at + 1) + 1]?.text ?? '')
    return isMethod ? [] : [{ line: token.line, what: 'uses fetch' }]
  })
}

function closing(code: readonly Token[], opener: number): number {
  let depth = 0
  for (let at = opener; at < code.length; at += 1) {
    if (code[at]?.text === '(') depth += 1
    else if (code[at]?.text === ')') depth -= 1
    if (depth === 0) return at
  }
  return code.length
}

const modules = (pattern: RegExp) => (source: Source) =>
  importsIn(source.code()).flatMap(({ specifier, line }) =>
    specifier !== undefined && pattern.test(specifier) ? [{ line, what: `imports ${specifier}` }] : [],
  )

/** Bun's own APIs, each name with the files that use it. */
function bunNamesInManyFiles(sources: readonly Source[]): Finding[] {
  const uses = new Map<string, Finding[]>()
  for (const source of sources) {
    if (!inSource(source.path) || source.path.startsWith('src/sim/')) continue
    for (const { token, words } of phrases(source)) {
      if (token.text !== 'Bun' || words[1] !== '.') continue
      const name = `Bun.${words[2]}`
      uses.set(name, [...(uses.get(name) ?? []), { path: source.path, line: token.line, what: `uses ${name}` }])
    }
  }
  return [...uses.values()].filter(found => new Set(found.map(use => use.path)).size > 1).flat()
}

/** String literals that are exactly a provider's id, where rows are known by the names of their files. */
function providerNames(sources: readonly Source[]): Finding[] {
  const ids = new Set(sources.flatMap(({ path }) => /^src\/catalog\/providers\/(.+)\.ts$/.exec(path)?.[1] ?? []))
  return (
    sources
      // An agent may be called like its maker's provider.
      .filter(({ path }) => outside('src/catalog/', 'src/sim/', 'src/cli/clients/')(path))
      .flatMap(source => {
        const imported = new Set(importsIn(source.code()).map(({ specifier }) => specifier))
        return source.code().flatMap(token => {
          const text = token.text.slice(1, -1)
          if ((token.kind !== 'string' && token.kind !== 'template') || !ids.has(text) || imported.has(text)) return []
          return [{ path: source.path, line: token.line, what: `names the provider "${text}"` }]
        })
      })
  )
}

/** Laws about who may touch the clock, the network, the environment and the runtime. */
export const runtimeRules: readonly Rule[] = [
  {
    name: 'pure codecs',
    reason: 'base, canon and wire give the same answer to the same bytes, so every case can be replayed.',
    fix: 'take the value as a parameter; the clock is base/clock.ts, handed in from above.',
    find: eachFile(
      source => [...globals(source, IMPURE_CALLS), ...modules(/^bun(?::|$)/)(source)],
      path => /^src\/(?:base|canon|wire)\//.test(path) && path !== 'src/base/clock.ts',
    ),
  },
  {
    name: 'one server',
    reason: 'limits and timeouts hold only if every port is opened in one place.',
    fix: 'go through src/http/serve.ts.',
    find: eachFile(source => globals(source, [/^Bun \. serve /]), outside('src/http/serve.ts', 'src/sim/')),
  },
  {
    name: 'bun modules',
    reason: 'the database stands behind one contract, and no other bun: module is portable.',
    fix: 'use what src/ledger offers, or a node: module.',
    find: eachFile(
      source => modules(source.path.startsWith('src/ledger/') ? /^bun:(?!sqlite$)/ : /^bun:/)(source),
      inSource,
    ),
  },
  {
    name: 'one fetch',
    reason: 'a credential stays with its origin only if one place sends.',
    fix: 'go through src/upstream (the command line may ask a running gateway).',
    find: eachFile(fetches, outside('src/upstream/', 'src/cli/', 'src/sim/')),
  },
  {
    name: 'sockets',
    reason: 'the floors between the wire and the server neither listen nor connect.',
    fix: 'open connections in src/upstream, src/http or src/sim.',
    find: eachFile(
      modules(/^(?:node:)?(?:net|http|https|http2|tls|dgram|dns)(?:\/|$)/),
      outside('src/upstream/', 'src/http/', 'src/sim/', 'src/cli/', 'src/app/'),
    ),
  },
  {
    name: 'one reader of the environment',
    reason: 'what a program does must follow from its configuration, which can be shown.',
    fix: 'read it in src/app/config and hand the value down.',
    find: eachFile(
      source => globals(source, [/^process \. env /, /^Bun \. env /, /^import \. meta \. env /]),
      outside('src/app/config', 'src/cli/main.ts'),
    ),
  },
  {
    name: "Bun's own APIs",
    reason: 'each stands behind one file, so that it can be replaced.',
    fix: 'call the file that has it already.',
    find: bunNamesInManyFiles,
  },
  {
    name: 'no provider by name',
    reason: 'a provider is data: what is special about one stands in its row, where users can see and override it.',
    fix: 'add a field to the row (or a quirk) and ask for that.',
    find: providerNames,
  },
]
