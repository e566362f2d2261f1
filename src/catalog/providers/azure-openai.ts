import type { Provider } from '../provider.ts'

/** Azure OpenAI and Foundry, with an API key. The model is the name of one's own deployment. */
export const azureOpenai: Provider = {
  id: 'azure-openai',
  name: 'Azure OpenAI',
  billing: 'metered',
  endpoints: [
    // learn.microsoft.com, the v1 API; from general knowledge, not re-read.
    {
      protocol: 'openai-responses',
      baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
      auth: 'api-key',
      clients: 'any',
      quirks: { maxTokensMin: 16 },
    },
    {
      protocol: 'openai-completions',
      baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
      auth: 'api-key',
      clients: 'any',
      embeds: true,
      quirks: {
        maxTokensField: 'max_completion_tokens',
        reasoning: 'effort',
        hidesReasoning: true,
        refuses: ['top_k'],
      },
    },
    {
      // Foundry's Claude documentation; details not verified.
      protocol: 'anthropic-messages',
      baseUrl: 'https://{resource}.services.ai.azure.com/anthropic',
      auth: 'x-api-key',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  env: ['AZURE_OPENAI_API_KEY'],
  console: 'https://ai.azure.com',
  variables: [{ name: 'resource', env: ['AZURE_RESOURCE_NAME'] }],
  telemetryName: 'azure.ai.openai',
  modelList: 'open',
  modelsFrom: 'azure',
  pricesFrom: 'azure',
  signs: [
    { code: 'invalid_key', status: 401 },
    { code: 'upstream_model_not_found', errorCode: 'DeploymentNotFound' },
    { code: 'content_refused', errorCode: 'content_filter' },
    { code: 'rate_limited', status: 429, errorCode: '429' },
  ],
}
