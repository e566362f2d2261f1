import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { type Import, importsIn } from './imports.ts'
import { eachFile, type Finding, type Rule } from './rule.ts'
import { runtimeRules } from './runtime-rules.ts'
import { projectRoot, type Source } from './source.ts'

/** The folders of src and the floor each stands on. A file may use its own folder and every floor below. */
const FLOORS: Readonly<Record<string, number>> = {
  base: 0,
  canon: 1,
  wire: 2,
  catalog: 3,
  upstream: 4,
  ledger: 4,
  shared: 4,
  policy: 5,
  pipeline: 6,
  admin: 7,
  http: 8,
  app: 9,
  sim: 9,
  cli: 10,
}

/** Where an index.ts is wanted: the lists people read, and one door for each protocol folder. */
const INDEX_PLACES = /^src\/(?:wire|catalog|policy|wire\/[^/]+)\/index\.ts$/

const RUN_CALL_LINES_MAX = 100

/** An import of a file of the project, with both ends. */
interface Link {
  readonly from: string
  readonly to: string
  readonly line: number
}

const inSource = (path: string) => path.startsWith('src/')
const folderOf = (path: string) => path.split('/')[1] ?? ''
const protocolOf = (path: string) => /^src\/wire\/([^/]+)\//.exec(path)?.[1]

function imports(source: Source): Import[] {
  return importsIn(source.code())
}

/** The imports inside src, resolved. */
function links(source: Source): Link[] {
  return imports(source).flatMap(({ specifier, line }) => {
    if (specifier === undefined || !specifier.startsWith('.')) return []
    return [{ from: source.path, to: posix.join(dirname(source.path), specifier), line }]
  })
}

const eachLink = (judge: (link: Link) => string | undefined) =>
  eachFile(function* (source) {
    for (const link of links(source)) {
      const what = judge(link)
      if (what !== undefined) yield { line: link.line, what }
    }
  }, inSource)

function upwards({ from, to }: Link): string | undefined {
  if (!inSource(to) || folderOf(from) === folderOf(to)) return undefined
  const [own, other] = [FLOORS[folderOf(from)], FLOORS[folderOf(to)]]
  if (own === undefined || other === undefined || other < own) return undefined
  return `floor ${own} (${folderOf(from)}) imports ${to} on ${other === own ? 'the same floor' : `floor ${other}`}`
}

const isWithin = (path: string, folder: string) => path.startsWith(`${folder}/`)

const structureRules: readonly Rule[] = [
  {
    name: 'known floors',
    reason: 'a file outside the folders stands on no floor, so nothing says what it may use.',
    fix: 'move it into the folder it belongs to, or add the folder to FLOORS and to ARCHITECTURE.md.',
    find: eachFile(function* ({ path }) {
      if (path.split('/').length < 3 || FLOORS[folderOf(path)] === undefined) yield { line: 1, what: 'not in a floor' }
    }, inSource),
  },
  {
    name: 'downwards only',
    reason: 'a floor can be read, tested and replaced without knowing anything above or beside it.',
    fix: 'move what is shared to a lower floor, or hand it in as a parameter from above.',
    find: eachLink(upwards),
  },
  {
    name: 'no own index',
    reason: 'a file that imports the list it is part of makes a circle.',
    fix: 'import the file that holds what you need.',
    find: eachLink(({ from, to }) =>
      to.endsWith('/index.ts') && isWithin(from, dirname(to)) ? `imports its own folder's ${to}` : undefined,
    ),
  },
  {
    name: 'protocols apart',
    reason: 'protocols meet in the canonical form only; a pair that knows each other is a translation nobody tests.',
    fix: 'put what both need into src/wire/*.ts or src/canon.',
    find: eachLink(({ from, to }) => {
      const [own, other] = [protocolOf(from), protocolOf(to)]
      return own !== undefined && other !== undefined && own !== other ? `${own} imports ${to}` : undefined
    }),
  },
  {
    name: 'index places',
    reason: 'an index.ts that only passes on hides where things are.',
    fix: 'import the files themselves and delete the index.',
    find: eachFile(function* ({ path }) {
      if (path.endsWith('/index.ts') && !INDEX_PLACES.test(path)) yield { line: 1, what: 'an index.ts without a list' }
    }, inSource),
  },
  {
    name: 'inside src',
    reason: 'the program is src: tests, tools and the benchmark lean on it, never the other way.',
    fix: 'move what is needed into src (package.json may be read for the version).',
    find: eachLink(({ to }) => (inSource(to) || to === 'package.json' ? undefined : `imports ${to}`)),
  },
  {
    name: 'explicit specifiers',
    reason: 'a specifier with its extension means the same file to every tool.',
    fix: 'write the file name with its .ts or .json, as a literal.',
    find: eachFile(function* (source) {
      for (const { specifier, line } of imports(source)) {
        if (specifier === undefined) yield { line, what: 'imports a module whose name is computed' }
        else if (specifier.startsWith('/')) yield { line, what: `imports an absolute path, ${specifier}` }
        else if (specifier.startsWith('.') && !/\.(?:ts|json|html)$/.test(specifier))
          yield { line, what: `"${specifier}" has no extension` }
      }
    }, inSource),
  },
  {
    name: 'runtime dependencies',
    reason: 'what src imports must be there in an installation without development packages.',
    fix: 'use a dependency of package.json or a node: module (with its prefix).',
    find: eachFile(packagesBeyond(readRuntimeDependencies()), inSource),
  },
  {
    name: 'one page',
    reason: "run-call.ts is the page everybody reads to know a call's way.",
    fix: 'move the detail into the step it belongs to.',
    find: eachFile(
      function* ({ lines }) {
        const count = lines.length - (lines.at(-1) === '' ? 1 : 0)
        if (count > RUN_CALL_LINES_MAX) yield { line: count, what: `${count} lines, more than ${RUN_CALL_LINES_MAX}` }
      },
      path => path === 'src/pipeline/run-call.ts',
    ),
  },
]

function readRuntimeDependencies(): ReadonlySet<string> {
  const { dependencies } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
  return new Set(Object.keys(dependencies))
}

function packagesBeyond(dependencies: ReadonlySet<string>) {
  return function* (source: Source): Iterable<Omit<Finding, 'path'>> {
    for (const { specifier, line } of imports(source)) {
      if (specifier === undefined || /^[./]|^node:|^bun(?::|$)/.test(specifier)) continue
      const parts = specifier.split('/')
      const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
      if (isBuiltin(specifier)) yield { line, what: `"${specifier}" without the node: prefix` }
      else if (!dependencies.has(name)) yield { line, what: `"${name}" is not a runtime dependency` }
    }
  }
}

/** Every law about where things are and what may use what. */
export const FLOOR_RULES: readonly Rule[] = [...structureRules, ...runtimeRules]
