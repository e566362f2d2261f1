import type { ProblemCode } from '../canon/problem.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { Quirks } from '../wire/quirks.ts'
import type { ModelRow } from './model.ts'

/** Which purse pays. `plan`: a subscription. `metered`: by use. `free`: nobody, with limits. `local`: the user's own machine. */
export type Billing = 'plan' | 'metered' | 'free' | 'local'

/** How a key is put on a request: `bearer` is `Authorization: Bearer`; the others are the header of that name; `none` sends nothing. */
export type AuthScheme = 'bearer' | 'x-api-key' | 'x-goog-api-key' | 'api-key' | 'none'

/**
 * Whom an endpoint admits, by `User-Agent`. `any`: everybody. `listed`: only clients on the provider's own list. `must-identify`:
 * everybody who gives an honest name of their own.
 */
export type Clients = 'any' | 'listed' | 'must-identify'

/** One surface of a provider: a protocol at a base URL. */
export interface Endpoint {
  readonly protocol: ProtocolId
  /** Base URL in the shape the protocol wants (OpenAI with its version, Anthropic without `/v1`); `{name}` is filled from `variables`. No slash at the end. */
  readonly baseUrl: string
  /** The way the key is sent. */
  readonly auth: AuthScheme
  readonly clients: Clients
  /**
   * Beginnings of `User-Agent` that a `listed` endpoint is known to admit. Only ever compared with the name that is going out anyway;
   * never a name to send.
   */
  readonly admits?: readonly string[]
  /** Headers the endpoint demands, such as `anthropic-version`. Never a `User-Agent`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly quirks?: Quirks
  /** The protocol's token-counting call exists here. */
  readonly countsTokens?: boolean
  /** The protocol's call for embeddings exists here. */
  readonly embeds?: boolean
  /** Still there, but the provider advises against it: used only if nothing else speaks the caller's protocol. */
  readonly deprecated?: boolean
  /**
   * A copy of another's protocol in which clients cannot give back all that the provider wants back: its own surface is asked first, though a call
   * of this protocol must be translated there. Embeddings have nothing to give back and go here.
   */
  readonly imitation?: boolean
}

/** A beginning of a key, and what it tells. */
export interface KeyPrefix {
  readonly prefix: string
  /** The purse a key of this kind draws on, where one provider has two. */
  readonly billing?: Billing
}

/** The beginning of a sibling's keys. */
export interface SiblingKey {
  readonly provider: string
  readonly prefix: string
  /** The purse such a key draws on. */
  readonly billing: Billing
}

/** Where the provider tells what is left. */
export interface QuotaEndpoint {
  readonly url: string
  readonly method: 'GET' | 'POST'
  /** `raw`: the key alone in `Authorization`. */
  readonly auth: 'bearer' | 'raw'
  /** Which reader understands the answer. */
  readonly shape: string
  /** A second address that tells more, asked right after the first: `path` is relative to `url`, so that it moves along with it. */
  readonly also?: { readonly path: string; readonly shape: string }
  /** Only keys that draw on this purse have something to ask for. Absent: all. */
  readonly billing?: Billing
}

/**
 * How a provider words one failure. All given conditions must hold. Texts compare without case; `message` entries are found anywhere
 * in the error text, and one of them suffices.
 */
export interface Sign {
  readonly code: ProblemCode
  readonly status?: number | readonly number[]
  /** The envelope's `type`. */
  readonly type?: string | readonly string[]
  /** The envelope's `code`, as text. */
  readonly errorCode?: string | readonly string[]
  readonly message?: string | readonly string[] | RegExp
  /** Another field of the body, by dotted path, with its allowed values as text: `base_resp.status_code`, `error.metadata.limit_source`. */
  readonly field?: { readonly path: string; readonly values: readonly string[] }
  /** Holds only for keys that begin so. */
  readonly keyPrefix?: string
  /** Holds only on an endpoint of this protocol. */
  readonly protocol?: ProtocolId
  /** Found anywhere in the body as it came: for what stands in no field of its own. */
  readonly body?: RegExp
  /** Holds only if the answer had no body at all. */
  readonly empty?: true
  /** The usage window this sign is about. */
  readonly window?: UsageWindow
  /** The provider whose key this is, or whose endpoint this key wants, if the key's beginning does not tell. */
  readonly useInstead?: string
}

/** The stretches of time over which plans count use. */
export type UsageWindow = '5 hour' | 'daily' | 'weekly' | 'monthly'

/** What a provider is. Data only: nothing outside the catalogue knows a provider by name. */
export interface Provider {
  readonly id: string
  readonly name: string
  readonly billing: Billing
  /** In the provider's own order of preference. */
  readonly endpoints: readonly [Endpoint, ...Endpoint[]]
  /** Environment variables that may hold the key, first found wins. */
  readonly env: readonly string[]
  /** The key may be missing (local servers). */
  readonly keyOptional?: boolean
  /** Beginnings of this provider's keys. */
  readonly keyPrefixes?: readonly KeyPrefix[]
  /** Other rows of the same company whose keys are easily mixed up with this one's. */
  readonly siblings?: readonly string[]
  /** Where keys are made and plans are seen. */
  readonly console?: string
  /** Values for `{name}` in base URLs. */
  readonly variables?: readonly { readonly name: string; readonly env: readonly string[]; readonly default?: string }[]
  /** Model ids people still use, and what they are called now. */
  readonly modelAliases?: Readonly<Record<string, string>>
  /** `complete`: a model that is not listed does not exist. `open`: the list is only what we know of. */
  readonly modelList: 'complete' | 'open'
  /** Rows written by hand, for what models.json does not have. */
  readonly models?: readonly ModelRow[]
  /** Key of this provider in models.json, if it is not the id. */
  readonly modelsFrom?: string
  /** Provider id of `@pydantic/genai-prices`, where it prices this provider. */
  readonly pricesFrom?: string
  /** Rules the provider sets on use, shown by `candor providers` and `doctor`. */
  readonly usagePolicy?: string
  /** What OpenTelemetry's conventions call it (`gen_ai.provider.name`), if they know it by another name than the id. */
  readonly telemetryName?: string
  /** Field of the provider's own usage object that holds the cost of the call in USD. */
  readonly costField?: string
  /** Offset (`+08:00`) of reset times that are told without one. Absent: UTC. */
  readonly resetOffset?: string
  readonly quota?: QuotaEndpoint
  /** Read before the general rules of signs.ts. */
  readonly signs?: readonly Sign[]
  /** The provider words its failures like this other row. */
  readonly signsLike?: string
  /** Filled in by the list from `siblings`, never written in a row. */
  readonly siblingKeys?: readonly SiblingKey[]
  readonly quirks?: Quirks
}
