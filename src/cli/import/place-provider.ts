import { checkBaseUrl } from '../../app/config/base-url.ts'
import { hasReference } from '../../app/config/template.ts'
import type { ProtocolId } from '../../canon/protocol.ts'
import { providerAt, providerCalled } from '../../catalog/foreign-names.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import type { Provider } from '../../catalog/provider.ts'
import { mayBeKey } from './found-key.ts'

/** Where a provider of another program stands in Candor, or why nowhere. */
export type Placed =
  | {
      readonly ok: true
      readonly id: string
      readonly row: Provider | undefined
      readonly baseUrl?: string
      readonly api?: ProtocolId
      readonly allowHttp?: true
      /** Its name in the source, where it has another here. */
      readonly calledThere?: string
    }
  | { readonly ok: false; readonly why: string; readonly fix?: string }

/** Ends of addresses that are a call's own path, and the protocol they are of. */
const CALLS: readonly (readonly [end: RegExp, api: ProtocolId])[] = [
  [/\/chat\/completions$/, 'openai-completions'],
  [/\/responses$/, 'openai-responses'],
  [/\/v1\/messages$/, 'anthropic-messages'],
  [/\/models$/, 'google-generative-ai'],
]

/** Finds a provider's place by its name and its address. `api`: what is spoken there, if the source says it. */
export function placeProvider(name: string, url: string | undefined, api: ProtocolId | undefined): Placed {
  const placed = findPlace(name, url, api)
  return placed.ok && placed.id !== name ? { ...placed, calledThere: name } : placed
}

function findPlace(name: string, url: string | undefined, api: ProtocolId | undefined): Placed {
  const named = providerCalled(name, PROVIDERS)
  if (url === undefined || url === '') {
    if (named !== undefined) return { ok: true, id: named.id, row: named }
    return { ok: false, why: 'the catalogue has no provider of that name, and no address stands there' }
  }
  if (mayBeKey(url)) return { ok: false, why: 'its address looks as if it held a key' }
  const call = CALLS.find(([end]) => end.test(url.replace(/\/+$/, '')))
  const spoken = api ?? call?.[1]
  const bare = bareUrl(url, call?.[0], spoken)
  const there = hasReference(bare) ? undefined : providerAt(bare, PROVIDERS)
  const row = named ?? there?.row
  const id = row === undefined || (named === undefined && there?.exact !== true) ? ownId(name) : row.id
  if (id === undefined) return { ok: false, why: 'its name is none a provider can have' }
  if (there?.exact === true && there.row.id === id) return { ok: true, id, row: there.row }
  const ownRow = row?.id === id ? row : undefined
  const protocol = spoken ?? (ownRow === undefined ? 'openai-completions' : undefined)
  return withUrl(id, ownRow, bare, protocol)
}

function withUrl(id: string, row: Provider | undefined, url: string, api: ProtocolId | undefined): Placed {
  const place = { ok: true, id, row, baseUrl: url, ...(api === undefined ? {} : { api }) } as const
  if (hasReference(url)) return place
  const checked = checkBaseUrl(url, true)
  if (!checked.ok)
    return {
      ok: false,
      why: `its address ${checked.reason}`,
      ...(checked.fix === undefined ? {} : { fix: checked.fix }),
    }
  const isOpen = checked.url.startsWith('http:') && !checked.loopback
  return { ...place, baseUrl: checked.url, ...(isOpen ? { allowHttp: true } : {}) }
}

/** Without the path of the call, and for Anthropic without the version: Candor appends both. */
function bareUrl(url: string, end: RegExp | undefined, api: ProtocolId | undefined): string {
  const trimmed = url.trim().replace(/\/+$/, '')
  const short = end === undefined ? trimmed : trimmed.replace(end, '')
  return api === 'anthropic-messages' ? short.replace(/\/v1$/, '') : short
}

/** The name as an id; undefined if it may be a key. */
function ownId(name: string): string | undefined {
  if (mayBeKey(name)) return undefined
  const id = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
  return id === '' ? undefined : id
}

/** A name for a provider that has none, after its host. */
export function hostName(url: string): string {
  const { hostname, port } = new URL(url)
  const isNumber = /^[\d.]+$|^\[/.test(hostname) || hostname === 'localhost'
  const name = isNumber ? `server-${port === '' ? '80' : port}` : hostname.replace(/^(?:api|www)\./, '')
  return name.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 60)
}
