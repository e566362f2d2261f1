import type { Provider } from '../provider.ts'

/** A vLLM server of one's own. */
export const vllm: Provider = {
  id: 'vllm',
  name: 'vLLM',
  billing: 'local',
  endpoints: [
    // docs.vllm.ai, all three; Anthropic since 0.11.1.
    {
      protocol: 'openai-completions',
      baseUrl: 'http://127.0.0.1:8000/v1',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
    },
    { protocol: 'openai-responses', baseUrl: 'http://127.0.0.1:8000/v1', auth: 'bearer', clients: 'any' },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'http://127.0.0.1:8000',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['VLLM_API_KEY'],
  keyOptional: true,
  modelList: 'open',
  signs: [
    { code: 'context_too_long', message: 'maximum context length is' },
    { code: 'invalid_key', status: 401 },
    { code: 'upstream_model_not_found', type: 'NotFoundError' },
  ],
}
