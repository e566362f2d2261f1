import type { Quirks } from '../../wire/quirks.ts'
import type { Provider } from '../provider.ts'

/** Chat Completions as Alibaba's Model Studio speaks it: alibabacloud.com/help/en/model-studio. */
export const qwenChatQuirks: Quirks = { noDeveloperRole: true, noStore: true, reasoning: 'enable_thinking' }

/** Alibaba Model Studio (DashScope), pay per use, outside China. */
export const qwen: Provider = {
  id: 'qwen',
  name: 'Alibaba Model Studio',
  billing: 'metered',
  endpoints: [
    {
      // alibabacloud.com/help/en/model-studio; the older host, which still does everything the per-workspace hosts do.
      protocol: 'openai-completions',
      baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
      quirks: qwenChatQuirks,
    },
    {
      // Research notes only.
      protocol: 'openai-responses',
      baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
      auth: 'bearer',
      clients: 'any',
    },
    {
      // alibabacloud.com/help/en/model-studio/anthropic-api-messages
      protocol: 'anthropic-messages',
      baseUrl: 'https://dashscope-intl.aliyuncs.com/apps/anthropic',
      auth: 'x-api-key',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['DASHSCOPE_API_KEY', 'QWEN_API_KEY', 'MODELSTUDIO_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-' }],
  siblings: ['qwen-cn', 'qwen-coding-plan', 'qwen-token-plan'],
  console: 'https://modelstudio.console.alibabacloud.com',
  modelList: 'open',
  // help.aliyun.com, Model Studio error codes and the Coding Plan's questions and answers
  signs: [
    { code: 'invalid_key', errorCode: ['InvalidApiKey', 'invalid_api_key'] },
    // A plan key at the general endpoint.
    { code: 'wrong_service_key', status: 403, message: 'invalid api-key', useInstead: 'qwen-coding-plan' },
    { code: 'balance_exhausted', errorCode: ['Arrearage', 'AllocationQuota.FreeTierOnly'] },
    // Here insufficient_quota is tokens per minute, not money.
    {
      code: 'rate_limited',
      errorCode: [
        'Throttling',
        'Throttling.RateQuota',
        'Throttling.BurstRate',
        'Throttling.AllocationQuota',
        'limit_requests',
        'insufficient_quota',
      ],
    },
    { code: 'account_blocked', errorCode: 'AccessDenied' },
    { code: 'context_too_long', message: 'Range of input length should be' },
    { code: 'content_refused', errorCode: 'data_inspection_failed' },
    { code: 'upstream_model_not_found', errorCode: 'model_not_found' },
  ],
}
