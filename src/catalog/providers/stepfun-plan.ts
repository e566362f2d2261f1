import type { Provider } from '../provider.ts'

/** StepFun's Step Plan. */
export const stepfunPlan: Provider = {
  id: 'stepfun-plan',
  name: 'StepFun Step Plan',
  billing: 'plan',
  endpoints: [
    // OpenClaw docs; the second from third-party presets.
    { protocol: 'openai-completions', baseUrl: 'https://api.stepfun.com/step_plan/v1', auth: 'bearer', clients: 'any' },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.stepfun.com/step_plan',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['STEPFUN_PLAN_API_KEY', 'STEPFUN_API_KEY'],
  siblings: ['stepfun'],
  console: 'https://platform.stepfun.com',
  modelList: 'open',
  models: [{ id: 'step-3.5-flash-2603' }],
  usagePolicy: 'Coding tools only.',
}
