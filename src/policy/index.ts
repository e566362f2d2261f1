import type { Clock } from '../base/clock.ts'
import type { Counters } from '../shared/counters.ts'
import { type ApiKeyConfig, apiKeyPolicy } from './api-key.ts'
import { budgetPolicy } from './budget.ts'
import { modelAllowlistPolicy } from './model-allowlist.ts'
import type { Policy } from './policy.ts'
import { rateLimitPolicy } from './rate-limit.ts'

/** What all policies together are configured with. What a key may do stands in the key, so that a change holds from its next call. */
export interface PolicyConfig extends ApiKeyConfig {
  /** Outlive a reload, as what was used does. */
  readonly counters: Counters
  readonly clock: Clock
}

/** The policies every call passes, in this order: a call that is not allowed uses up nothing, and one above a rate reserves no money. */
export function makePolicies(config: PolicyConfig): readonly Policy[] {
  return [apiKeyPolicy(config), modelAllowlistPolicy(), rateLimitPolicy(config), budgetPolicy(config)]
}
