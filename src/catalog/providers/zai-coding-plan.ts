import type { Quirks } from '../../wire/quirks.ts'
import type { Provider } from '../provider.ts'

/** Chat Completions as Z.AI and Zhipu speak it: docs.z.ai and the compatibility table of pi-ai 1.5.2. */
export const glmChatQuirks: Quirks = {
  noDeveloperRole: true,
  noStore: true,
  reasoning: 'thinking',
  efforts: ['low', 'high', 'max'],
  replayReasoning: 'reasoning_content',
  toolStream: true,
}

/** The plan's rules, the same in both regions: docs.z.ai/devpack/usage-policy. */
export const glmPlanPolicy =
  'Only within officially supported coding tools, for one person: other use may have its benefits restricted, shared accounts too.'

/** The GLM Coding Plan of Z.AI. */
export const zaiCodingPlan: Provider = {
  id: 'zai-coding-plan',
  name: 'Z.AI GLM Coding Plan',
  billing: 'plan',
  endpoints: [
    {
      // docs.z.ai/devpack
      protocol: 'openai-completions',
      baseUrl: 'https://api.z.ai/api/coding/paas/v4',
      auth: 'bearer',
      clients: 'any',
      quirks: glmChatQuirks,
    },
    {
      // docs.z.ai/devpack; the URL is the same for plan and metered keys.
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.z.ai/api/anthropic',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
    // Documented only for the plan.
    { protocol: 'openai-responses', baseUrl: 'https://api.z.ai/api/v1', auth: 'bearer', clients: 'any' },
  ],
  env: ['ZAI_CODING_API_KEY', 'ZAI_API_KEY'],
  siblings: ['zai', 'zai-coding-plan-cn'],
  console: 'https://z.ai/manage-apikey/apikey-list',
  modelList: 'open',
  modelsFrom: 'zai',
  usagePolicy: glmPlanPolicy,
  // Read by several clients; the key goes raw in most of them.
  quota: { url: 'https://api.z.ai/api/monitor/usage/quota/limit', method: 'GET', auth: 'raw', shape: 'zai-quota' },
  // That times without an offset are Chinese is inferred.
  resetOffset: '+08:00',
  // docs.z.ai/api-reference/api-code
  signs: [
    { code: 'invalid_key', errorCode: ['1000', '1001', '1002', '1003', '1004'] },
    // A plan key at the general endpoint, or the reverse: keys of both kinds look alike.
    { code: 'wrong_service_key', errorCode: '1113', useInstead: 'zai' },
    { code: 'upstream_model_not_found', errorCode: '1211' },
    { code: 'upstream_bad_request', errorCode: '1214' },
    { code: 'context_too_long', errorCode: '1261' },
    { code: 'content_refused', errorCode: '1301' },
    { code: 'rate_limited', errorCode: ['1302', '1303', '1304'] },
    { code: 'overloaded', errorCode: ['1305', '1312'] },
    { code: 'plan_exhausted', errorCode: '1308', window: '5 hour' },
    { code: 'plan_expired', errorCode: ['1309', '1314'] },
    { code: 'plan_exhausted', errorCode: ['1310', '1316', '1317', '1318', '1319', '1320', '1321'] },
    { code: 'model_not_in_plan', errorCode: '1311' },
    // Throttled as an unsupported tool: how third parties read it.
    { code: 'client_not_admitted', errorCode: '1313' },
  ],
}
