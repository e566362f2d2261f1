import type { Usage } from '../canon/usage.ts'

/** An answer as the client got it. */
export interface KeptResponse {
  readonly bytes: Uint8Array
  readonly contentType: string
  /** The `provider/model` that answered. */
  readonly servedModel: string
  readonly reportedModel?: string
  /** Protocol spoken upstream. */
  readonly upstreamProtocol?: string
  readonly stopReason?: string
  readonly usage?: Usage
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Answers kept for exactly the same question of the same key. Bounded in bytes. */
export interface ResponseCache {
  get(key: string): Promise<KeptResponse | undefined>
  /** Keeps the answer for `ttlMs`; one that is too large is not kept. */
  put(key: string, value: KeptResponse, ttlMs: number): Promise<void>
}
