import { geminiModels } from '../gemini-models.ts'
import type { Provider } from '../provider.ts'

/** Google's Gemini API with keys of AI Studio. */
export const google: Provider = {
  id: 'google',
  name: 'Google Gemini',
  billing: 'metered',
  endpoints: [
    // ai.google.dev, both.
    {
      protocol: 'google-generative-ai',
      baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
      auth: 'x-goog-api-key',
      clients: 'any',
      countsTokens: true,
      embeds: true,
      quirks: {
        byModel: [
          ...geminiModels,
          // Taken by Vertex AI only.
          { models: '(?:^|/)gemini-2\\.5', quirks: { refuses: ['frequency_penalty', 'presence_penalty'] } },
        ],
      },
    },
    {
      protocol: 'openai-completions',
      baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
      auth: 'bearer',
      clients: 'any',
      embeds: true,
      // Gemini 3 demands the signatures of its tool calls back. Here they stand in a field of Google's own (`extra_content`) that most Chat
      // Completions clients drop, and their next turn is refused; translated, they travel in the call's id.
      imitation: true,
      // ai.google.dev/gemini-api/docs/openai shows functions only.
      quirks: { noCustomTools: true },
    },
  ],
  env: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
  // The second is the newer kind, seen but not documented.
  keyPrefixes: [{ prefix: 'AIza' }, { prefix: 'AQ.' }],
  console: 'https://aistudio.google.com/apikey',
  telemetryName: 'gcp.gemini',
  modelList: 'open',
  pricesFrom: 'google',
  // ai.google.dev/gemini-api/docs, troubleshooting and api-errors
  signs: [
    // Under status 400.
    { code: 'invalid_key', errorCode: 'API_KEY_INVALID' },
    { code: 'invalid_key', message: 'API key not valid' },
    // A blocked key, or one whose project has the API switched off.
    { code: 'invalid_key', status: 403, type: 'PERMISSION_DENIED' },
    { code: 'balance_exhausted', status: 402, type: 'RESOURCE_EXHAUSTED' },
    // The quota's id tells a daily limit from one per minute; the message mentions billing in both.
    { code: 'plan_exhausted', status: 429, body: /"quotaId"\s*:\s*"[^"]*PerDay/i, window: 'daily' },
    { code: 'rate_limited', status: 429, type: 'RESOURCE_EXHAUSTED' },
    // The free tier does not reach the country, or billing is off.
    { code: 'region_blocked', status: 400, type: 'FAILED_PRECONDITION' },
    { code: 'upstream_model_not_found', type: 'NOT_FOUND' },
    { code: 'overloaded', type: 'UNAVAILABLE' },
    { code: 'timeout', type: 'DEADLINE_EXCEEDED' },
  ],
}
