import type { Provider } from '../provider.ts'

/** Together AI's own API. */
export const together: Provider = {
  id: 'together',
  name: 'Together AI',
  billing: 'metered',
  endpoints: [
    {
      // docs.together.ai; the compatibility table of pi-ai 1.5.2.
      protocol: 'openai-completions',
      baseUrl: 'https://api.together.ai/v1',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
      quirks: { noDeveloperRole: true, noStore: true, noStrictTools: true, reasoning: 'reasoning' },
    },
  ],
  env: ['TOGETHER_API_KEY'],
  // Seen, not documented.
  keyPrefixes: [{ prefix: 'tgp_v1_' }],
  console: 'https://api.together.ai/settings/api-keys',
  modelList: 'open',
  pricesFrom: 'together',
  signs: [
    { code: 'invalid_key', errorCode: 'invalid_api_key' },
    { code: 'balance_exhausted', status: 402 },
    { code: 'context_too_long', status: [400, 422], message: "is longer than the model's context length" },
    { code: 'rate_limited', status: 429 },
    { code: 'overloaded', status: 503 },
  ],
}
