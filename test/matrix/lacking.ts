import type { ProtocolId } from '../../src/canon/protocol.ts'

const COMPLETIONS: ProtocolId = 'openai-completions'
const RESPONSES: ProtocolId = 'openai-responses'
const MESSAGES: ProtocolId = 'anthropic-messages'
const GEMINI: ProtocolId = 'google-generative-ai'

/** Features a protocol has no words for in a request, so that no fixture can stand there. */
export const LACKING_REQUESTS: Readonly<Record<string, readonly ProtocolId[]>> = {
  audio: [MESSAGES],
  'cache-marks': [COMPLETIONS, GEMINI],
  'carried-from-anthropic': [MESSAGES],
  'carried-from-completions': [COMPLETIONS],
  'carried-from-gemini': [GEMINI],
  'carried-from-responses': [RESPONSES],
  'citations-history': [GEMINI],
  'custom-tool': [MESSAGES, GEMINI],
  developer: [MESSAGES, GEMINI],
  'developer-inside': [MESSAGES, GEMINI],
  'document-cited': [COMPLETIONS, RESPONSES, GEMINI],
  'document-url': [COMPLETIONS],
  hot: [MESSAGES],
  'image-detail': [MESSAGES],
  'image-file': [COMPLETIONS],
  'json-output': [MESSAGES],
  logprobs: [MESSAGES],
  metadata: [MESSAGES],
  'multi-choice': [RESPONSES, MESSAGES],
  'no-limit': [MESSAGES],
  'older-function-broken-arguments': [RESPONSES, MESSAGES, GEMINI],
  'older-functions': [RESPONSES, MESSAGES, GEMINI],
  'one-call-at-most': [GEMINI],
  'participant-name': [RESPONSES, MESSAGES, GEMINI],
  'prompt-cache': [MESSAGES, GEMINI],
  'refusal-history': [MESSAGES, GEMINI],
  'repeated-ids': [RESPONSES, MESSAGES, GEMINI],
  'seed-and-penalties': [RESPONSES, MESSAGES],
  'server-tool': [COMPLETIONS],
  'server-tool-history': [COMPLETIONS],
  stop: [RESPONSES],
  store: [MESSAGES],
  streamed: [GEMINI],
  'system-inside': [GEMINI],
  'thinking-budget': [RESPONSES],
  'thinking-shown': [COMPLETIONS],
  'tool-broken-arguments': [MESSAGES, GEMINI],
  'tool-choice-allowed': [MESSAGES],
  'tool-result-error': [COMPLETIONS, RESPONSES],
  'tool-result-image': [COMPLETIONS],
  'tool-without-schema': [MESSAGES],
  'top-k': [RESPONSES],
  user: [GEMINI],
  verbosity: [MESSAGES, GEMINI],
  video: [COMPLETIONS, RESPONSES, MESSAGES],
  'without-call-ids': [COMPLETIONS, RESPONSES, MESSAGES],
}

/** Features a protocol has no words for in a reply. */
export const LACKING_REPLIES: Readonly<Record<string, readonly ProtocolId[]>> = {
  'multi-choice': [RESPONSES, MESSAGES],
  'prompt-refused': [COMPLETIONS, RESPONSES, MESSAGES],
  refusal: [MESSAGES, GEMINI],
  'stop-sequence': [COMPLETIONS, RESPONSES, GEMINI],
  'usage-with-cache-written': [GEMINI],
}

/** Errors a protocol has no word of its own for. */
export const LACKING_ERRORS: Readonly<Record<string, readonly ProtocolId[]>> = {
  'content-refused': [MESSAGES, GEMINI],
  'no-quota': [MESSAGES],
}
