import type { Provider } from '../provider.ts'

/** Mistral's own API. */
export const mistral: Provider = {
  id: 'mistral',
  name: 'Mistral AI',
  billing: 'metered',
  endpoints: [
    {
      // docs.mistral.ai; a body field it does not know is a 422.
      protocol: 'openai-completions',
      baseUrl: 'https://api.mistral.ai/v1',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
      quirks: {
        noDeveloperRole: true,
        noStore: true,
        noStreamOptions: true,
        efforts: ['high'],
        toolIdPattern: '^[a-zA-Z0-9]{9}$',
        refuses: [
          'audio',
          'logit_bias',
          'logprobs',
          'modalities',
          'prompt_cache_key',
          'prompt_cache_retention',
          'safety_identifier',
          'seed',
          'service_tier',
          'top_logprobs',
          'user',
          'verbosity',
          'web_search_options',
        ],
      },
    },
  ],
  env: ['MISTRAL_API_KEY'],
  console: 'https://console.mistral.ai/api-keys',
  telemetryName: 'mistral_ai',
  modelList: 'open',
  pricesFrom: 'mistral',
  signs: [
    { code: 'invalid_key', status: 401 },
    { code: 'rate_limited', status: 429, message: 'Requests rate limit exceeded' },
    { code: 'context_too_long', status: 400, message: /too large for model with .{1,40} maximum context length/i },
  ],
}
