import type { Provider } from '../provider.ts'
import { glmChatQuirks } from './zai-coding-plan.ts'

/** Z.AI's pay-per-use API. */
export const zai: Provider = {
  id: 'zai',
  name: 'Z.AI',
  billing: 'metered',
  endpoints: [
    // docs.z.ai, both.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://api.z.ai/api/paas/v4',
      auth: 'bearer',
      clients: 'any',
      quirks: glmChatQuirks,
    },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.z.ai/api/anthropic',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['ZAI_API_KEY', 'Z_AI_API_KEY'],
  siblings: ['zai-coding-plan', 'zai-cn', 'zai-coding-plan-cn'],
  console: 'https://z.ai/manage-apikey/apikey-list',
  modelList: 'open',
  modelsFrom: 'zai',
  pricesFrom: 'zai',
  resetOffset: '+08:00',
  signs: [
    // For a metered key this is the truth; a plan key gets it here too, and keys of both kinds look alike.
    { code: 'balance_exhausted', errorCode: '1113', useInstead: 'zai-coding-plan' },
  ],
  signsLike: 'zai-coding-plan',
}
