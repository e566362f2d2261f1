import type { Quirks } from '../../wire/quirks.ts'
import type { Provider } from '../provider.ts'

/** Chat Completions as Xiaomi speaks it: the compatibility table of pi-ai 1.5.2. */
export const mimoChatQuirks: Quirks = { reasoning: 'thinking', replayReasoning: 'reasoning_content' }

/** Xiaomi MiMo, pay per use. */
export const xiaomi: Provider = {
  id: 'xiaomi',
  name: 'Xiaomi MiMo',
  billing: 'metered',
  endpoints: [
    {
      // pi-ai; OpenClaw docs/providers/xiaomi.md
      protocol: 'openai-completions',
      baseUrl: 'https://api.xiaomimimo.com/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: mimoChatQuirks,
    },
    // Research notes only, both.
    { protocol: 'openai-responses', baseUrl: 'https://api.xiaomimimo.com/v1', auth: 'bearer', clients: 'any' },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.xiaomimimo.com/anthropic',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['XIAOMI_API_KEY', 'MIMO_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-' }],
  siblings: ['xiaomi-token-plan'],
  console: 'https://platform.xiaomimimo.com',
  modelList: 'open',
}
