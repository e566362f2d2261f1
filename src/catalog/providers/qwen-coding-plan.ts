import type { Provider } from '../provider.ts'
import { qwenChatQuirks } from './qwen.ts'

/** The plans' rules, the same for all of them: help.aliyun.com, pages of the Coding Plan and the Token Plan. */
export const qwenPlanPolicy =
  'Interactive use in coding tools only: automation and back ends without a person in front can be suspended.'

/** Alibaba's Coding Plan outside China. */
export const qwenCodingPlan: Provider = {
  id: 'qwen-coding-plan',
  name: 'Alibaba Coding Plan',
  billing: 'plan',
  endpoints: [
    // help.aliyun.com/en/model-studio/coding-plan, both.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://coding-intl.dashscope.aliyuncs.com/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: qwenChatQuirks,
    },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://coding-intl.dashscope.aliyuncs.com/apps/anthropic',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['ALIBABA_CODING_PLAN_API_KEY', 'BAILIAN_CODING_PLAN_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-sp-' }],
  siblings: ['qwen', 'qwen-coding-plan-cn', 'qwen-token-plan'],
  console: 'https://modelstudio.console.alibabacloud.com',
  modelList: 'open',
  usagePolicy: qwenPlanPolicy,
  // help.aliyun.com/en/model-studio/coding-plan-faq
  signs: [
    // With a plan key it means that the plan has run out of time; with another key that it is no plan key.
    { code: 'plan_expired', status: 401, keyPrefix: 'sk-sp-', message: 'invalid access token or token expired' },
    { code: 'wrong_service_key', status: 401, message: 'invalid access token or token expired', useInstead: 'qwen' },
    { code: 'wrong_service_key', status: 403, message: 'invalid api-key', useInstead: 'qwen' },
    { code: 'model_not_in_plan', status: 400, message: /\bmodel .{1,80} is not supported/i },
    // No body: the path is wrong, and with it the base URL.
    { code: 'upstream_bad_request', status: 404, empty: true },
    { code: 'rate_limited', status: 429, message: 'concurrency allocated quota exceeded' },
    { code: 'plan_exhausted', status: 429, message: 'hour allocated quota exceeded', window: '5 hour' },
    { code: 'plan_exhausted', status: 429, message: 'week allocated quota exceeded', window: 'weekly' },
    { code: 'plan_exhausted', status: 429, message: 'month allocated quota exceeded', window: 'monthly' },
    { code: 'context_too_long', message: 'Range of input length should be' },
  ],
}
