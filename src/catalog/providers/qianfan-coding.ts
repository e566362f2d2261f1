import type { Provider } from '../provider.ts'

/** Baidu Qianfan's Coding Plan. */
export const qianfanCoding: Provider = {
  id: 'qianfan-coding',
  name: 'Baidu Qianfan Coding Plan',
  billing: 'plan',
  endpoints: [
    // Third-party presets, both.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://qianfan.baidubce.com/v2/coding',
      auth: 'bearer',
      clients: 'any',
    },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://qianfan.baidubce.com/anthropic/coding',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['QIANFAN_API_KEY'],
  console: 'https://console.bce.baidu.com/qianfan',
  modelList: 'open',
  usagePolicy: 'Coding tools only.',
}
