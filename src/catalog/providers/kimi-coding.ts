import type { Quirks } from '../../wire/quirks.ts'
import type { Provider, Sign } from '../provider.ts'

/** Chat Completions as Kimi Code speaks it; kimi.com/code/docs and the compatibility table of pi-ai 1.5.2. */
export const kimiChatQuirks: Quirks = {
  noDeveloperRole: true,
  noStore: true,
  noStrictTools: true,
  reasoning: 'effort',
  // K3 from the start, kimi-for-coding since K2.8 Preview (2026-09-11).
  reasoningAlwaysOn: true,
  efforts: ['low', 'high', 'max'],
  // "thinking is enabled but reasoning_content is missing in assistant tool call message": error reference.
  replayReasoning: 'reasoning_content',
  imagesInlineOnly: true,
}

/** The same models behind Anthropic Messages. */
export const kimiMessagesQuirks: Quirks = {
  thinkingTypes: ['disabled', 'adaptive'],
  efforts: ['low', 'high', 'max'],
  // Reasoning must be sent back here too, also what another protocol's client carried without a signature (inferred).
  unsignedThinking: true,
  imagesInlineOnly: true,
}

/**
 * Beginnings of `User-Agent` that the OpenAI surface let through when measured (2026-06; only the beginning is looked at). Compared with,
 * never sent: to send one that is not one's own is a violation of the plan's rules.
 */
export const kimiAdmits: readonly string[] = ['claude-cli/', 'claude-code/', 'Kilo-Code/']

// Wordings: kimi.com/code/docs/en/kimi-code/error-reference.html, where no other source is named. Status and type do not tell these
// apart: 401 is also a model outside the plan, 403 access_terminated_error is the client list, the weekly window or concurrency.
const signs: readonly Sign[] = [
  // Newer copy of the error page: model and tier errors come as 401, with a key that is fine.
  { code: 'upstream_model_not_found', status: 401, message: 'Your model id does not exist' },
  { code: 'model_not_in_plan', status: 401, message: ['does not have access to', 'Your current plan supports only'] },
  { code: 'invalid_key', status: 401, message: 'The API Key appears to be invalid or may have expired' },
  // "Key and base URL belong to different Kimi services."
  { code: 'wrong_service_key', status: 401, message: 'Invalid Authentication', useInstead: 'moonshot' },
  { code: 'plan_expired', status: 402, message: 'unable to verify your membership benefits' },
  // Only on the OpenAI surface, for clients that are not on the list.
  { code: 'client_not_admitted', status: 403, message: 'only available for Coding Agents' },
  // First, because its sentence contains the weekly one's: inside a stream the status does not tell them apart.
  { code: 'plan_exhausted', status: 429, message: 'monthly usage limit', window: 'monthly' },
  {
    code: 'plan_exhausted',
    status: 403,
    message: ['usage limit for this billing cycle', 'weekly (7-day) usage limit', 'refreshed in the next cycle'],
    window: 'weekly',
  },
  // Known from the test of a third-party client.
  { code: 'plan_exhausted', status: 403, message: 'quota will reset when the current window ends' },
  // Measured by a third party; the exact sentence is not on record.
  { code: 'rate_limited', status: 403, message: 'concurrent request' },
  { code: 'account_blocked', status: 403, message: 'Access terminated' },
  { code: 'plan_exhausted', status: 429, message: 'usage limit for this period', window: '5 hour' },
  { code: 'overloaded', status: 429, message: 'engine is currently overloaded' },
  { code: 'rate_limited', status: 429, message: 'receiving too many requests' },
  { code: 'context_too_long', status: 400, message: 'exceeded model token limit' },
  // The limit of 2 MiB on a request's messages.
  { code: 'context_too_long', status: 400, message: /total message size \d+ exceeds limit/i },
  { code: 'content_refused', status: 400, message: 'considered high risk' },
  {
    code: 'upstream_bad_request',
    status: 400,
    message: ['reasoning_content is missing', 'is duplicated', 'unsupported image url'],
  },
  { code: 'upstream_model_not_found', status: 404, message: 'Not found the model' },
]

/** Kimi Code: the flat-rate membership for coding agents, not the pay-per-use platform. */
export const kimiCoding: Provider = {
  id: 'kimi-coding',
  name: 'Kimi Code',
  billing: 'plan',
  endpoints: [
    {
      // "No whitelist approval needed": error reference; measured with a generic client name (kodustech/kodus-ai#1257).
      protocol: 'anthropic-messages',
      baseUrl: 'https://api.kimi.com/coding',
      auth: 'x-api-key',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
      quirks: kimiMessagesQuirks,
    },
    {
      // Client list by beginning of User-Agent: error reference; kodustech/kodus-ai#1257; farion1231/cc-switch PR 3671.
      protocol: 'openai-completions',
      baseUrl: 'https://api.kimi.com/coding/v1',
      auth: 'bearer',
      clients: 'listed',
      admits: kimiAdmits,
      quirks: kimiChatQuirks,
    },
  ],
  env: ['KIMI_API_KEY', 'KIMI_CODE_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-kimi-' }],
  siblings: ['kimi-coding-global', 'moonshot', 'moonshot-cn'],
  console: 'https://www.kimi.com/code/console',
  modelAliases: {
    k2p5: 'kimi-for-coding',
    'kimi-code': 'kimi-for-coding',
    'k3[1m]': 'k3',
    // Old names of the same service; that they mean today's model is inferred.
    k2p6: 'kimi-for-coding',
    k2p7: 'kimi-for-coding',
    'kimi-k2-thinking': 'kimi-for-coding',
  },
  modelList: 'complete',
  usagePolicy:
    "For coding agents, under the client's real name: a changed User-Agent counts as a violation and may suspend the membership. For a product of your own, use the pay-per-use platform (moonshot).",
  // MoonshotAI/kimi-code packages/oauth/src/managed-usage.ts
  quota: { url: 'https://api.kimi.com/coding/v1/usages', method: 'GET', auth: 'bearer', shape: 'kimi-usages' },
  signs,
}
