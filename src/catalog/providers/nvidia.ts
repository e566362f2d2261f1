import type { Provider } from '../provider.ts'

/** NVIDIA's hosted NIM endpoints (build.nvidia.com). */
export const nvidia: Provider = {
  id: 'nvidia',
  name: 'NVIDIA NIM',
  billing: 'metered',
  endpoints: [
    {
      // docs.api.nvidia.com; the compatibility table of pi-ai 1.5.2. Thinking is switched by chat_template_kwargs, model by model.
      protocol: 'openai-completions',
      baseUrl: 'https://integrate.api.nvidia.com/v1',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
      quirks: { noDeveloperRole: true, noStore: true, noStrictTools: true, reasoning: 'none' },
    },
  ],
  env: ['NVIDIA_API_KEY'],
  keyPrefixes: [{ prefix: 'nvapi-' }],
  console: 'https://build.nvidia.com/settings/api-keys',
  modelList: 'open',
  signs: [
    { code: 'rate_limited', status: 429 },
    { code: 'invalid_key', status: 401 },
    { code: 'balance_exhausted', status: 402 },
    { code: 'balance_exhausted', message: 'Cloud credits expired' },
    { code: 'overloaded', message: 'ResourceExhausted' },
    // Hosted models are called functions.
    { code: 'upstream_model_not_found', status: 404, message: 'function' },
  ],
}
