import type { Provider } from '../provider.ts'

/** DeepSeek's own API. */
export const deepseek: Provider = {
  id: 'deepseek',
  name: 'DeepSeek',
  billing: 'metered',
  endpoints: [
    {
      // api-docs.deepseek.com; the compatibility table of pi-ai 1.5.2.
      protocol: 'openai-completions',
      baseUrl: 'https://api.deepseek.com',
      auth: 'bearer',
      clients: 'any',
      quirks: {
        noDeveloperRole: true,
        noStore: true,
        reasoning: 'thinking',
        efforts: ['low', 'high', 'max'],
        replayReasoning: 'reasoning_content',
      },
    },
    {
      // Maps claude-opus* to deepseek-v4-pro, claude-haiku* and claude-sonnet* to deepseek-flash; refuses other unknown names.
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.deepseek.com/anthropic',
      auth: 'x-api-key',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
    // Reported by third parties.
    { protocol: 'openai-responses', baseUrl: 'https://api.deepseek.com', auth: 'bearer', clients: 'any' },
  ],
  env: ['DEEPSEEK_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-' }],
  console: 'https://platform.deepseek.com',
  modelAliases: { 'deepseek-v4-flash': 'deepseek-flash', 'deepseek-v4-flash-vision-exp': 'deepseek-flash' },
  modelList: 'open',
  pricesFrom: 'deepseek',
  // api-docs.deepseek.com/api/get-user-balance
  quota: { url: 'https://api.deepseek.com/user/balance', method: 'GET', auth: 'bearer', shape: 'deepseek-balance' },
  // api-docs.deepseek.com/quick_start/error_codes
  signs: [
    { code: 'invalid_key', status: 401, message: 'Authentication Fails' },
    { code: 'balance_exhausted', status: 402 },
    { code: 'upstream_bad_request', status: 422 },
    { code: 'rate_limited', status: 429 },
    { code: 'overloaded', status: 503 },
    // Thinking with a history whose tool calls lack their reasoning.
    { code: 'upstream_bad_request', status: 400, message: /reasoning_content.*must be passed back/is },
  ],
}
