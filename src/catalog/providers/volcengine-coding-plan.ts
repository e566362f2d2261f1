import type { Provider } from '../provider.ts'
import { arkChatQuirks } from './volcengine.ts'

/** The plan's rules: volcengine.com/article/37852. */
export const arkPlanPolicy =
  'Coding tools only, for one person. Calls to the general address are not part of the plan: they are billed per use.'

/** Volcengine Ark's Coding Plan. */
export const volcengineCodingPlan: Provider = {
  id: 'volcengine-coding-plan',
  name: 'Volcengine Ark Coding Plan',
  billing: 'plan',
  endpoints: [
    // volcengine.com/article/37852, first and last; the second from third-party presets.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://ark.cn-beijing.volces.com/api/coding/v3',
      auth: 'bearer',
      clients: 'any',
      quirks: arkChatQuirks,
    },
    {
      protocol: 'openai-responses',
      baseUrl: 'https://ark.cn-beijing.volces.com/api/coding/v3',
      auth: 'bearer',
      clients: 'any',
    },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://ark.cn-beijing.volces.com/api/coding',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['ARK_CODING_PLAN_API_KEY', 'ARK_API_KEY', 'VOLCANO_ENGINE_API_KEY'],
  siblings: ['volcengine', 'byteplus-coding-plan', 'volcengine-agent-plan'],
  console: 'https://console.volcengine.com/ark',
  modelList: 'open',
  usagePolicy: arkPlanPolicy,
  signs: [
    { code: 'model_not_in_plan', errorCode: 'UnsupportedModel' },
    { code: 'model_not_in_plan', message: 'does not support the coding plan feature' },
    // The type, TooManyRequests, is shared with plain rate limits.
    { code: 'plan_exhausted', errorCode: 'AccountQuotaExceeded' },
    // Not verified.
    { code: 'plan_expired', errorCode: 'InvalidSubscription' },
  ],
  signsLike: 'volcengine',
}
