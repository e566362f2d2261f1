import type { Provider } from '../provider.ts'

/** Groq's own API. */
export const groq: Provider = {
  id: 'groq',
  name: 'Groq',
  billing: 'metered',
  endpoints: [
    // console.groq.com/docs, both; Responses is a beta.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://api.groq.com/openai/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: { refuses: ['logprobs', 'top_logprobs', 'logit_bias', 'top_k'], efforts: ['low', 'medium', 'high'] },
    },
    { protocol: 'openai-responses', baseUrl: 'https://api.groq.com/openai/v1', auth: 'bearer', clients: 'any' },
  ],
  env: ['GROQ_API_KEY'],
  keyPrefixes: [{ prefix: 'gsk_' }],
  console: 'https://console.groq.com/keys',
  modelList: 'open',
  pricesFrom: 'groq',
  // console.groq.com/docs/errors
  signs: [
    { code: 'invalid_key', errorCode: 'invalid_api_key' },
    { code: 'rate_limited', errorCode: 'rate_limit_exceeded' },
    // 413 is also a request above the tokens per minute.
    { code: 'rate_limited', status: 413, message: 'tokens per minute' },
    { code: 'context_too_long', status: 413, message: 'reduce the length of the messages' },
    { code: 'overloaded', status: 498 },
    // The model wrote arguments that are no JSON.
    { code: 'upstream_bad_request', errorCode: 'tool_use_failed' },
  ],
}
