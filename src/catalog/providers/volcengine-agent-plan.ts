import type { Provider } from '../provider.ts'
import { arkChatQuirks } from './volcengine.ts'

/** Volcengine Ark's Agent Plan. */
export const volcengineAgentPlan: Provider = {
  id: 'volcengine-agent-plan',
  name: 'Volcengine Ark Agent Plan',
  billing: 'plan',
  endpoints: [
    // Third-party presets, both.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://ark.cn-beijing.volces.com/api/plan/v3',
      auth: 'bearer',
      clients: 'any',
      quirks: arkChatQuirks,
    },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://ark.cn-beijing.volces.com/api/plan',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['ARK_AGENT_PLAN_API_KEY', 'ARK_API_KEY'],
  siblings: ['volcengine', 'volcengine-coding-plan'],
  console: 'https://console.volcengine.com/ark',
  modelList: 'open',
  usagePolicy: 'For agents, within the plan.',
  signsLike: 'volcengine-coding-plan',
}
