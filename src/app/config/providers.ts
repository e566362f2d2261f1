import { basename } from 'node:path'
import type { Secret } from '../../base/secret.ts'
import type { Billing, Provider } from '../../catalog/provider.ts'
import type { ModelSetup, ProviderSetup } from '../../upstream/provider-setup.ts'
import { isLoopback } from './base-url.ts'
import type { Config, ModelEntry, ProviderEntry } from './config.ts'
import { checkHeaderValue, isCredentialHeader } from './headers.ts'
import { type ReferenceInputs, resolveSecret } from './references.ts'
import { asSecret, type SecretSource } from './secret-source.ts'
import { findSurfaces, type Surfaces } from './surfaces.ts'
import { expand, filled, notSet } from './template.ts'
import type { Path } from './tree.ts'

/** Everything one provider is made of. */
interface Parts {
  readonly id: string
  readonly entry: ProviderEntry | undefined
  readonly row: Provider | undefined
  readonly config: Config
  readonly inputs: ReferenceInputs
}

/** The key, that none is needed, or why there is none. */
type KeyFound = { readonly secret: Secret; readonly source: string } | { readonly reason: string } | undefined

type HeaderValues = Readonly<Record<string, string | null>>

/**
 * Every provider that is configured (in the file's order) or in the catalogue, with its key and surfaces, or the reason why it cannot be
 * used. A missing key or variable makes one provider unavailable and leaves the others alone. Runs `exec` references. Never rejects.
 */
export async function resolveProviders(
  config: Config,
  catalogue: readonly Provider[],
  inputs: ReferenceInputs,
): Promise<ProviderSetup[]> {
  const entries = config.models.providers
  const ids = new Set([...Object.keys(entries), ...catalogue.map(row => row.id)])
  return Promise.all(
    [...ids].map(id => {
      const entry = Object.hasOwn(entries, id) ? entries[id] : undefined
      return setUp({ id, entry, row: catalogue.find(row => row.id === id), config, inputs })
    }),
  )
}

async function setUp(parts: Parts): Promise<ProviderSetup> {
  const { id, entry, row } = parts
  const headers = fillHeaders(entry?.headers, parts.inputs, 'header')
  const models = (entry?.models ?? []).map(model => fillModel(model, parts.inputs))
  const off = entry?.enabled === false
  const surfaces = surfacesOf(parts)
  const key = off ? undefined : await findKey(parts, headers.values)
  const secret = key !== undefined && 'secret' in key ? key : undefined
  const reasons = off
    ? [`it is switched off in ${placeOf(parts.config, ['models', 'providers', id, 'enabled'])}`]
    : [
        ...(key !== undefined && 'reason' in key ? [key.reason] : []),
        ...(surfaces.ok ? [] : [surfaces.reason]),
        ...headers.reasons,
        ...models.flatMap(model => model.reasons),
      ]
  const quota = surfaces.ok ? surfaces.quota : undefined
  return {
    id,
    name: entry?.name ?? row?.name ?? id,
    ...(row === undefined ? {} : { row }),
    billing: billingOf(parts, surfaces, secret?.secret),
    ...(secret === undefined ? {} : { key: secret.secret, keySource: secret.source }),
    endpoints: surfaces.ok ? surfaces.endpoints : [],
    ...(quota === undefined ? {} : { quota }),
    ...(entry?.timeouts === undefined ? {} : { timeouts: given(entry.timeouts) }),
    headers: headers.values,
    models: models.map(model => model.setup),
    modelAliases: row?.modelAliases ?? {},
    modelList: row?.modelList ?? 'open',
    ...(reasons.length === 0 ? {} : { unavailable: reasons.join('; ') }),
  }
}

function surfacesOf({ entry, row, inputs }: Parts): Surfaces {
  const written = entry?.baseUrl === undefined ? undefined : expand(entry.baseUrl, inputs.env)
  if (written !== undefined && !written.ok) return { ok: false, reason: `baseUrl: ${written.reason}` }
  return findSurfaces(
    row,
    {
      ...(written === undefined ? {} : { baseUrl: written.text }),
      ...(entry?.api === undefined ? {} : { api: entry.api }),
      allowHttp: entry?.allowHttp ?? false,
    },
    inputs.env,
  )
}

async function findKey(parts: Parts, headers: HeaderValues): Promise<KeyFound> {
  const { id, entry, row, config, inputs } = parts
  if (entry?.apiKey !== undefined) {
    const result = await resolveSecret(entry.apiKey, inputs)
    const place = placeOf(config, ['models', 'providers', id, 'apiKey'])
    return result.ok
      ? { secret: result.secret, source: sourceOf(entry.apiKey, inputs, place) }
      : { reason: result.reason }
  }
  for (const name of row?.env ?? []) {
    const value = filled(inputs.env, name)
    if (value === undefined) continue
    const result = asSecret(value, `what ${name} holds`)
    return result.ok ? { secret: result.secret, source: `environment ${name}` } : { reason: result.reason }
  }
  const byHand = Object.keys(headers).some(name => headers[name] !== null && isCredentialHeader(name))
  if (row === undefined || byHand) return undefined
  if (row.keyOptional === true)
    return entry === undefined
      ? { reason: `it is a server of your own: models.providers.${id} = {} turns it on` }
      : undefined
  return { reason: noKey(row) }
}

function noKey(row: Provider): string {
  const [first, ...others] = row.env
  if (first === undefined) return 'it has no apiKey'
  return others.length === 0 ? notSet(first) : `none of the environment variables ${row.env.join(', ')} is set`
}

/** Where a configured key came from in the end: a default written in the file is the file's. */
function sourceOf(source: SecretSource, inputs: ReferenceInputs, place: string): string {
  if (source.from === 'file') return `file ${source.file}`
  if (source.from === 'exec') return `exec ${source.exec[0]}`
  const used = source.names.filter(name => filled(inputs.env, name) !== undefined)
  return used.length === 0 ? place : `environment ${used.join(', ')}`
}

/** The user's word, else what the kind of key tells, else the row's, else by where the server is. */
function billingOf({ entry, row }: Parts, surfaces: Surfaces, key: Secret | undefined): Billing {
  const told = [...(row?.keyPrefixes ?? [])]
    .sort((a, b) => b.prefix.length - a.prefix.length)
    .find(({ prefix }) => key?.startsWith(prefix) === true)
  const [first] = surfaces.ok ? surfaces.endpoints : []
  const isLocal = first !== undefined && isLoopback(new URL(first.origin).hostname.replace(/^\[|\]$/g, ''))
  return entry?.billing ?? told?.billing ?? row?.billing ?? (isLocal ? 'local' : 'metered')
}

function fillHeaders(
  headers: HeaderValues | undefined,
  inputs: ReferenceInputs,
  what: string,
): { values: HeaderValues; reasons: string[] } {
  const values: Record<string, string | null> = {}
  const reasons: string[] = []
  for (const [name, template] of Object.entries(headers ?? {})) {
    const result = template === null ? undefined : expand(template, inputs.env)
    if (result === undefined) values[name] = null
    else if (!result.ok) reasons.push(`${what} ${name}: ${result.reason}`)
    else if (checkHeaderValue(name, result.text) !== undefined)
      reasons.push(`${what} ${name}: its value cannot stand in a header once the environment is filled in`)
    else values[name] = result.text
  }
  return { values, reasons }
}

function fillModel(model: ModelEntry, inputs: ReferenceInputs): { setup: ModelSetup; reasons: string[] } {
  const { headers, input, price, ...facts } = model
  const filledHeaders = fillHeaders(headers, inputs, `model ${model.id}, header`)
  const kinds = input?.filter(kind => kind !== 'text')
  const setup: ModelSetup = {
    ...given(facts),
    id: model.id,
    ...(kinds === undefined ? {} : { input: kinds }),
    ...(price === undefined ? {} : { price: { ...given(price), input: price.input, output: price.output } }),
    ...(headers === undefined ? {} : { headers: filledHeaders.values }),
  }
  return { setup, reasons: filledHeaders.reasons }
}

/** The object without its undefined fields. */
function given<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

function placeOf(config: Config, path: Path): string {
  const position = config.source.positionOf(path)
  const file = basename(config.source.file)
  return position === undefined ? file : `${file}:${position.line}`
}
