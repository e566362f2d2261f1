import type { Quirks } from '../../wire/quirks.ts'
import type { Provider } from '../provider.ts'

/** Chat Completions as the Kimi Platform speaks it: platform.kimi.ai/docs and the compatibility table of pi-ai 1.5.2. */
export const moonshotChatQuirks: Quirks = {
  noDeveloperRole: true,
  noStore: true,
  noStrictTools: true,
  // Right for K3 and K3.1. K2.6 wants `thinking`, K2.7-code neither: a client who names an effort there hears it from the provider.
  reasoning: 'effort',
  efforts: ['low', 'high', 'max'],
  replayReasoning: 'reasoning_content',
}

/** Responses on the Kimi Platform, which is listed and not described: that it would keep anything is known of nowhere. */
export const moonshotResponsesQuirks: Quirks = { stateless: true }

/** Moonshot's pay-per-use platform, billed in USD. */
export const moonshot: Provider = {
  id: 'moonshot',
  name: 'Kimi Platform (Moonshot AI)',
  billing: 'metered',
  endpoints: [
    // platform.kimi.ai/docs/api/overview, all three.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://api.moonshot.ai/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: moonshotChatQuirks,
    },
    {
      protocol: 'openai-responses',
      baseUrl: 'https://api.moonshot.ai/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: moonshotResponsesQuirks,
    },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.moonshot.ai/anthropic',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['MOONSHOT_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-' }],
  siblings: ['moonshot-cn', 'kimi-coding'],
  console: 'https://platform.kimi.ai',
  telemetryName: 'moonshot_ai',
  modelList: 'open',
  modelsFrom: 'moonshotai',
  pricesFrom: 'moonshotai',
  // platform.kimi.ai/docs/api/balance
  quota: {
    url: 'https://api.moonshot.ai/v1/users/me/balance',
    method: 'GET',
    auth: 'bearer',
    shape: 'moonshot-balance',
  },
  signs: [
    // The platform's answer to a Kimi Code key, and to a key of the other region.
    { code: 'wrong_service_key', status: 401, keyPrefix: 'sk-kimi-', useInstead: 'kimi-coding' },
    { code: 'invalid_key', type: 'invalid_authentication_error' },
    { code: 'invalid_key', status: 401, message: 'Invalid Authentication' },
    // 429, not 402: measured 2026-09-07. An older help page says 403.
    { code: 'balance_exhausted', type: 'exceeded_current_quota_error' },
    { code: 'balance_exhausted', status: [403, 429], message: 'insufficient balance' },
    { code: 'overloaded', type: 'engine_overloaded_error' },
    { code: 'rate_limited', type: 'rate_limit_reached_error' },
    {
      code: 'rate_limited',
      status: 429,
      message: ['max organization concurrency', 'organization max RPM', 'Your account reached max request'],
    },
    // Unknown, retired, or not unlocked yet (kimi-k3 wants a first recharge).
    { code: 'upstream_model_not_found', type: 'resource_not_found_error' },
    { code: 'account_blocked', type: 'permission_denied_error' },
    { code: 'context_too_long', status: 400, message: 'exceeded model token limit' },
    {
      code: 'upstream_bad_request',
      status: 400,
      message: [
        'is allowed for this model',
        'is incompatible with thinking enabled',
        'is not a valid moonshot flavored json schema',
      ],
    },
  ],
}
