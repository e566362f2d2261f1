import type { Quirks } from '../../wire/quirks.ts'
import type { Provider } from '../provider.ts'

/** Chat Completions as Ark speaks it: volcengine.com/docs/82379; the refused keywords from OpenClaw. */
export const arkChatQuirks: Quirks = {
  reasoning: 'thinking',
  schemaWithout: ['minLength', 'maxLength', 'minItems', 'maxItems', 'minContains', 'maxContains'],
}

/** Volcengine Ark, pay per use. The plans use the same keys at other addresses. */
export const volcengine: Provider = {
  id: 'volcengine',
  name: 'Volcengine Ark',
  billing: 'metered',
  endpoints: [
    // volcengine.com/docs/82379, the first two; the last from third-party presets.
    {
      protocol: 'openai-completions',
      baseUrl: 'https://ark.cn-beijing.volces.com/api/v3',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
      quirks: arkChatQuirks,
    },
    {
      protocol: 'openai-responses',
      baseUrl: 'https://ark.cn-beijing.volces.com/api/v3',
      auth: 'bearer',
      clients: 'any',
    },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://ark.cn-beijing.volces.com/api/compatible',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['ARK_API_KEY', 'VOLCANO_ENGINE_API_KEY'],
  siblings: ['volcengine-coding-plan', 'volcengine-agent-plan'],
  console: 'https://console.volcengine.com/ark',
  modelList: 'open',
  // volcengine.com/docs/82379/1299023
  signs: [
    { code: 'invalid_key', errorCode: 'AuthenticationError' },
    { code: 'balance_exhausted', errorCode: ['AccountOverdueError', 'OperationDenied.ServiceOverdue'] },
    { code: 'account_blocked', errorCode: 'AccessDenied' },
    // ModelNotOpen: it must first be switched on in the console.
    { code: 'upstream_model_not_found', errorCode: ['InvalidEndpointOrModel.NotFound', 'ModelNotOpen'] },
    {
      code: 'rate_limited',
      errorCode: [
        'RateLimitExceeded.EndpointRPMExceeded',
        'RateLimitExceeded.EndpointTPMExceeded',
        'ModelAccountRpmRateLimitExceeded',
      ],
    },
    { code: 'overloaded', errorCode: 'ServerOverloaded' },
    { code: 'content_refused', errorCode: ['SensitiveContentDetected', 'InputTextSensitiveContentDetected'] },
  ],
}
