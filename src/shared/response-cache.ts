import type { Assumption, Loss } from '../canon/loss.ts'
import type { ProblemCode } from '../canon/problem.ts'
import type { Usage } from '../canon/usage.ts'

/** An answer as the client got it, with what its receipt said of it: a later client is told the same. */
export interface KeptResponse {
  readonly bytes: Uint8Array
  readonly contentType: string
  /** The `provider/model` that answered. */
  readonly servedModel: string
  readonly reportedModel?: string
  /** Protocol spoken upstream. */
  readonly upstreamProtocol?: string
  readonly stopReason?: string
  /** What the provider counted when it answered. Giving the answer again uses nothing. */
  readonly usage?: Usage
  /** What of the request the answer was made without. */
  readonly losses?: readonly Loss[]
  /** What was filled in. */
  readonly assumptions?: readonly Assumption[]
  /** What of the reply the client's protocol had no words for. */
  readonly replyLosses?: readonly string[]
  /** Another model than the route's first one answered: which it was to be, and why. */
  readonly fallback?: { readonly from: string; readonly reason: ProblemCode }
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Answers kept for exactly the same question of the same key. Bounded in bytes. */
export interface ResponseCache {
  get(key: string): Promise<KeptResponse | undefined>
  /** Keeps the answer for `ttlMs`; one that is too large is not kept. */
  put(key: string, value: KeptResponse, ttlMs: number): Promise<void>
}
