import type { Provider } from '../provider.ts'

/** Ollama on this machine. Its own protocol is not served: the OpenAI and Anthropic ones reach the same models. */
export const ollama: Provider = {
  id: 'ollama',
  name: 'Ollama',
  billing: 'local',
  endpoints: [
    // docs.ollama.com: OpenAI compatibility; Responses since 0.13.3; Anthropic compatibility since 0.14.
    {
      protocol: 'openai-completions',
      baseUrl: 'http://127.0.0.1:11434/v1',
      auth: 'none',
      clients: 'any',
      embeds: true,
    },
    {
      protocol: 'openai-responses',
      baseUrl: 'http://127.0.0.1:11434/v1',
      auth: 'none',
      clients: 'any',
      // docs.ollama.com/api/openai-compatibility
      quirks: { stateless: true },
    },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'http://127.0.0.1:11434',
      auth: 'none',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: [],
  keyOptional: true,
  siblings: ['ollama-cloud'],
  modelList: 'open',
  // ollama/ollama openai/openai.go, anthropic/anthropic.go
  signs: [
    { code: 'upstream_model_not_found', status: 404 },
    { code: 'context_too_long', message: 'prompt too long' },
    { code: 'overloaded', status: 503, message: 'server busy' },
  ],
}
