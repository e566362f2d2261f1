import { geminiModels } from '../gemini-models.ts'
import type { Provider } from '../provider.ts'
import { opencodeChatQuirks } from './opencode.ts'

/** OpenCode Go, the subscription. Each model is served on some of the surfaces only: models.json says which. */
export const opencodeGo: Provider = {
  id: 'opencode-go',
  name: 'OpenCode Go',
  billing: 'plan',
  endpoints: [
    {
      // opencode.ai/docs/go
      protocol: 'openai-completions',
      baseUrl: 'https://opencode.ai/zen/go/v1',
      auth: 'bearer',
      clients: 'must-identify',
      quirks: opencodeChatQuirks,
    },
    {
      // Measured 2026-08; only some models give the full set of events.
      protocol: 'openai-responses',
      baseUrl: 'https://opencode.ai/zen/go/v1',
      auth: 'bearer',
      clients: 'must-identify',
    },
    {
      // Measured 2026-08: a bearer token is refused here.
      protocol: 'anthropic-messages',
      baseUrl: 'https://opencode.ai/zen/go',
      auth: 'x-api-key',
      clients: 'must-identify',
      headers: { 'anthropic-version': '2023-06-01' },
    },
    {
      // pi-ai 1.5.2; the header is inferred.
      protocol: 'google-generative-ai',
      baseUrl: 'https://opencode.ai/inference/go/google/v1beta',
      auth: 'x-goog-api-key',
      clients: 'must-identify',
      quirks: { byModel: geminiModels },
    },
  ],
  env: ['OPENCODE_GO_API_KEY', 'OPENCODE_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-' }],
  siblings: ['opencode'],
  console: 'https://opencode.ai/auth',
  modelList: 'open',
  usagePolicy:
    'For coding agents that name themselves, send x-opencode-session with one value a conversation, and do not make abusive traffic.',
  // anomalyco/opencode, console routes; one tester got 404 in 2026-08.
  quota: { url: 'https://opencode.ai/zen/go/v1/usage', method: 'GET', auth: 'bearer', shape: 'opencode-go-usage' },
  signs: [
    {
      code: 'plan_exhausted',
      field: { path: 'metadata.limitName', values: ['5 hour'] },
      window: '5 hour',
    },
    { code: 'plan_exhausted', field: { path: 'metadata.limitName', values: ['weekly'] }, window: 'weekly' },
    { code: 'plan_exhausted', field: { path: 'metadata.limitName', values: ['monthly'] }, window: 'monthly' },
    { code: 'plan_exhausted', type: ['GoUsageLimitError', 'BlackUsageLimitError'] },
    { code: 'plan_expired', type: 'EntitlementError' },
    // Some listed models answer so for ever.
    { code: 'overloaded', status: 503, message: 'Endpoint is unavailable' },
  ],
  signsLike: 'opencode',
}
