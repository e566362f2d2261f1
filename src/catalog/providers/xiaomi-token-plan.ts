import type { Provider } from '../provider.ts'
import { mimoChatQuirks } from './xiaomi.ts'

/** Xiaomi MiMo's Token Plan, in three regions: sgp, cn and ams. */
export const xiaomiTokenPlan: Provider = {
  id: 'xiaomi-token-plan',
  name: 'Xiaomi MiMo Token Plan',
  billing: 'plan',
  endpoints: [
    {
      // pi-ai 1.5.2
      protocol: 'openai-completions',
      baseUrl: 'https://token-plan-{region}.xiaomimimo.com/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: mimoChatQuirks,
    },
    {
      // OpenClaw docs
      protocol: 'anthropic-messages',
      baseUrl: 'https://token-plan-{region}.xiaomimimo.com/anthropic',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['XIAOMI_TOKEN_PLAN_API_KEY', 'XIAOMI_TOKEN_PLAN_SGP_API_KEY'],
  keyPrefixes: [{ prefix: 'tp-' }],
  siblings: ['xiaomi'],
  console: 'https://platform.xiaomimimo.com',
  variables: [{ name: 'region', env: ['XIAOMI_TOKEN_PLAN_REGION'], default: 'sgp' }],
  modelList: 'open',
  modelsFrom: 'xiaomi-token-plan-sgp',
  usagePolicy: 'Coding tools only.',
  signsLike: 'xiaomi',
}
