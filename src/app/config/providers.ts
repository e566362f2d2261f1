import { basename, isAbsolute } from 'node:path'
import type { Provider } from '../../catalog/provider.ts'
import type { ModelSetup, ProviderSetup } from '../../upstream/provider-setup.ts'
import type { Config, ModelEntry, ProviderEntry } from './config.ts'
import { type CredentialParts, findCredentials, noCredentials } from './credentials.ts'
import { checkHeaderValue } from './headers.ts'
import type { ReferenceInputs } from './references.ts'
import { findSurfaces, type Surfaces } from './surfaces.ts'
import { expand } from './template.ts'
import type { Path } from './tree.ts'

/** Everything one provider is made of. */
interface Parts {
  readonly id: string
  readonly entry: ProviderEntry | undefined
  readonly row: Provider | undefined
  readonly config: Config
  readonly inputs: ReferenceInputs
}

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
  const keyParts = credentialParts(parts, surfaces, headers)
  const { credentials, missing, billing } = off ? noCredentials(keyParts) : await findCredentials(keyParts)
  const reasons = off
    ? [`it is switched off in ${placeOf(parts.config, ['models', 'providers', id, 'enabled'])}`]
    : [
        ...(credentials.length === 0 ? missing : []),
        ...(surfaces.ok ? [] : [surfaces.reason]),
        ...headers.reasons,
        ...models.flatMap(model => model.reasons),
      ]
  const quota = surfaces.ok ? surfaces.quota : undefined
  return {
    id,
    name: entry?.name ?? row?.name ?? id,
    ...(row === undefined ? {} : { row }),
    billing,
    credentials,
    ...(credentials.length > 0 && missing.length > 0 ? { missingCredentials: missing } : {}),
    balance: entry?.balance ?? 'least-busy',
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

function credentialParts(parts: Parts, surfaces: Surfaces, headers: { values: HeaderValues }): CredentialParts {
  const { id, entry, row, config, inputs } = parts
  const place = (...steps: (string | number)[]) => placeOf(config, ['models', 'providers', id, ...steps])
  return { id, entry, row, surfaces, headers: headers.values, inputs, place }
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

/** A text that is no file has a name, but no line that anybody could look up. */
function placeOf({ source }: Config, path: Path): string {
  const position = source.positionOf(path)
  if (!isAbsolute(source.file)) return source.file
  const file = basename(source.file)
  return position === undefined ? file : `${file}:${position.line}`
}
