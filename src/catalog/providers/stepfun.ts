import type { Provider } from '../provider.ts'

/** StepFun, pay per use. Accounts of api.stepfun.ai are separate: write that address as baseUrl. */
export const stepfun: Provider = {
  id: 'stepfun',
  name: 'StepFun',
  billing: 'metered',
  endpoints: [
    // OpenClaw docs/providers/stepfun.md
    { protocol: 'openai-completions', baseUrl: 'https://api.stepfun.com/v1', auth: 'bearer', clients: 'any' },
  ],
  env: ['STEPFUN_API_KEY', 'STEP_API_KEY'],
  siblings: ['stepfun-plan'],
  console: 'https://platform.stepfun.com',
  modelList: 'open',
  models: [
    { id: 'step-5-preview', contextWindow: 1_000_000, maxOutputTokens: 65_536 },
    { id: 'step-3.7-flash' },
    { id: 'step-3.5-flash' },
  ],
  // Read by a third-party client.
  quota: { url: 'https://api.stepfun.com/v1/accounts', method: 'GET', auth: 'bearer', shape: 'stepfun-account' },
}
