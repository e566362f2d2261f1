import type { Provider } from '../provider.ts'

/** Cerebras' own API. */
export const cerebras: Provider = {
  id: 'cerebras',
  name: 'Cerebras',
  billing: 'metered',
  endpoints: [
    {
      // inference-docs.cerebras.ai; the compatibility table of pi-ai 1.5.2.
      protocol: 'openai-completions',
      baseUrl: 'https://api.cerebras.ai/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: { noDeveloperRole: true, noStore: true, efforts: ['low', 'medium', 'high'] },
    },
  ],
  env: ['CEREBRAS_API_KEY'],
  keyPrefixes: [{ prefix: 'csk-' }],
  console: 'https://cloud.cerebras.ai',
  modelList: 'open',
  pricesFrom: 'cerebras',
  signs: [
    // The wordings of the codes are not verified.
    { code: 'invalid_key', errorCode: 'wrong_api_key' },
    { code: 'overloaded', errorCode: 'queue_exceeded' },
    { code: 'rate_limited', errorCode: ['request_quota_exceeded', 'token_quota_exceeded'] },
    // Known from several clients: a conversation that is too long is refused without a word.
    { code: 'context_too_long', status: [400, 413], empty: true },
  ],
}
