import { type ApiKeyConfig, apiKeyPolicy } from './api-key.ts'
import type { Policy } from './policy.ts'

/** What all policies together are configured with. */
export interface PolicyConfig {
  readonly apiKey: ApiKeyConfig
}

/** The policies every call passes, in this order. */
export function makePolicies(config: PolicyConfig): readonly Policy[] {
  return [apiKeyPolicy(config.apiKey)]
}
