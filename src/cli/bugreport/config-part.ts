import type { ConfigSource, LoadResult } from '../../app/config/config.ts'
import type { SecretSource } from '../../app/config/secret-source.ts'
import { hasReference } from '../../app/config/template.ts'
import type { Path } from '../../app/config/tree.ts'
import { isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { Cleaner } from './cleaner.ts'

/** The configuration as it may be posted. */
export interface ConfigPart {
  readonly exists: boolean
  readonly faults: readonly { readonly message: string; readonly line?: number }[]
  readonly warnings: readonly string[]
  /** What the file says. Absent: it has faults. Of all that is not on the list of harmless settings only that it is there. */
  readonly values?: JsonObject
}

/** Settings whose texts are words of a closed list, checked by the schema. */
const CLOSED_WORDS: ReadonlySet<string> = new Set([
  'allowLoss',
  'api',
  'balance',
  'billing',
  'fallbackOn',
  'format',
  'input',
  'signedReasoning',
])

/** The configuration file, value by value. */
export function configPart(loaded: LoadResult, cleaner: Cleaner): ConfigPart {
  if (!loaded.ok) {
    const faults = loaded.faults.map(({ message, line }) => ({
      message: cleaner.text(message),
      ...(line === undefined ? {} : { line }),
    }))
    return { exists: true, faults, warnings: [] }
  }
  const { source, ...values } = loaded.config
  return {
    exists: source.exists,
    faults: [],
    warnings: loaded.warnings.map(({ message }) => cleaner.text(message)),
    values: objectOf(writtenIn(values, [], source), [], cleaner),
  }
}

/** What the file itself says, without the defaults. */
function writtenIn(value: object, path: Path, source: ConfigSource): object {
  const written = Object.entries(value).filter(([key]) => source.positionOf([...path, key]) !== undefined)
  return Object.fromEntries(
    written.map(([key, inner]) => [
      key,
      isObject(inner) && !isSource(inner) ? writtenIn(inner, [...path, key], source) : inner,
    ]),
  )
}

function objectOf(value: object, path: readonly string[], cleaner: Cleaner): JsonObject {
  const shown: Record<string, JsonValue> = {}
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue
    shown[keyOf(key, path, cleaner)] = shownValue(inner, [...path, key], cleaner)
  }
  return shown
}

/** Keys that the user chose are names. */
function keyOf(key: string, path: readonly string[], cleaner: Cleaner): string {
  const place = path.join('.')
  if (place === 'models.providers') return cleaner.provider(key)
  if (place === 'models.aliases') return cleaner.name('alias', key)
  if (place === 'routes') return cleaner.name('route', key)
  return path.at(-1) === 'headers' ? cleaner.text(key) : key
}

function shownValue(value: unknown, path: readonly string[], cleaner: Cleaner): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (typeof value === 'string') return textOf(value, path, cleaner)
  if (Array.isArray(value)) return value.map(item => shownValue(item, path, cleaner))
  if (isSource(value)) return sourceWords(value, cleaner)
  return typeof value === 'object' ? objectOf(value, path, cleaner) : '(not shown)'
}

function textOf(value: string, path: readonly string[], cleaner: Cleaner): string {
  const key = path.at(-1) ?? ''
  if (path.at(-2) === 'headers') return cleaner.header(key, value)
  if (path.at(-2) === 'aliases' || key === 'default' || key === 'model') return cleaner.model(value)
  if (key === 'id') return cleaner.model(value)
  if (key === 'baseUrl' || key === 'endpoint')
    return hasReference(value) ? '(from the environment)' : cleaner.url(value)
  if (key === 'host' || key === 'allowedHosts') return cleaner.host(value)
  if (path.includes('apiKeys') && key === 'name') return cleaner.name('credential', value)
  return CLOSED_WORDS.has(key) ? value : '(not shown)'
}

function isSource(value: unknown): value is SecretSource {
  return isObject(value) && 'from' in value && ['text', 'file', 'exec'].includes(String(value['from']))
}

/** Where a secret comes from, without what it is. */
function sourceWords(source: SecretSource, cleaner: Cleaner): string {
  if (source.from !== 'text') return source.from === 'file' ? '(from a file)' : '(from a program)'
  const names = source.names.map(name => `\${${cleaner.text(name)}}`)
  const written = source.literal ? ['(written in the file)'] : []
  return [...names, ...written].join(' ')
}
