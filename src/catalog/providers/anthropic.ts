import type { Provider } from '../provider.ts'

/** Anthropic's own API, with API keys. Tokens of Claude subscriptions are not for other programs and are refused upstream. */
export const anthropic: Provider = {
  id: 'anthropic',
  name: 'Anthropic',
  billing: 'metered',
  endpoints: [
    {
      // platform.claude.com/docs; counting: /v1/messages/count_tokens.
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.anthropic.com',
      auth: 'x-api-key',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
      countsTokens: true,
    },
    // Its OpenAI-compatible surface is left out: it ignores what it does not know (response_format, seed) without a word, where our
    // translation reports it (docs.claude.com, OpenAI SDK compatibility).
  ],
  // Not ANTHROPIC_AUTH_TOKEN: it usually holds a token for some gateway, which must not reach Anthropic.
  env: ['ANTHROPIC_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-ant-api03-' }],
  console: 'https://platform.claude.com/settings/keys',
  modelList: 'open',
  pricesFrom: 'anthropic',
  usagePolicy:
    'API keys only. Tokens of a Pro or Max subscription are for Claude Code and Claude.ai and are refused to others.',
  // platform.claude.com/docs/en/api/errors
  signs: [
    { code: 'invalid_key', type: 'authentication_error' },
    // Under status 400.
    { code: 'balance_exhausted', message: 'credit balance is too low' },
    { code: 'balance_exhausted', type: ['billing_error', 'credit_balance_exhausted'] },
    { code: 'account_blocked', type: 'permission_error' },
    { code: 'upstream_model_not_found', type: 'not_found_error' },
    { code: 'context_too_long', type: 'request_too_large' },
    { code: 'context_too_long', type: 'invalid_request_error', message: 'prompt is too long' },
    { code: 'rate_limited', type: 'rate_limit_error' },
    { code: 'overloaded', type: 'overloaded_error' },
    { code: 'timeout', type: 'timeout_error' },
    { code: 'upstream_error', type: 'api_error' },
  ],
}
