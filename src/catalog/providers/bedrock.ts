import type { Provider } from '../provider.ts'

/**
 * Amazon Bedrock's Mantle surfaces, which take a static bearer key. The Converse API (signed requests, binary event stream) is not
 * served, and its model ids are other ones.
 */
export const bedrock: Provider = {
  id: 'bedrock',
  name: 'Amazon Bedrock (Mantle)',
  billing: 'metered',
  endpoints: [
    // OpenClaw docs/providers/bedrock-mantle.md, both.
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://bedrock-mantle.{region}.api.aws/anthropic',
      auth: 'x-api-key',
      clients: 'any',
      headers: { 'anthropic-version': '2023-06-01' },
    },
    {
      protocol: 'openai-responses',
      baseUrl: 'https://bedrock-mantle.{region}.api.aws/v1',
      auth: 'bearer',
      clients: 'any',
    },
  ],
  env: ['AWS_BEARER_TOKEN_BEDROCK'],
  // Seen, not documented.
  keyPrefixes: [{ prefix: 'ABSK' }],
  console: 'https://console.aws.amazon.com/bedrock',
  variables: [{ name: 'region', env: ['AWS_REGION', 'AWS_DEFAULT_REGION'], default: 'us-east-1' }],
  telemetryName: 'aws.bedrock',
  modelList: 'open',
  signs: [
    // "Too many tokens, please wait before trying again." is about speed.
    { code: 'rate_limited', type: 'ThrottlingException' },
    {
      code: 'invalid_key',
      type: [
        'UnrecognizedClientException',
        'InvalidSignatureException',
        'AccessDeniedException',
        'ExpiredTokenException',
      ],
    },
    { code: 'context_too_long', type: 'ValidationException', message: 'Input is too long' },
    { code: 'overloaded', type: 'ServiceUnavailableException' },
    { code: 'upstream_error', type: 'ModelErrorException' },
  ],
}
