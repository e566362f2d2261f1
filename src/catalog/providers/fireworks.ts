import type { Provider } from '../provider.ts'

/** Fireworks AI's own API. Model ids are paths: `accounts/fireworks/models/…`. */
export const fireworks: Provider = {
  id: 'fireworks',
  name: 'Fireworks AI',
  billing: 'metered',
  endpoints: [
    {
      // docs.fireworks.ai; the compatibility table of pi-ai 1.5.2.
      protocol: 'openai-completions',
      baseUrl: 'https://api.fireworks.ai/inference/v1',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
      quirks: { noDeveloperRole: true, noStore: true },
    },
    {
      // docs.fireworks.ai: bearer only.
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.fireworks.ai/inference',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
      quirks: { unsignedThinking: true, thinkingTypes: ['disabled', 'adaptive'], noToolCacheMarks: true },
    },
    // Not verified.
    { protocol: 'openai-responses', baseUrl: 'https://api.fireworks.ai/inference/v1', auth: 'bearer', clients: 'any' },
  ],
  env: ['FIREWORKS_API_KEY'],
  keyPrefixes: [{ prefix: 'fw_' }],
  console: 'https://app.fireworks.ai/settings/users/api-keys',
  modelList: 'open',
  pricesFrom: 'fireworks',
  signs: [
    // An unpaid account is a 412: pollinations/pollinations#12136.
    { code: 'balance_exhausted', status: 412 },
    { code: 'invalid_key', status: 401 },
    { code: 'upstream_model_not_found', message: 'Model not found, inaccessible, and/or not deployed' },
    { code: 'rate_limited', status: 429 },
  ],
}
