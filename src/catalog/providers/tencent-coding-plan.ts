import type { Provider } from '../provider.ts'

/** Tencent Cloud's Coding Plan. */
export const tencentCodingPlan: Provider = {
  id: 'tencent-coding-plan',
  name: 'Tencent Cloud Coding Plan',
  billing: 'plan',
  endpoints: [
    {
      // OpenClaw docs/providers/tencent.md
      protocol: 'openai-completions',
      baseUrl: 'https://api.lkeap.cloud.tencent.com/coding/v3',
      auth: 'bearer',
      clients: 'any',
    },
  ],
  env: ['TENCENT_CODING_PLAN_API_KEY'],
  console: 'https://console.cloud.tencent.com/lkeap',
  modelList: 'open',
  usagePolicy: 'Coding tools only.',
}
