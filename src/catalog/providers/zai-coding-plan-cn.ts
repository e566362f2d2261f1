import type { Provider } from '../provider.ts'
import { glmChatQuirks, glmPlanPolicy } from './zai-coding-plan.ts'

/** The GLM Coding Plan of Zhipu in China. */
export const zaiCodingPlanCn: Provider = {
  id: 'zai-coding-plan-cn',
  name: 'Zhipu GLM Coding Plan (China)',
  billing: 'plan',
  endpoints: [
    // docs.bigmodel.cn/cn/coding-plan, both.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://open.bigmodel.cn/api/coding/paas/v4',
      auth: 'bearer',
      clients: 'any',
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
  env: ['ZAI_CODING_CN_API_KEY', 'ZHIPU_API_KEY'],
  siblings: ['zai-cn', 'zai-coding-plan'],
  console: 'https://open.bigmodel.cn',
  modelList: 'open',
  modelsFrom: 'zai-coding-cn',
  usagePolicy: glmPlanPolicy,
  quota: {
    url: 'https://open.bigmodel.cn/api/monitor/usage/quota/limit',
    method: 'GET',
    auth: 'raw',
    shape: 'zai-quota',
  },
  resetOffset: '+08:00',
  signs: [{ code: 'wrong_service_key', errorCode: '1113', useInstead: 'zai-cn' }],
  signsLike: 'zai-coding-plan',
}
