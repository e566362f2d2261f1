import { changesBetween, type DeclaredValue, type FileView } from '../../admin/config-view.ts'
import type { Config } from './config.ts'
import { showFault, showWarning } from './fault.ts'
import { loadConfig } from './load.ts'
import { type SecretSource, showSource } from './secret-source.ts'
import { isPlainList, leaf, plainLeaf } from './show.ts'
import type { Path } from './tree.ts'

/**
 * What the file says by now, compared with what is in force. It is read and checked, no more: nothing it refers to is looked up, and no program
 * it names is run. Never rejects.
 */
export async function comparedWithFile(inForce: Config, file: string): Promise<FileView> {
  const loaded = await loadConfig({ file, mustExist: false })
  if (!loaded.ok) return { state: 'faulty', faults: loaded.faults.map(showFault) }
  const { config, warnings } = loaded
  if (!config.source.exists) return { state: inForce.source.exists ? 'gone' : 'missing' }
  const changes = changesBetween(declaredValues(inForce), declaredValues(config))
  if (changes.length === 0) return { state: 'same' }
  return { state: 'differs', changes, warnings: warnings.map(warning => showWarning(warning, file)) }
}

/** Every value of a configuration by itself, as the file says it or the default. An empty list says nothing. */
function declaredValues(config: Config): readonly DeclaredValue[] {
  const { source: _, ...values } = config
  return valuesBelow(config, [], values)
}

function valuesBelow(config: Config, path: Path, value: unknown): readonly DeclaredValue[] {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return []
  if (isSource(path, value)) return [{ ...leaf(config, path, showSource(value)), sameAs: identityOf(value) }]
  if (typeof value !== 'object' || value === null || isPlainList(value))
    return [{ ...plainLeaf(config, path, value), sameAs: JSON.stringify(value) }]
  const steps = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return steps.flatMap(([step, inner]) => valuesBelow(config, [...path, step], inner))
}

const SOURCES: readonly unknown[] = ['text', 'file', 'exec'] satisfies readonly SecretSource['from'][]

/** A header may be called `from`, so an object of headers is none. */
function isSource(path: Path, value: unknown): value is SecretSource {
  return (
    typeof value === 'object' &&
    value !== null &&
    path.at(-1) !== 'headers' &&
    'from' in value &&
    SOURCES.includes(value.from)
  )
}

function identityOf(source: SecretSource): string {
  return source.from === 'text' ? source.digest() : JSON.stringify(source)
}
