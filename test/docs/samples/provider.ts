import type { Provider } from '../../../src/catalog/provider.ts'

/** Example AI: docs.example.com/api. */
export const example: Provider = {
  id: 'example',
  name: 'Example AI',
  billing: 'metered',
  endpoints: [
    { protocol: 'openai-completions', baseUrl: 'https://api.example.com/v1', auth: 'bearer', clients: 'any' },
  ],
  env: ['EXAMPLE_API_KEY'],
  keyPrefixes: [{ prefix: 'exa-' }],
  console: 'https://example.com/keys',
  modelList: 'open',
  // docs.example.com/api/errors
  signs: [{ code: 'balance_exhausted', status: 403, message: 'wallet is empty' }],
}
