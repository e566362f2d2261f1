import type { Quirks } from '../../wire/quirks.ts'
import { geminiModels } from '../gemini-models.ts'
import type { Provider } from '../provider.ts'

/** Chat Completions as OpenCode's gateway speaks it: the compatibility table of pi-ai 1.5.2. */
export const opencodeChatQuirks: Quirks = { noDeveloperRole: true, noStore: true }

/** OpenCode Zen, pay per use. Each model is served on some of the surfaces only: models.json says which. */
export const opencode: Provider = {
  id: 'opencode',
  name: 'OpenCode Zen',
  billing: 'metered',
  endpoints: [
    // opencode.ai/docs/zen, all four. Newer addresses under /inference are known from other clients; these are passed on to them.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://opencode.ai/zen/v1',
      auth: 'bearer',
      clients: 'must-identify',
      quirks: opencodeChatQuirks,
    },
    { protocol: 'openai-responses', baseUrl: 'https://opencode.ai/zen/v1', auth: 'bearer', clients: 'must-identify' },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://opencode.ai/zen',
      auth: 'x-api-key',
      clients: 'must-identify',
      headers: { 'anthropic-version': '2023-06-01' },
    },
    {
      protocol: 'google-generative-ai',
      baseUrl: 'https://opencode.ai/zen/v1',
      auth: 'x-goog-api-key',
      clients: 'must-identify',
      quirks: { byModel: geminiModels },
    },
  ],
  env: ['OPENCODE_ZEN_API_KEY', 'OPENCODE_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-' }],
  siblings: ['opencode-go'],
  console: 'https://opencode.ai/auth',
  modelList: 'open',
  usagePolicy: "Clients must name themselves. Models that end in -free answer only OpenCode's own client.",
  // anomalyco/opencode packages/console/app/src/routes/zen/util/handler.ts: money and unknown models come as 401.
  signs: [
    { code: 'invalid_key', type: 'AuthError' },
    { code: 'balance_exhausted', type: ['CreditsError', 'MonthlyLimitError', 'UserLimitError', 'CreditLimitExceeded'] },
    // Also a known model asked for in the wrong protocol.
    { code: 'upstream_model_not_found', type: 'ModelError' },
    { code: 'upstream_model_not_found', message: 'is not supported for format' },
    { code: 'region_blocked', type: 'RegionError' },
    { code: 'rate_limited', type: ['RateLimitError', 'FreeUsageLimitError'] },
    { code: 'upstream_error', message: /Error from provider.*Upstream request failed/is },
    // The front server's ban of client names it does not like, as plain text.
    { code: 'client_not_admitted', status: 403, message: 'error code: 1010' },
  ],
}
