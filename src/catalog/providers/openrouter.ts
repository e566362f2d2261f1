import type { Provider } from '../provider.ts'

/** OpenRouter, which passes calls on to many providers. */
export const openrouter: Provider = {
  id: 'openrouter',
  name: 'OpenRouter',
  billing: 'metered',
  endpoints: [
    {
      // openrouter.ai/docs; the compatibility table of pi-ai 1.5.2.
      protocol: 'openai-completions',
      baseUrl: 'https://openrouter.ai/api/v1',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
      quirks: { noDeveloperRole: true, reasoning: 'reasoning', replayReasoning: 'reasoning_details', cacheMarks: true },
    },
    // openrouter.ai/docs
    { protocol: 'openai-responses', baseUrl: 'https://openrouter.ai/api/v1', auth: 'bearer', clients: 'any' },
    {
      // Bearer only: openrouter.ai/docs
      protocol: 'anthropic-messages',
      baseUrl: 'https://openrouter.ai/api',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['OPENROUTER_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-or-v1-' }],
  console: 'https://openrouter.ai/settings/keys',
  modelList: 'open',
  pricesFrom: 'openrouter',
  costField: 'cost',
  // What the key may still spend, and what the account still has: openrouter.ai/docs, key and credits.
  quota: {
    url: 'https://openrouter.ai/api/v1/key',
    method: 'GET',
    auth: 'bearer',
    shape: 'openrouter-key',
    also: { path: 'credits', shape: 'openrouter-credits' },
  },
  // openrouter.ai/docs/api/reference/errors-and-debugging
  signs: [
    { code: 'invalid_key', status: 401 },
    // Passes by itself and carries Retry-After, although it is a 402.
    {
      code: 'rate_limited',
      field: { path: 'error.metadata.limit_source', values: ['openrouter_in_flight_budget'] },
    },
    { code: 'rate_limited', errorCode: 'in_flight_budget_exhausted' },
    {
      code: 'balance_exhausted',
      field: {
        path: 'error.metadata.limit_source',
        values: [
          'openrouter_credits',
          'openrouter_key_limit',
          'openrouter_guardrail_budget',
          'openrouter_workspace_budget',
        ],
      },
    },
    { code: 'balance_exhausted', status: 403, message: 'Budget limit exceeded' },
    { code: 'content_refused', status: 403, body: /"(?:reasons|flagged_input)"/ },
    { code: 'timeout', status: 408 },
    { code: 'context_too_long', type: 'context_length_exceeded' },
    { code: 'upstream_error', status: 502, message: 'Provider returned error' },
    // No provider meets the routing requirements.
    { code: 'upstream_error', status: 503 },
  ],
}
