import type { Provider } from '../provider.ts'
import { glmChatQuirks } from './zai-coding-plan.ts'

/** Zhipu's pay-per-use API in China. */
export const zaiCn: Provider = {
  id: 'zai-cn',
  name: 'Zhipu BigModel (China)',
  billing: 'metered',
  endpoints: [
    // docs.bigmodel.cn, both.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://open.bigmodel.cn/api/paas/v4',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
      quirks: glmChatQuirks,
    },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://open.bigmodel.cn/api/anthropic',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['ZHIPU_API_KEY', 'ZHIPUAI_API_KEY'],
  siblings: ['zai', 'zai-coding-plan-cn'],
  console: 'https://open.bigmodel.cn',
  modelList: 'open',
  pricesFrom: 'zhipuai',
  resetOffset: '+08:00',
  signs: [{ code: 'balance_exhausted', errorCode: '1113', useInstead: 'zai-coding-plan-cn' }],
  signsLike: 'zai-coding-plan',
}
