import type { Provider } from '../provider.ts'
import { arkChatQuirks } from './volcengine.ts'
import { arkPlanPolicy } from './volcengine-coding-plan.ts'

/** BytePlus ModelArk's Coding Plan: Ark outside China. */
export const byteplusCodingPlan: Provider = {
  id: 'byteplus-coding-plan',
  name: 'BytePlus ModelArk Coding Plan',
  billing: 'plan',
  endpoints: [
    // OpenClaw docs and third-party presets, both.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://ark.ap-southeast.bytepluses.com/api/coding/v3',
      auth: 'bearer',
      clients: 'any',
      quirks: arkChatQuirks,
    },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://ark.ap-southeast.bytepluses.com/api/coding',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['BYTEPLUS_API_KEY'],
  siblings: ['volcengine-coding-plan'],
  console: 'https://console.byteplus.com/ark',
  modelList: 'open',
  usagePolicy: arkPlanPolicy,
  signsLike: 'volcengine-coding-plan',
}
