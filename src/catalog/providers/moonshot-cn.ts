import type { Provider } from '../provider.ts'
import { moonshotChatQuirks, moonshotResponsesQuirks } from './moonshot.ts'

/** Moonshot's pay-per-use platform in China, billed in CNY. Keys do not work in the other region. */
export const moonshotCn: Provider = {
  id: 'moonshot-cn',
  name: 'Kimi Platform China (Moonshot AI)',
  billing: 'metered',
  endpoints: [
    {
      // platform.kimi.com
      protocol: 'openai-completions',
      baseUrl: 'https://api.moonshot.cn/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: moonshotChatQuirks,
    },
    {
      // Third-party presets.
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.moonshot.cn/anthropic',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
    // Third-party presets.
    {
      protocol: 'openai-responses',
      baseUrl: 'https://api.moonshot.cn/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: moonshotResponsesQuirks,
    },
  ],
  env: ['MOONSHOT_CN_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-' }],
  siblings: ['moonshot', 'kimi-coding'],
  console: 'https://platform.kimi.com',
  telemetryName: 'moonshot_ai',
  modelList: 'open',
  modelsFrom: 'moonshotai-cn',
  quota: {
    url: 'https://api.moonshot.cn/v1/users/me/balance',
    method: 'GET',
    auth: 'bearer',
    shape: 'moonshot-balance-cny',
  },
  signsLike: 'moonshot',
}
