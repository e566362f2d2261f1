import type { Provider } from '../provider.ts'
import { qwenChatQuirks } from './qwen.ts'

/** Alibaba Bailian (DashScope), pay per use, in China. Keys do not work in the other region. */
export const qwenCn: Provider = {
  id: 'qwen-cn',
  name: 'Alibaba Bailian (China)',
  billing: 'metered',
  endpoints: [
    {
      // help.aliyun.com
      protocol: 'openai-completions',
      baseUrl: 'https://dashscope.aliyuncs.com/compatible-mode/v1',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
      quirks: qwenChatQuirks,
    },
    {
      // By symmetry with the other region.
      protocol: 'openai-responses',
      baseUrl: 'https://dashscope.aliyuncs.com/compatible-mode/v1',
      auth: 'bearer',
      clients: 'any',
    },
    {
      // help.aliyun.com/en/model-studio/anthropic-api-messages
      protocol: 'anthropic-messages',
      baseUrl: 'https://dashscope.aliyuncs.com/apps/anthropic',
      auth: 'x-api-key',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['DASHSCOPE_CN_API_KEY'],
  keyPrefixes: [{ prefix: 'sk-' }],
  siblings: ['qwen', 'qwen-coding-plan-cn'],
  console: 'https://bailian.console.aliyun.com',
  modelList: 'open',
  signs: [{ code: 'wrong_service_key', status: 403, message: 'invalid api-key', useInstead: 'qwen-coding-plan-cn' }],
  signsLike: 'qwen',
}
