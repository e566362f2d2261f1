import type { Provider } from '../provider.ts'

/** MiniMax: one URL for pay-per-use and for the Token Plan; the key's beginning tells which purse pays. */
export const minimax: Provider = {
  id: 'minimax',
  name: 'MiniMax',
  billing: 'metered',
  endpoints: [
    // platform.minimax.io, all three. The Anthropic surface is the one it recommends.
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.minimax.io/anthropic',
      auth: 'bearer',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
    { protocol: 'openai-completions', baseUrl: 'https://api.minimax.io/v1', auth: 'bearer', clients: 'any' },
    { protocol: 'openai-responses', baseUrl: 'https://api.minimax.io/v1', auth: 'bearer', clients: 'any' },
  ],
  env: ['MINIMAX_API_KEY'],
  keyPrefixes: [
    { prefix: 'sk-api-', billing: 'metered' },
    { prefix: 'sk-cp-', billing: 'plan' },
  ],
  siblings: ['minimax-cn'],
  console: 'https://platform.minimax.io',
  modelList: 'open',
  pricesFrom: 'minimax',
  usagePolicy: 'Plan keys (sk-cp-) are meant for coding tools.',
  // Read by two clients.
  quota: {
    url: 'https://api.minimax.io/v1/token_plan/remains',
    method: 'GET',
    auth: 'bearer',
    shape: 'minimax-remains',
    billing: 'plan',
  },
  // platform.minimax.io/docs/api-reference/errorcode; the codes stand in base_resp, also under status 200.
  signs: [
    { code: 'invalid_key', errorCode: ['1004', '2049'] },
    { code: 'invalid_key', status: 401, message: ['not authorized', 'login fail', 'token not match group'] },
    { code: 'rate_limited', errorCode: ['1002', '1039', '1041'] },
    { code: 'balance_exhausted', errorCode: '1008' },
    { code: 'balance_exhausted', message: 'insufficient balance' },
    // The Anthropic surface tells the code at the end of the message.
    { code: 'plan_exhausted', errorCode: '2056' },
    { code: 'plan_exhausted', message: '(2056)' },
    // 2013 is any invalid parameter; the text tells this one.
    { code: 'context_too_long', message: 'context window exceeds limit' },
    { code: 'upstream_bad_request', errorCode: '2013' },
    { code: 'content_refused', errorCode: ['1026', '1027'] },
    { code: 'upstream_error', errorCode: ['1000', '1024', '1033'] },
    { code: 'timeout', errorCode: '1001' },
  ],
}
