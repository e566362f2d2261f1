import type { Provider } from '../provider.ts'

/** Hugging Face Inference Providers: one key for many providers. */
export const huggingface: Provider = {
  id: 'huggingface',
  name: 'Hugging Face Inference Providers',
  billing: 'metered',
  endpoints: [
    {
      // huggingface.co/docs/inference-providers
      protocol: 'openai-completions',
      baseUrl: 'https://router.huggingface.co/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: { noDeveloperRole: true },
    },
    // A beta.
    { protocol: 'openai-responses', baseUrl: 'https://router.huggingface.co/v1', auth: 'bearer', clients: 'any' },
  ],
  env: ['HF_TOKEN'],
  keyPrefixes: [{ prefix: 'hf_' }],
  console: 'https://huggingface.co/settings/tokens',
  modelList: 'open',
  signs: [
    { code: 'balance_exhausted', message: 'exceeded your monthly included credits' },
    { code: 'invalid_key', status: 401 },
  ],
}
