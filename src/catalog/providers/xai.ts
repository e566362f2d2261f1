import type { Quirks } from '../../wire/quirks.ts'
import type { Provider } from '../provider.ts'

/** Both surfaces. */
const quirks: Quirks = {
  // From grok-4.5 on.
  reasoningAlwaysOn: true,
  efforts: ['low', 'medium', 'high', 'xhigh'],
  noEmptyTools: true,
}

/** xAI's own API. */
export const xai: Provider = {
  id: 'xai',
  name: 'xAI',
  billing: 'metered',
  endpoints: [
    // docs.x.ai, both; Responses is the one it recommends. Its Anthropic surface is on its way out and left out.
    {
      protocol: 'openai-responses',
      baseUrl: 'https://api.x.ai/v1',
      auth: 'bearer',
      clients: 'any',
      quirks,
    },
    {
      protocol: 'openai-completions',
      baseUrl: 'https://api.x.ai/v1',
      auth: 'bearer',
      clients: 'any',
      quirks: { ...quirks, refuses: ['presence_penalty', 'frequency_penalty'] },
    },
  ],
  env: ['XAI_API_KEY'],
  keyPrefixes: [{ prefix: 'xai-' }],
  console: 'https://console.x.ai',
  telemetryName: 'x_ai',
  modelList: 'open',
  pricesFrom: 'x-ai',
  // From public logs; the envelope is {"code": "…", "error": "text"}.
  signs: [
    // Under status 400.
    { code: 'invalid_key', message: 'Incorrect API key provided' },
    { code: 'account_blocked', message: 'API key is currently blocked' },
    // Under status 429, but waiting does not help: continuedev/continue#10373.
    { code: 'balance_exhausted', message: ['used all available credits', 'reached its monthly spending limit'] },
    { code: 'upstream_model_not_found', status: 404 },
    { code: 'context_too_long', message: 'maximum prompt length is' },
    { code: 'content_refused', status: 403, message: ['violates usage guidelines', 'SAFETY_CHECK_TYPE'] },
  ],
}
