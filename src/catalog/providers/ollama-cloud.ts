import type { Provider } from '../provider.ts'

/** Ollama's own servers. */
export const ollamaCloud: Provider = {
  id: 'ollama-cloud',
  name: 'Ollama Cloud',
  billing: 'plan',
  endpoints: [
    {
      // docs.ollama.com/api/anthropic-compatibility: bearer only.
      protocol: 'anthropic-messages',
      baseUrl: 'https://ollama.com',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['OLLAMA_API_KEY'],
  siblings: ['ollama'],
  console: 'https://ollama.com/settings/keys',
  modelList: 'open',
  signsLike: 'ollama',
}
