import type { Problem } from '../canon/problem.ts'

// The figures of the AWS SDKs' standard retry mode: botocore/retries/standard.py and quota.py (500 tokens, 5 a retry, 10 after a timeout, 1 back
// for a success).
const TOKENS_MAX = 500
const RETRY_COST = 5
const TIMEOUT_COST = 10
const REFUND = 1
/** Providers with something spent; the one that spent first makes room. */
const PROVIDERS_MAX = 1_000

/**
 * What further attempts may cost, by provider: a bucket of tokens that only answers fill again. While a provider fails for everybody, retries and
 * fallbacks together cannot multiply its load; first attempts are always free.
 */
export class RetryBudgets {
  /** Tokens left, where any are missing. */
  readonly #left = new Map<string, number>()

  /** Takes what one more attempt after that problem costs. False, and nothing taken: not enough is left. */
  spend(provider: string, cause: Problem): boolean {
    const left = this.#left.get(provider) ?? TOKENS_MAX
    const cost = cause.code === 'timeout' ? TIMEOUT_COST : RETRY_COST
    if (left < cost) return false
    if (!this.#left.has(provider) && this.#left.size >= PROVIDERS_MAX) this.#dropFirst()
    this.#left.set(provider, left - cost)
    return true
  }

  /** The provider answered. */
  refund(provider: string): void {
    const left = this.#left.get(provider)
    if (left === undefined) return
    if (left + REFUND >= TOKENS_MAX) this.#left.delete(provider)
    else this.#left.set(provider, left + REFUND)
  }

  #dropFirst(): void {
    const first = this.#left.keys().next()
    if (!first.done) this.#left.delete(first.value)
  }
}
