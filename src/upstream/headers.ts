import { redactHeader } from '../base/redact.ts'
import type { Secret } from '../base/secret.ts'
import { OWN_USER_AGENT } from '../base/version.ts'
import type { Identity } from '../canon/identity.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { AuthScheme } from '../catalog/provider.ts'
import type { EndpointSetup, ModelSetup, ProviderSetup } from './provider-setup.ts'

/**
 * Client headers that may go upstream, whatever the protocol: what identifies the client and its conversation to the provider. All
 * others stay here. In particular no credential, cookie, `Host`, forwarding or hop-by-hop header passes.
 */
const FORWARDED: readonly string[] = [
  'accept-language',
  'http-referer',
  'originator',
  'session-id',
  'session_id',
  'thread-id',
  'traceparent',
  'tracestate',
  'x-app',
  'x-claude-code-agent-id',
  'x-claude-code-parent-agent-id',
  'x-claude-code-session-id',
  'x-initiator',
  'x-opencode-client',
  'x-opencode-project',
  'x-opencode-request',
  'x-opencode-session',
  'x-openrouter-categories',
  'x-openrouter-title',
  'x-session-affinity',
  'x-session-id',
  'x-title',
]

/** Headers that only mean something where the provider speaks the client's own protocol. */
const FORWARDED_SAME_PROTOCOL: Readonly<Record<ProtocolId, readonly string[]>> = {
  'openai-completions': ['openai-beta'],
  'openai-responses': ['openai-beta'],
  'anthropic-messages': ['anthropic-beta', 'anthropic-version', 'anthropic-dangerous-direct-browser-access'],
  'google-generative-ai': ['x-goog-api-client'],
}

/** What decides the headers of one upstream request. */
export interface HeaderPlan {
  readonly client: Headers
  readonly clientProtocol: ProtocolId
  readonly provider: ProviderSetup
  readonly endpoint: EndpointSetup
  readonly model: ModelSetup | undefined
  readonly stream: boolean
  /** Where the gateway takes part in traces: what stands in place of the client's own. */
  readonly trace?: TraceTold
}

/** What a provider is told of a trace. */
export interface TraceTold {
  readonly traceparent: string
  /** The trace is the client's, so its `tracestate` goes along; that of another is left out (W3C Trace Context, section 3.3). */
  readonly continued: boolean
}

/** The name that goes upstream: the model's or provider's configured one, else the client's own, else Candor's. */
export function identityOf(plan: Pick<HeaderPlan, 'client' | 'provider' | 'model'>): Identity {
  const configured = configuredUserAgent(plan.model?.headers) ?? configuredUserAgent(plan.provider.headers)
  if (typeof configured === 'string') return { userAgent: configured, source: 'configured' }
  const own = plan.client.get('user-agent')
  // `null` in the configuration takes the client's name away; something honest still has to stand there.
  if (own !== null && own !== '' && configured === undefined) return { userAgent: own, source: 'client' }
  return { userAgent: OWN_USER_AGENT, source: 'candor' }
}

/** The headers to send, without the key: an allow-list of the client's, the endpoint's own, then the user's. */
export function buildHeaders(plan: HeaderPlan, identity: Identity): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: plan.stream ? 'text/event-stream' : 'application/json',
    // A compressed answer could unpack to any size, and gains nothing inside a data centre or on loopback.
    'accept-encoding': 'identity',
    'user-agent': identity.userAgent,
    ...plan.endpoint.headers,
  }
  for (const name of FORWARDED) forward(name, plan.client, headers)
  if (plan.clientProtocol === plan.endpoint.protocol) {
    for (const name of FORWARDED_SAME_PROTOCOL[plan.clientProtocol]) forward(name, plan.client, headers)
  }
  if (plan.trace !== undefined) joinTrace(headers, plan.trace)
  overlay(headers, plan.provider.headers)
  overlay(headers, plan.model?.headers)
  return headers
}

function joinTrace(headers: Record<string, string>, { traceparent, continued }: TraceTold): void {
  headers['traceparent'] = traceparent
  if (!continued) delete headers['tracestate']
}

/** Where a key may go, and how it is put on a request. `raw`: the key alone in `Authorization`. */
export interface KeyPlace {
  readonly origin: string
  readonly auth: AuthScheme | 'raw'
}

/**
 * Puts the key on the headers. The only place a key leaves its {@link Secret}, and it does so for the endpoint's own origin alone (law 6):
 * throws if the final URL points anywhere else. A credential header the user has set by hand stands.
 */
export function attachKey(
  headers: Record<string, string>,
  url: string,
  endpoint: KeyPlace,
  key: Secret | undefined,
): void {
  // An origin followed by a slash can be the beginning of that origin's own URLs only.
  if (!url.startsWith(`${endpoint.origin}/`)) throw new Error(`refused to send a key of ${endpoint.origin} elsewhere`)
  if (key === undefined || endpoint.auth === 'none') return
  const name = authHeader(endpoint.auth)
  if (headers[name] !== undefined) return
  headers[name] = endpoint.auth === 'bearer' ? `Bearer ${key.reveal()}` : key.reveal()
}

/** The headers as they may be shown: credentials masked. */
export function showHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const shown: Record<string, string> = {}
  for (const name of Object.keys(headers)) shown[name] = redactHeader(name, headers[name] ?? '')
  return shown
}

function authHeader(scheme: Exclude<KeyPlace['auth'], 'none'>): string {
  return scheme === 'bearer' || scheme === 'raw' ? 'authorization' : scheme
}

function configuredUserAgent(headers: Readonly<Record<string, string | null>> | undefined): string | null | undefined {
  if (headers === undefined) return undefined
  for (const name of Object.keys(headers)) if (name.toLowerCase() === 'user-agent') return headers[name]
  return undefined
}

function forward(name: string, from: Headers, to: Record<string, string>): void {
  const value = from.get(name)
  if (value !== null) to[name] = value
}

function overlay(headers: Record<string, string>, over: Readonly<Record<string, string | null>> | undefined): void {
  if (over === undefined) return
  for (const name of Object.keys(over)) {
    const lower = name.toLowerCase()
    const value = over[name]
    if (lower === 'user-agent') continue
    if (value === null || value === undefined) delete headers[lower]
    else headers[lower] = value
  }
}
