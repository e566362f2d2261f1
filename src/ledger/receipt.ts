import type { JsonObject } from '../base/json-value.ts'
import type { Identity } from '../canon/identity.ts'
import type { Assumption, Loss } from '../canon/loss.ts'
import type { Problem } from '../canon/problem.ts'
import type { ProtocolId } from '../canon/protocol.ts'

/**
 * How a call ended. `in-flight`: not yet. `complete`: the protocol said so. `failed`: refused or failed before any answer. `truncated`: the
 * provider's answer was cut. `abandoned`: the client left. `interrupted`: Candor itself stopped while the call ran.
 */
export type Ending = 'in-flight' | 'complete' | 'failed' | 'truncated' | 'abandoned' | 'interrupted'

/** One try at one surface of a provider. */
export interface Attempt {
  readonly provider: string
  readonly model: string
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
  /** What went wrong, diagnosed. */
  readonly problem?: Problem
}

/** A surface that was not tried, and why. */
export interface Passed {
  readonly protocol: ProtocolId
  readonly reason: string
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

/** What the call cost. `plan`: the subscription, no price per call. `unknown`: usage or price is not known, which is not zero. */
export type Cost =
  | { readonly type: 'plan' | 'local' | 'free' }
  | { readonly type: 'metered'; readonly nanoUsd: number; readonly source: string }
  | { readonly type: 'unknown'; readonly reason: string }
  | { readonly type: 'none' }
