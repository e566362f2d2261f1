import { geminiModels } from '../gemini-models.ts'
import type { Provider } from '../provider.ts'

/**
 * Vertex AI in express mode, the only one with a static key. Its other modes want tokens that live an hour, made from Google's own
 * credentials: not served.
 */
export const vertex: Provider = {
  id: 'vertex',
  name: 'Google Vertex AI (express mode)',
  billing: 'metered',
  endpoints: [
    {
      // cloud.google.com, express mode; from general knowledge, not re-read.
      protocol: 'google-generative-ai',
      baseUrl: 'https://aiplatform.googleapis.com/v1/publishers/google',
      auth: 'x-goog-api-key',
      clients: 'any',
      // @google/genai 3.1 and @ai-sdk/google 4 leave these out here.
      quirks: { noCallIds: true, refuses: ['store', 'service_tier', 'civic_answers'], byModel: geminiModels },
    },
  ],
  env: ['GOOGLE_CLOUD_API_KEY'],
  telemetryName: 'gcp.vertex_ai',
  modelList: 'open',
  modelsFrom: 'google-vertex',
  pricesFrom: 'google',
  signs: [
    { code: 'invalid_key', status: 401, type: 'UNAUTHENTICATED' },
    { code: 'account_blocked', status: 403, type: 'PERMISSION_DENIED' },
    { code: 'rate_limited', status: 429, type: 'RESOURCE_EXHAUSTED' },
  ],
}
