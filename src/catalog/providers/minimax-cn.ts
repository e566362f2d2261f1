import type { Provider } from '../provider.ts'

/** MiniMax in China. Keys do not work in the other region. */
export const minimaxCn: Provider = {
  id: 'minimax-cn',
  name: 'MiniMax China',
  billing: 'metered',
  endpoints: [
    // platform.minimaxi.com; the last by symmetry with the other region.
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.minimaxi.com/anthropic',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
    { protocol: 'openai-completions', baseUrl: 'https://api.minimaxi.com/v1', auth: 'bearer', clients: 'any' },
    { protocol: 'openai-responses', baseUrl: 'https://api.minimaxi.com/v1', auth: 'bearer', clients: 'any' },
  ],
  env: ['MINIMAX_CN_API_KEY'],
  keyPrefixes: [
    { prefix: 'sk-api-', billing: 'metered' },
    { prefix: 'sk-cp-', billing: 'plan' },
  ],
  siblings: ['minimax'],
  console: 'https://platform.minimaxi.com',
  modelList: 'open',
  usagePolicy: 'Plan keys (sk-cp-) are meant for coding tools.',
  quota: {
    url: 'https://api.minimaxi.com/v1/token_plan/remains',
    method: 'GET',
    auth: 'bearer',
    shape: 'minimax-remains',
    billing: 'plan',
  },
  signsLike: 'minimax',
}
