import type { JsonObject } from '../base/json-value.ts'
import type { Identity } from '../canon/identity.ts'
import type { Assumption, Loss } from '../canon/loss.ts'
import type { Problem, ProblemCode } from '../canon/problem.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { Rates } from '../catalog/price.ts'

/**
 * How a call ended. `in-flight`: not yet. `complete`: the protocol said so. `failed`: refused or failed before any answer. `truncated`: the
 * provider's answer was cut. `abandoned`: the client left. `interrupted`: Candor itself stopped while the call ran.
 */
export type Ending = 'in-flight' | 'complete' | 'failed' | 'truncated' | 'abandoned' | 'interrupted'

/**
 * Why there was an attempt after another one. `surface`: the same provider, key and model over its other protocol. `retry`: the same once more.
 * `credential`: another key of the same provider. `fallback`: another target of the route, or the same with a key of another lane.
 */
export type AttemptCause = 'surface' | 'retry' | 'credential' | 'fallback'

/** One try at one surface of a provider. */
export interface Attempt {
  readonly provider: string
  readonly model: string
  /** Name of the credential used, where the provider has several. */
  readonly credential?: string
  readonly billing?: string
  /** Absent: the first attempt. */
  readonly because?: AttemptCause
  /** Milliseconds waited before it, as the provider asked or as backoff. */
  readonly waitedMs?: number
  /** The request went out whole and no answer told what became of it: the provider may bill for it. */
  readonly possiblyBilled?: true
  readonly protocol: ProtocolId
  /** Origin and path, never a query. */
  readonly url: string
  readonly identity: Identity
  /** As sent, secrets masked. */
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds after the call began. */
  readonly startedMs: number
  /** Milliseconds after the call began at which the first byte of the answer's body came. */
  readonly firstByteMs?: number
  readonly endedMs?: number
  readonly status?: number
  /** Its span, where the call belongs to a trace: 16 digits, as the provider was told in `traceparent`. */
  readonly spanId?: string
  /** What went wrong, diagnosed. */
  readonly problem?: Problem
}

/** A surface, or a whole target of a route, that was not tried, and why. */
export interface Passed {
  /** Absent: all surfaces of the target. */
  readonly protocol?: ProtocolId
  /** `provider/model`, where a route has several. */
  readonly target?: string
  /** Name of the credential, where only this one was passed over. */
  readonly credential?: string
  readonly reason: string
}

/** That another model than the route's first target answered, or was to answer, or that another purse paid than the first target's. */
export interface Fallback {
  /** The `provider/model` that was to answer first. */
  readonly from: string
  readonly reason: ProblemCode
}

/** What a provider itself says is left of a window or a balance, told when it is little. */
export interface QuotaWarning {
  readonly provider: string
  /** `5 hour`, `weekly`, `requests`, …, as the quota view names it. */
  readonly window: string
  /** 0 to 100. */
  readonly remainingPercent: number
  /** Milliseconds since 1970. */
  readonly resetsAtMs?: number
}

/** Everything that happened to one call. Kept in the ledger, shown by `/candor/receipts/{id}` and `candor trace`. No secret, no prompt. */
export interface Receipt {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly operation: 'generate' | 'count-tokens' | 'embed'
  readonly clientProtocol: ProtocolId
  /** The client's own `User-Agent`, quoted. */
  readonly client: string
  readonly stream: boolean
  /** As the client wrote it; empty if it named none and there is no default. */
  readonly requestedModel: string
  /** The `provider/model` that answered, or was to answer. */
  readonly servedModel?: string
  /** The model's name as the provider itself told it in the reply. */
  readonly reportedModel?: string
  readonly upstreamProtocol?: ProtocolId
  /** `plan | metered | free | local`. */
  readonly billing?: string
  /** The route the name meant, if it was one. */
  readonly route?: string
  readonly fallback?: Fallback
  /** The gateway key the call came with: its id and name, never the key. */
  readonly key?: { readonly id: string; readonly name: string }
  /** Whether the route's cache answered (`hit`), or was asked in vain (`miss`). Absent: the route keeps none. */
  readonly cache?: 'hit' | 'miss'
  readonly quotaWarning?: QuotaWarning
  /** Present: what was asked and answered was kept when the call was made, for as long as `bodies.keepDays` says. */
  readonly bodies?: 'kept'
  /** The call that this one makes again. */
  readonly replayOf?: string
  /** What the call counts against budgets: actual usage, or what was reserved where that is not known. */
  readonly charged?: { readonly nanoUsd: number; readonly tokens: number; readonly estimated: boolean }
  /** Trace of the W3C trace context the call belongs to, if any. */
  readonly traceId?: string
  readonly attempts: readonly Attempt[]
  readonly passed: readonly Passed[]
  readonly losses: readonly Loss[]
  readonly assumptions: readonly Assumption[]
  /** Things in the reply that the client's protocol has no words for: names of events or fields. */
  readonly replyLosses: readonly string[]
  readonly usage?: {
    readonly input?: number
    readonly cacheRead?: number
    readonly cacheWrite?: number
    readonly output?: number
    readonly reasoning?: number
    readonly raw?: JsonObject
  }
  readonly cost: Cost
  readonly requestBytes: number
  readonly replyBytes: number
  readonly firstByteMs?: number
  readonly totalMs: number
  /** True if nobody could measure `totalMs`, which is then 0: the process stopped while the call ran. */
  readonly totalUnknown?: true
  readonly ending: Ending
  /** HTTP status the client saw; 0 if none was sent yet, or it is not known. */
  readonly status: number
  readonly stopReason?: string
  readonly problem?: Problem
}

/**
 * What the call cost. `plan`: the subscription, no price per call. `unknown`: usage or price is not known, which is not zero; `atLeastNanoUsd` is the
 * price of what was told before an answer was cut off. `rates`: what it was computed with; absent where the provider told the cost, or where the
 * price has more to it.
 */
export type Cost =
  | { readonly type: 'plan' | 'local' | 'free' }
  | { readonly type: 'metered'; readonly nanoUsd: number; readonly source: string; readonly rates?: Rates }
  | { readonly type: 'unknown'; readonly reason: string; readonly atLeastNanoUsd?: number }
  | { readonly type: 'none' }
