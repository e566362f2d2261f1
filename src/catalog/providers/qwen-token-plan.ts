import type { Provider } from '../provider.ts'
import { qwenChatQuirks } from './qwen.ts'
import { qwenPlanPolicy } from './qwen-coding-plan.ts'

/** Alibaba's Token Plan. */
export const qwenTokenPlan: Provider = {
  id: 'qwen-token-plan',
  name: 'Alibaba Token Plan',
  billing: 'plan',
  endpoints: [
    {
      // pi-ai 1.5.2; OpenClaw docs/providers/qwen.md
      protocol: 'openai-completions',
      baseUrl: 'https://token-plan.{region}.maas.aliyuncs.com/compatible-mode/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: qwenChatQuirks,
    },
    {
      // By analogy with the other plans.
      protocol: 'anthropic-messages',
      baseUrl: 'https://token-plan.{region}.maas.aliyuncs.com/apps/anthropic',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['QWEN_TOKEN_PLAN_API_KEY', 'ALIBABA_TOKEN_PLAN_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-sp-' }],
  siblings: ['qwen', 'qwen-coding-plan'],
  console: 'https://modelstudio.console.alibabacloud.com',
  // In China: cn-beijing.
  variables: [{ name: 'region', env: ['QWEN_TOKEN_PLAN_REGION'], default: 'ap-southeast-1' }],
  modelList: 'open',
  usagePolicy: qwenPlanPolicy,
  signsLike: 'qwen-coding-plan',
}
