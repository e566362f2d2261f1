import type { Provider } from '../provider.ts'

/** An SGLang server of one's own. */
export const sglang: Provider = {
  id: 'sglang',
  name: 'SGLang',
  billing: 'local',
  endpoints: [
    // OpenClaw docs/providers/sglang.md
    {
      protocol: 'openai-completions',
      baseUrl: 'http://127.0.0.1:30000/v1',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
    },
  ],
  env: ['SGLANG_API_KEY'],
  keyOptional: true,
  modelList: 'open',
  signsLike: 'vllm',
}
