import type { Provider } from '../provider.ts'

/** LM Studio on this machine. */
export const lmstudio: Provider = {
  id: 'lmstudio',
  name: 'LM Studio',
  billing: 'local',
  endpoints: [
    // lmstudio.ai/docs/developer, all three.
    {
      protocol: 'openai-completions',
      baseUrl: 'http://127.0.0.1:1234/v1',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
    },
    { protocol: 'openai-responses', baseUrl: 'http://127.0.0.1:1234/v1', auth: 'bearer', clients: 'any' },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'http://127.0.0.1:1234',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['LM_API_TOKEN', 'LMSTUDIO_API_KEY'],
  keyOptional: true,
  modelList: 'open',
  signs: [{ code: 'context_too_long', message: 'greater than the context length' }],
}
