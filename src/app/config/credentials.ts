import type { Secret } from '../../base/secret.ts'
import type { Billing, Provider } from '../../catalog/provider.ts'
import type { CredentialSetup } from '../../upstream/provider-setup.ts'
import { isLoopback } from './base-url.ts'
import type { ProviderEntry } from './config.ts'
import { isCredentialHeader } from './headers.ts'
import { type ReferenceInputs, resolveSecret } from './references.ts'
import { asSecret, type SecretSource } from './secret-source.ts'
import type { Surfaces } from './surfaces.ts'
import { filled, notSet } from './template.ts'

/** What a provider's credentials are found by. */
export interface CredentialParts {
  readonly id: string
  readonly entry: ProviderEntry | undefined
  readonly row: Provider | undefined
  readonly surfaces: Surfaces
  /** The user's headers, filled in: one of them may be the credential. */
  readonly headers: Readonly<Record<string, string | null>>
  readonly inputs: ReferenceInputs
  /** Where the file says something, for people. */
  place(...steps: (string | number)[]): string
}

/** The credentials that can be used, and why others cannot. Without any, the provider cannot be used. */
export interface CredentialsFound {
  readonly credentials: readonly CredentialSetup[]
  readonly missing: readonly string[]
  /** The lane of the key that goes first as written, be it there or missing: another lane's key does not take its place. */
  readonly billing: Billing
}

/** The name of a provider's only credential. */
const ONLY = 'default'

/** The keys the user wrote down, else the one in the catalogue's variables, else none where none is needed. */
export async function findCredentials(parts: CredentialParts): Promise<CredentialsFound> {
  const { entry, row, inputs } = parts
  if (entry?.apiKeys !== undefined) return await findListed(parts, entry.apiKeys)
  if (entry?.apiKey !== undefined) {
    const result = await resolveSecret(entry.apiKey, inputs)
    if (!result.ok) return nothing(parts, result.reason)
    return only(parts, result.secret, sourceOf(entry.apiKey, inputs, parts.place('apiKey')))
  }
  for (const name of row?.env ?? []) {
    const value = filled(inputs.env, name)
    if (value === undefined) continue
    const result = asSecret(value, `what ${name} holds`)
    if (!result.ok) return nothing(parts, result.reason)
    return only(parts, result.secret, `environment ${name}`)
  }
  const needless = whyNone(parts)
  return needless === undefined ? only(parts) : nothing(parts, needless)
}

/** What is known of a provider whose keys are not looked for. */
export function noCredentials(parts: CredentialParts): CredentialsFound {
  return { credentials: [], missing: [], billing: writtenLane(parts, undefined) }
}

async function findListed(
  parts: CredentialParts,
  listed: NonNullable<ProviderEntry['apiKeys']>,
): Promise<CredentialsFound> {
  const found = await Promise.all(listed.map(({ key }) => resolveSecret(key, parts.inputs)))
  const credentials: CredentialSetup[] = []
  const missing: string[] = []
  listed.forEach((each, i) => {
    const result = found[i]
    if (result === undefined) return
    if (!result.ok) {
      missing.push(`key "${each.name}": ${result.reason}`)
      return
    }
    credentials.push({
      name: each.name,
      key: result.secret,
      source: sourceOf(each.key, parts.inputs, parts.place('apiKeys', i, 'key')),
      billing: each.billing ?? laneOf(parts, result.secret),
      priority: each.priority,
      weight: each.weight,
      ...foreignOf(parts.row, result.secret),
    })
  })
  credentials.sort((a, b) => a.priority - b.priority)
  const first = firstListed(listed.map((each, i) => ({ ...each, result: found[i] })))?.result
  return { credentials, missing, billing: writtenLane(parts, first?.ok === true ? first.secret : undefined) }
}

/** The lane of the key that goes first, as the file has it; `key`: where it could be had. */
function writtenLane(parts: CredentialParts, key: Secret | undefined): Billing {
  return firstListed(parts.entry?.apiKeys ?? [])?.billing ?? laneOf(parts, key)
}

function firstListed<T extends { readonly priority: number }>(listed: readonly T[]): T | undefined {
  return listed.toSorted((a, b) => a.priority - b.priority)[0]
}

function nothing(parts: CredentialParts, reason: string): CredentialsFound {
  return { ...noCredentials(parts), missing: [reason] }
}

function only(parts: CredentialParts, key?: Secret, source?: string): CredentialsFound {
  const billing = laneOf(parts, key)
  const credential: CredentialSetup = {
    name: ONLY,
    ...(key === undefined ? {} : { key, ...foreignOf(parts.row, key) }),
    ...(source === undefined ? {} : { source }),
    billing,
    priority: 1,
    weight: 1,
  }
  return { credentials: [credential], missing: [], billing }
}

/** Why a provider without a key cannot be used; undefined if it needs none. */
function whyNone({ id, entry, row, headers }: CredentialParts): string | undefined {
  const byHand = Object.keys(headers).some(name => headers[name] !== null && isCredentialHeader(name))
  if (row === undefined || byHand) return undefined
  if (row.keyOptional === true)
    return entry === undefined ? `it is a server of your own: models.providers.${id} = {} turns it on` : undefined
  const [first, ...others] = row.env
  if (first === undefined) return 'it has no apiKey'
  return others.length === 0 ? notSet(first) : `none of the environment variables ${row.env.join(', ')} is set`
}

/** The user's word, else what the kind of key tells, else the row's, else by where the server is. */
function laneOf({ entry, row, surfaces }: CredentialParts, key: Secret | undefined): Billing {
  const told = longest(row?.keyPrefixes ?? [], key)
  const [first] = surfaces.ok ? surfaces.endpoints : []
  const isLocal = first !== undefined && isLoopback(new URL(first.origin).hostname.replace(/^\[|\]$/g, ''))
  return entry?.billing ?? told?.billing ?? row?.billing ?? (isLocal ? 'local' : 'metered')
}

/** A key whose beginning says that it is a sibling's, of another lane. */
function foreignOf(row: Provider | undefined, key: Secret): Pick<CredentialSetup, 'belongsTo'> {
  const own = longest(row?.keyPrefixes ?? [], key)
  const other = longest(row?.siblingKeys ?? [], key)
  if (row === undefined || other === undefined || other.prefix.length <= (own?.prefix.length ?? 0)) return {}
  return other.billing === row.billing ? {} : { belongsTo: other.provider }
}

function longest<T extends { readonly prefix: string }>(known: readonly T[], key: Secret | undefined): T | undefined {
  return known
    .filter(({ prefix }) => key?.startsWith(prefix) === true)
    .reduce<T | undefined>(
      (best, each) => (best !== undefined && best.prefix.length >= each.prefix.length ? best : each),
      undefined,
    )
}

/** Where a configured key came from in the end: a default written in the file is the file's. */
function sourceOf(source: SecretSource, inputs: ReferenceInputs, place: string): string {
  if (source.from === 'file') return `file ${source.file}`
  if (source.from === 'exec') return `exec ${source.exec[0]}`
  const used = source.names.filter(name => filled(inputs.env, name) !== undefined)
  return used.length === 0 ? place : `environment ${used.join(', ')}`
}
