import { hasReference } from '../../app/config/template.ts'
import type { ProtocolId } from '../../canon/protocol.ts'
import { providerAt, providerCalled } from '../../catalog/foreign-names.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import { findModel } from '../../catalog/models.ts'
import type { Provider } from '../../catalog/provider.ts'
import { mayBeKey } from './found-key.ts'
import { hostName, type Placed, placeProvider } from './place-provider.ts'

/** Where a deployment goes, and what its model is called there; `*` is any. */
export type Deployment = (Placed & { readonly ok: true; readonly model: string }) | Extract<Placed, { ok: false }>

/**
 * LiteLLM names a model `provider/model`, or only `model` where it knows whose it is; `api_base` moves it elsewhere. Source:
 * docs.litellm.ai/docs/providers and docs/proxy/configs.
 */
export function placeDeployment(text: string, apiBase: string | undefined): Deployment {
  const slash = text.indexOf('/')
  const prefix = slash > 0 ? text.slice(0, slash) : ''
  const named = prefix === '' ? undefined : providerCalled(prefix, PROVIDERS)
  const row = named ?? makerOf(text)
  const model = named === undefined ? text : text.slice(slash + 1)
  if (model === '' || mayBeKey(model)) return { ok: false, why: 'its model has no name that can be carried over' }
  if (row === undefined && apiBase === undefined)
    return { ok: false, why: 'which provider is meant is not among those of the catalogue' }
  const placed = row === undefined ? withoutRow(apiBase ?? '') : withRow(row, apiBase)
  return placed.ok ? { ...placed, model } : placed
}

/** A bare name means the provider that makes the model; those who only resell it come later in the catalogue. */
function makerOf(model: string): Provider | undefined {
  return PROVIDERS.find(row => row.billing === 'metered' && findModel(row, model) !== undefined)
}

function withoutRow(url: string): Placed {
  if (hasReference(url)) return { ok: false, why: 'its address stands in a variable, and its provider has no name' }
  return URL.canParse(url) ? placeProvider(hostName(url), url, undefined) : { ok: false, why: 'its address is none' }
}

function withRow(row: Provider, apiBase: string | undefined): Placed {
  if (apiBase === undefined) return placeProvider(row.id, undefined, undefined)
  const api = spokenBy(row)
  if (hasReference(apiBase)) return placeProvider(row.id, apiBase, api)
  if (!URL.canParse(apiBase)) return { ok: false, why: 'its address is none' }
  const url = withPath(apiBase, row, api)
  const there = providerAt(url, PROVIDERS)?.row
  const moves = row.billing === 'local' || row.variables !== undefined || there?.id === row.id
  return placeProvider(moves ? row.id : (there?.id ?? hostName(url)), url, api)
}

/** LiteLLM speaks Chat Completions to all but those whose own protocol comes first. */
function spokenBy({ endpoints }: Provider): ProtocolId {
  const [first] = endpoints
  const own: readonly ProtocolId[] = ['anthropic-messages', 'google-generative-ai']
  return own.includes(first.protocol) ? first.protocol : 'openai-completions'
}

/** An address without a path gets the one of the row's own. */
function withPath(apiBase: string, row: Provider, api: ProtocolId): string {
  const { pathname } = new URL(apiBase)
  const endpoint = row.endpoints.find(({ protocol }) => protocol === api)
  const path = /^https?:\/\/[^/]+(\/.*)?$/.exec(endpoint?.baseUrl ?? '')?.[1] ?? ''
  const completes = row.billing === 'local' || row.variables !== undefined
  return pathname === '/' && completes ? apiBase.replace(/\/+$/, '') + path : apiBase
}
