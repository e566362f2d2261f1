import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { errorCode } from '../../base/error-code.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import type { Provider } from '../../catalog/provider.ts'
import type { Config, LoadResult } from './config.ts'
import { type ConfigFault, faultAt, faultOf } from './fault.ts'
import { type Finding, findingsOf } from './issues.ts'
import { checkMeaning } from './meaning.ts'
import { type ConfigValues, configSchema } from './schema.ts'
import { openSource, type Source } from './source.ts'
import { find, type Node, plainValue, type Span, SyntaxFault, showPath } from './tree.ts'
import { fileWarnings, settingWarnings } from './warnings.ts'

/** Largest configuration file, in bytes. */
export const CONFIG_BYTES_MAX = 1_048_576

/** Faults told at once; more of them would not be read. */
const FAULTS_MAX = 50

/** Which file, and whether its absence is a fault. */
export interface LoadOptions {
  readonly file: string
  /** True if the user named the file. Otherwise a file that is not there counts as `{}`. */
  readonly mustExist: boolean
  readonly catalogue?: readonly Provider[]
}

/** Reads and checks the configuration. Resolves no reference and reads no environment. Never rejects. */
export async function loadConfig(options: LoadOptions): Promise<LoadResult> {
  const { file, mustExist, catalogue = PROVIDERS } = options
  const read = await readFile(file)
  if ('missing' in read) {
    if (!mustExist) return checkText('{}', file, catalogue, false)
    const words = { message: 'There is no such file.', path: '', fix: `Create it: the smallest one holds {}.` }
    return { ok: false, file, faults: [faultOf(file, words)] }
  }
  if ('words' in read) return { ok: false, file, faults: [faultOf(file, { ...read.words, path: '' })] }
  const checked = checkText(read.text, file, catalogue)
  if (!checked.ok) return checked
  const warnings = [...fileWarnings(read, checked.config), ...checked.warnings]
  return { ...checked, warnings }
}

interface FileRead {
  readonly text: string
  readonly mode: number
  readonly isLink: boolean
}

async function readFile(
  file: string,
): Promise<FileRead | { missing: true } | { words: { message: string; expected?: string; fix?: string } }> {
  try {
    const isLink = (await lstat(file)).isSymbolicLink()
    // Opening a pipe without this flag would wait for somebody to write to it.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const facts = await handle.stat()
      if (!facts.isFile()) return { words: { message: 'This is not a file.', expected: 'a file of JSON5' } }
      if (facts.size > CONFIG_BYTES_MAX) return { words: tooLarge() }
      const bytes = Buffer.alloc(CONFIG_BYTES_MAX + 1)
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0)
      if (bytesRead > CONFIG_BYTES_MAX) return { words: tooLarge() }
      return { text: new TextDecoder().decode(bytes.subarray(0, bytesRead)), mode: facts.mode & 0o777, isLink }
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return { missing: true }
    return {
      words: { message: `The file cannot be read (${code}).`, fix: 'Make it readable for the user Candor runs as.' },
    }
  }
}

function tooLarge() {
  return { message: 'The file is too large.', expected: `at most ${CONFIG_BYTES_MAX} bytes` }
}

/** Checks a text as if it were the file. */
export function checkText(
  text: string,
  file: string,
  catalogue: readonly Provider[] = PROVIDERS,
  exists = true,
): LoadResult {
  // A byte-order mark is no part of the text, and would move the columns of the first line.
  const source = openSource(file, text.replace(/^\uFEFF/, ''))
  const { root } = source
  if (root instanceof SyntaxFault) {
    const words = { message: root.message, path: '', expected: root.expected, fix: root.fix }
    return { ok: false, file, faults: [faultAt(source, root.span, words)] }
  }
  const parsed = configSchema.safeParse(plainValue(root))
  const shape = parsed.success ? [] : findingsOf(parsed.error.issues, root)
  const meaning = checkMeaning(plainValue(root), catalogue)
  if (!parsed.success || meaning.length > 0) return { ok: false, file, faults: locate(source, root, shape, meaning) }
  const config = build(parsed.data, file, exists, root)
  return { ok: true, config, warnings: settingWarnings(config) }
}

function build(values: ConfigValues, file: string, exists: boolean, root: Node): Config {
  const positionOf: Config['source']['positionOf'] = path => find(root, path)?.node.span.start
  const positionOfValue: Config['source']['positionOfValue'] = (path, value) => {
    const above = find(root, path.slice(0, -1))?.node
    return above?.kind === 'scalar' && above.value === value ? above.span.start : positionOf(path)
  }
  return freeze({ ...values, source: { file, exists, positionOf, positionOfValue } })
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) freeze(inner)
  return value
}

/** Faults in the order of the file. Of a value that has not even the right shape, nothing is said about its meaning. */
function locate(source: Source, root: Node, shape: readonly Finding[], meaning: readonly Finding[]): ConfigFault[] {
  const place = (finding: Finding) => ({ span: spanOf(root, finding), finding })
  const shapeless = shape.map(place)
  const taken = new Set(shapeless.map(({ span }) => span.start.index))
  const placed = [...shapeless, ...meaning.map(place).filter(({ span }) => !taken.has(span.start.index))]
  return placed
    .sort((a, b) => a.span.start.index - b.span.start.index)
    .slice(0, FAULTS_MAX)
    .map(({ span, finding }) => faultAt(source, span, { ...finding, path: showPath(finding.path) }))
}

function spanOf(root: Node, finding: Finding): Span {
  const found = find(root, finding.path) ?? { node: root }
  if (finding.onKey === true && found.keySpan !== undefined) return found.keySpan
  if (found.node.kind === 'scalar') return found.node.span
  // For a whole object or list the key names it best; carets under all its lines would not help.
  return found.keySpan ?? { start: found.node.span.start, end: found.node.span.start }
}
