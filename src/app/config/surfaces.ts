import type { ProtocolId } from '../../canon/protocol.ts'
import type { AuthScheme, Endpoint, Provider, QuotaEndpoint } from '../../catalog/provider.ts'
import type { EndpointSetup } from '../../upstream/provider-setup.ts'
import { type BaseUrlCheck, checkBaseUrl } from './base-url.ts'
import type { Environment } from './paths.ts'
import { filled } from './template.ts'

/** Where a provider can be reached, or why nowhere. */
export type Surfaces =
  | { readonly ok: true; readonly endpoints: readonly EndpointSetup[]; readonly quota?: QuotaEndpoint }
  | { readonly ok: false; readonly reason: string }

/** What the user wrote about where a provider is. `baseUrl` has its references filled in. */
export interface Place {
  readonly baseUrl?: string
  readonly api?: ProtocolId
  readonly allowHttp: boolean
}

type CheckedUrl = Extract<BaseUrlCheck, { ok: true }>

/** How a key is sent where no row says it. */
const USUAL_AUTH: Readonly<Record<ProtocolId, AuthScheme>> = {
  'openai-completions': 'bearer',
  'openai-responses': 'bearer',
  'anthropic-messages': 'x-api-key',
  'google-generative-ai': 'x-goog-api-key',
}

/** Anthropic's API refuses requests without it, so servers that speak its protocol may too. */
const USUAL_HEADERS: Readonly<Partial<Record<ProtocolId, Readonly<Record<string, string>>>>> = {
  'anthropic-messages': { 'anthropic-version': '2023-06-01' },
}

/**
 * The provider's surfaces with the user's base URL over them. That URL replaces the endpoint it means; the row's other endpoints come
 * along only where the same replacement fits them. Nothing keeps an address of the row once the user has named another: the key belongs
 * to the origin the user wrote (law 6).
 */
export function findSurfaces(row: Provider | undefined, place: Place, env: Environment): Surfaces {
  const own = row === undefined ? { endpoints: [], missing: [] } : fillVariables(row, env)
  if (place.baseUrl === undefined) {
    const endpoints = own.endpoints.flatMap(endpoint => asSetup(endpoint, row, place.allowHttp))
    if (endpoints.length === 0) return { ok: false, reason: own.missing[0] ?? 'it has no baseUrl' }
    return { ok: true, endpoints, ...(row?.quota === undefined ? {} : { quota: row.quota }) }
  }
  const url = checkBaseUrl(place.baseUrl, place.allowHttp)
  if (!url.ok) return { ok: false, reason: `its baseUrl ${url.reason}` }
  const meant = meantEndpoint(own.endpoints, url, place.api)
  const protocol = place.api ?? meant?.protocol
  if (protocol === undefined) return { ok: false, reason: 'it has a baseUrl but no api' }
  const written: Endpoint = { ...(meant ?? plainEndpoint(protocol)), baseUrl: url.url }
  const move = meant === undefined ? undefined : mover(meant.baseUrl, url)
  const moved = own.endpoints.flatMap(endpoint => {
    if (endpoint === meant) return [written]
    const baseUrl = move?.(endpoint.baseUrl)
    return baseUrl === undefined ? [] : [{ ...endpoint, baseUrl }]
  })
  const endpoints = meant === undefined ? [written] : moved
  const quotaUrl = row?.quota === undefined ? undefined : move?.(row.quota.url)
  return {
    ok: true,
    endpoints: endpoints.flatMap(endpoint => asSetup(endpoint, row, place.allowHttp)),
    ...(row?.quota === undefined || quotaUrl === undefined ? {} : { quota: { ...row.quota, url: quotaUrl } }),
  }
}

/** The row's endpoint the URL stands for: the one of its protocol, else the one whose path it ends with, else the first. */
function meantEndpoint(
  endpoints: readonly Endpoint[],
  url: CheckedUrl,
  api: ProtocolId | undefined,
): Endpoint | undefined {
  const candidates = api === undefined ? endpoints : endpoints.filter(endpoint => endpoint.protocol === api)
  const byPath = candidates
    .filter(endpoint => pathOf(endpoint.baseUrl) !== '' && url.path.endsWith(pathOf(endpoint.baseUrl)))
    .sort((a, b) => pathOf(b.baseUrl).length - pathOf(a.baseUrl).length)
  return candidates.find(endpoint => endpoint.baseUrl === url.url) ?? byPath[0] ?? candidates[0]
}

/**
 * How the row's address became the user's, as a function for its siblings: origin and leading path are exchanged. Undefined for a sibling
 * on another origin, and for all where the user's path does not end with the row's.
 */
function mover(from: string, to: CheckedUrl): ((address: string) => string | undefined) | undefined {
  if (to.url === from) return address => address
  const path = pathOf(from)
  const fits = path === '' ? to.path === '' : to.path.endsWith(path)
  if (!fits) return undefined
  const prefix = to.origin + to.path.slice(0, to.path.length - path.length)
  const origin = originOf(from)
  return address => (originOf(address) === origin ? prefix + pathOf(address) : undefined)
}

/** A server nobody wrote a row for may have embeddings: it is asked, and answers itself. */
function plainEndpoint(protocol: ProtocolId): Omit<Endpoint, 'baseUrl'> {
  const headers = USUAL_HEADERS[protocol]
  return {
    protocol,
    auth: USUAL_AUTH[protocol],
    clients: 'any',
    embeds: true,
    ...(headers === undefined ? {} : { headers }),
  }
}

function asSetup(endpoint: Endpoint, row: Provider | undefined, allowHttp: boolean): EndpointSetup[] {
  const url = checkBaseUrl(endpoint.baseUrl, allowHttp)
  if (!url.ok) return []
  return [
    {
      protocol: endpoint.protocol,
      baseUrl: url.url,
      origin: url.origin,
      auth: endpoint.auth,
      clients: endpoint.clients,
      admits: endpoint.admits ?? [],
      headers: endpoint.headers ?? {},
      quirks: { ...row?.quirks, ...endpoint.quirks },
      countsTokens: endpoint.countsTokens ?? false,
      embeds: endpoint.embeds ?? false,
      deprecated: endpoint.deprecated ?? false,
      imitation: endpoint.imitation ?? false,
    },
  ]
}

/** A variable's value becomes part of a host or path: only characters that cannot end either are taken. */
const VARIABLE_VALUE = /^[A-Za-z0-9._-]+$/

/** The row's endpoints with `{name}` filled in; those that cannot be filled are left out, with the reason. */
function fillVariables(row: Provider, env: Environment): { endpoints: Endpoint[]; missing: string[] } {
  const missing: string[] = []
  const endpoints = row.endpoints.flatMap(endpoint => {
    let complete = true
    const baseUrl = endpoint.baseUrl.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
      const variable = row.variables?.find(known => known.name === name)
      const value = variable?.env.map(each => filled(env, each)).find(each => each !== undefined) ?? variable?.default
      if (value !== undefined && VARIABLE_VALUE.test(value)) return value
      const names = (variable?.env ?? [name]).join(' or ')
      missing.push(
        value === undefined
          ? `the environment variable ${names} is not set`
          : `${names} holds characters no URL part may have`,
      )
      complete = false
      return whole
    })
    return complete ? [{ ...endpoint, baseUrl }] : []
  })
  return { endpoints, missing }
}

function originOf(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : ''
}

function pathOf(address: string): string {
  return URL.canParse(address) ? new URL(address).pathname.replace(/\/+$/, '') : ''
}
