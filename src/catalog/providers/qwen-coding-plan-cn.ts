import type { Provider } from '../provider.ts'
import { qwenChatQuirks } from './qwen.ts'
import { qwenPlanPolicy } from './qwen-coding-plan.ts'

/** Alibaba's Coding Plan in China. */
export const qwenCodingPlanCn: Provider = {
  id: 'qwen-coding-plan-cn',
  name: 'Alibaba Coding Plan (China)',
  billing: 'plan',
  endpoints: [
    // help.aliyun.com, both.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://coding.dashscope.aliyuncs.com/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: qwenChatQuirks,
    },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://coding.dashscope.aliyuncs.com/apps/anthropic',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['ALIBABA_CODING_PLAN_CN_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-sp-' }],
  siblings: ['qwen-cn', 'qwen-coding-plan'],
  console: 'https://bailian.console.aliyun.com',
  modelList: 'open',
  usagePolicy: qwenPlanPolicy,
  signsLike: 'qwen-coding-plan',
}
