import { basename } from 'node:path'
import type { ShownValue } from '../../admin/config-view.ts'
import { redactHeader } from '../../base/redact.ts'
import type { ProviderSetup } from '../../upstream/provider-setup.ts'
import type { Config, ProviderEntry } from './config.ts'
import type { ResolvedConfig } from './resolve.ts'
import { showSource } from './secret-source.ts'
import { type Path, type Position, showPath } from './tree.ts'

/**
 * What is in force: every setting, and of the providers those that are configured or can be used. `endpoints.<protocol>` and `unavailable`
 * are no keys of the file; they tell what came of it.
 */
export function effectiveValues({ config, providers }: Pick<ResolvedConfig, 'config' | 'providers'>): ShownValue[] {
  const { default: fallback, aliases } = config.models
  return [
    ...(fallback === undefined ? [] : leaves(config, ['models', 'default'], fallback)),
    ...leaves(config, ['models', 'aliases'], aliases),
    ...providers.flatMap(provider => providerValues(config, provider)),
    ...leaves(config, ['routes'], config.routes),
    ...gatewayValues(config),
    ...leaves(config, ['logs'], config.logs),
    ...leaves(config, ['bodies'], config.bodies),
    ...telemetryValues(config),
    ...leaves(config, ['translate'], config.translate),
  ]
}

/** The values as text, one a line; with `origin` also where each came from. */
export function showValues(values: readonly ShownValue[], options: { readonly origin: boolean }): string {
  const lines = values.map(({ path, value }) => `${path} = ${value}`)
  if (!options.origin) return lines.join('\n')
  const width = Math.min(80, Math.max(0, ...lines.map(line => line.length)))
  return lines.map((line, i) => `${line.padEnd(width)}  # ${values[i]?.origin}`).join('\n')
}

function gatewayValues(config: Config): ShownValue[] {
  const { keys, ...rest } = config.gateway
  const shown = keys.map((source, i) => leaf(config, ['gateway', 'keys', i], showSource(source)))
  return [
    ...leaves(config, ['gateway'], rest),
    ...(keys.length === 0 ? leaves(config, ['gateway', 'keys'], keys) : shown),
  ]
}

function telemetryValues(config: Config): ShownValue[] {
  const { otlp } = config.telemetry
  if (otlp === undefined) return []
  const { headers, ...rest } = otlp
  const path: Path = ['telemetry', 'otlp']
  return [
    ...leaves(config, path, rest),
    ...Object.entries(headers).map(([name, source]) => leaf(config, [...path, 'headers', name], showSource(source))),
  ]
}

function providerValues(config: Config, provider: ProviderSetup): ShownValue[] {
  const entries = config.models.providers
  const entry = Object.hasOwn(entries, provider.id) ? entries[provider.id] : undefined
  if (entry === undefined && provider.unavailable !== undefined) return []
  const path: Path = ['models', 'providers', provider.id]
  const value = (key: string, shown: string, origin: string) => ({
    path: showPath([...path, key]),
    value: shown,
    origin,
  })
  const beside = provider.row === undefined ? 'default' : 'catalogue'
  return [
    ...(entry === undefined ? [] : writtenValues(config, path, entry)),
    ...keyValues(config, path, provider, entry),
    value('billing', JSON.stringify(provider.billing), placeOf(config, [...path, 'billing']) ?? beside),
    ...provider.endpoints.map(endpoint => ({
      path: showPath([...path, 'endpoints', endpoint.protocol]),
      value: JSON.stringify(endpoint.baseUrl),
      origin: placeOf(config, [...path, 'baseUrl']) ?? 'catalogue',
    })),
    ...(provider.unavailable === undefined
      ? []
      : [value('unavailable', JSON.stringify(provider.unavailable), 'Candor')]),
  ]
}

function keyValues(
  config: Config,
  base: Path,
  { credentials }: ProviderSetup,
  entry: ProviderEntry | undefined,
): ShownValue[] {
  if (entry?.apiKeys !== undefined)
    return entry.apiKeys.flatMap(({ key, ...rest }, i) => {
      const at = [...base, 'apiKeys', i]
      const { source } = credentials.find(({ name }) => name === rest.name) ?? {}
      const shown = leaf(config, [...at, 'key'], showSource(key))
      return [...leaves(config, at, rest), source === undefined ? shown : { ...shown, origin: source }]
    })
  const path = [...base, 'apiKey']
  const [only] = credentials
  if (only?.key !== undefined) return [{ path: showPath(path), value: String(only.key), origin: only.source ?? '' }]
  return entry?.apiKey === undefined ? [] : [leaf(config, path, showSource(entry.apiKey))]
}

/** What the user wrote for a provider, without what is told beside it in its effective form. */
function writtenValues(config: Config, path: Path, entry: ProviderEntry): ShownValue[] {
  return Object.entries(entry).flatMap(([key, value]) =>
    key === 'apiKey' || key === 'apiKeys' || key === 'billing' || value === undefined
      ? []
      : leaves(config, [...path, key], value),
  )
}

/** The single values below a path. Lists of plain values count as one. */
function leaves(config: Config, path: Path, value: unknown): ShownValue[] {
  if (typeof value !== 'object' || value === null || isPlainList(value)) return [plainLeaf(config, path, value)]
  if (Array.isArray(value)) return value.flatMap((item, i) => leaves(config, [...path, i], item))
  return Object.entries(value).flatMap(([key, item]) =>
    item === undefined ? [] : leaves(config, [...path, key], item),
  )
}

/** True for a list of texts, numbers and the like, which counts as one value. */
export function isPlainList(value: unknown): boolean {
  return Array.isArray(value) && !value.some(item => typeof item === 'object' && item !== null)
}

/** A single value of the file that refers to nothing; headers that are secret by their name as dots. */
export function plainLeaf(config: Config, path: Path, value: unknown): ShownValue {
  const shown =
    path.at(-2) === 'headers' && typeof value === 'string' ? redactHeader(String(path.at(-1)), value) : value
  const position = config.source.positionOfValue(path, value)
  return { path: showPath(path), value: JSON.stringify(shown), origin: placeText(config, position) ?? 'default' }
}

/** A value in the words it is shown in, with its place. */
export function leaf(config: Config, path: Path, value: string): ShownValue {
  return { path: showPath(path), value, origin: placeOf(config, path) ?? 'default' }
}

function placeOf(config: Config, path: Path): string | undefined {
  return placeText(config, config.source.positionOf(path))
}

function placeText(config: Config, position: Position | undefined): string | undefined {
  return position && `${basename(config.source.file)}:${position.line}`
}
