import type { Provider } from '../provider.ts'

/** llama.cpp's llama-server. */
export const llamacpp: Provider = {
  id: 'llamacpp',
  name: 'llama.cpp',
  billing: 'local',
  endpoints: [
    {
      // llama.cpp server README; schemas become grammars, which know no `pattern`.
      protocol: 'openai-completions',
      baseUrl: 'http://127.0.0.1:8080/v1',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
      quirks: { schemaWithout: ['pattern'] },
    },
    {
      // Since 2026-01 (PR 17570); the header is inferred.
      protocol: 'anthropic-messages',
      baseUrl: 'http://127.0.0.1:8080',
      auth: 'x-api-key',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
      quirks: { schemaWithout: ['pattern'] },
    },
    // Not verified.
    { protocol: 'openai-responses', baseUrl: 'http://127.0.0.1:8080/v1', auth: 'bearer', clients: 'any' },
  ],
  env: ['LLAMA_API_KEY'],
  keyOptional: true,
  modelList: 'open',
  // llama.cpp server source
  signs: [
    { code: 'context_too_long', type: 'exceed_context_size_error' },
    { code: 'invalid_key', type: 'authentication_error' },
    // While the model loads.
    { code: 'overloaded', status: 503, type: 'unavailable_error' },
  ],
}
