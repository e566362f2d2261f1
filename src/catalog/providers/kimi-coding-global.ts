import type { Provider } from '../provider.ts'
import { kimiAdmits, kimiChatQuirks, kimiCoding, kimiMessagesQuirks } from './kimi-coding.ts'

/** Kimi Code on kimi.ai: the same service for the rest of the world, with accounts of its own. */
export const kimiCodingGlobal: Provider = {
  id: 'kimi-coding-global',
  name: 'Kimi Code (kimi.ai)',
  billing: 'plan',
  endpoints: [
    {
      // By analogy with kimi.com; not verified.
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.kimi.ai/coding',
      auth: 'x-api-key',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
      quirks: kimiMessagesQuirks,
    },
    {
      // MoonshotAI/kimi-code packages/oauth/src/region.ts; that the client list is the same is not verified.
      protocol: 'openai-completions',
      baseUrl: 'https://api.kimi.ai/coding/v1',
      auth: 'bearer',
      clients: 'listed',
      admits: kimiAdmits,
      quirks: kimiChatQuirks,
    },
  ],
  env: ['KIMI_GLOBAL_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-kimi-' }],
  siblings: ['kimi-coding', 'moonshot'],
  modelAliases: kimiCoding.modelAliases ?? {},
  modelList: 'complete',
  modelsFrom: 'kimi-coding',
  usagePolicy: 'As Kimi Code on kimi.com: coding agents only, under their real name.',
  quota: { url: 'https://api.kimi.ai/coding/v1/usages', method: 'GET', auth: 'bearer', shape: 'kimi-usages' },
  signsLike: 'kimi-coding',
}
