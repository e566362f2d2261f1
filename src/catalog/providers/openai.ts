import type { Provider } from '../provider.ts'

/** OpenAI's own API. */
export const openai: Provider = {
  id: 'openai',
  name: 'OpenAI',
  billing: 'metered',
  endpoints: [
    // developers.openai.com, both.
    {
      protocol: 'openai-responses',
      baseUrl: 'https://api.openai.com/v1',
      auth: 'bearer',
      clients: 'any',
      // "Expected a value >= 16": the answer to a smaller max_output_tokens.
      quirks: { maxTokensMin: 16 },
    },
    {
      protocol: 'openai-completions',
      baseUrl: 'https://api.openai.com/v1',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
      // Reasoning models refuse `max_tokens`; all others take the newer field too.
      quirks: {
        maxTokensField: 'max_completion_tokens',
        reasoning: 'effort',
        hidesReasoning: true,
        refuses: ['top_k'],
      },
    },
  ],
  env: ['OPENAI_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-proj-' }, { prefix: 'sk-svcacct-' }, { prefix: 'sk-' }],
  console: 'https://platform.openai.com/account/api-keys',
  modelList: 'open',
  pricesFrom: 'openai',
  signs: [
    { code: 'invalid_key', errorCode: 'invalid_api_key' },
    // Also in the middle of a Responses stream, under status 200.
    {
      code: 'balance_exhausted',
      errorCode: [
        'insufficient_quota',
        'credit_balance_exhausted',
        'organization_spend_limit_exceeded',
        'project_spend_limit_exceeded',
        'organization_usage_limit_exceeded',
      ],
    },
    { code: 'rate_limited', errorCode: 'rate_limit_exceeded' },
    { code: 'upstream_model_not_found', errorCode: 'model_not_found' },
    { code: 'context_too_long', errorCode: 'context_length_exceeded' },
    { code: 'upstream_bad_request', errorCode: 'unsupported_parameter' },
    { code: 'region_blocked', errorCode: 'unsupported_country_region_territory' },
    { code: 'overloaded', status: 503, message: 'overloaded' },
  ],
}
