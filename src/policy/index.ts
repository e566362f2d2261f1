import { type ApiKeyConfig, apiKeyPolicy } from './api-key.ts'
import type { Policy } from './policy.ts'

/** What all policies together are configured with. */
export interface PolicyConfig {
  readonly apiKey: ApiKeyConfig
}

/** The policies every call passes, in this order. */
export function makePolicies(config: PolicyConfig): readonly Policy[] {
  // A policy that has nothing to check is left out: it would cost every call a turn.
  return config.apiKey.keys.length === 0 ? [] : [apiKeyPolicy(config.apiKey)]
}
