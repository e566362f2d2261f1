/** The wire protocols Candor knows by name. A provider's endpoints and a client's request each speak one. */
export type ProtocolId = 'openai-completions' | 'openai-responses' | 'anthropic-messages' | 'google-generative-ai'

/** All of them, in the order they are shown. */
export const PROTOCOL_IDS: readonly ProtocolId[] = [
  'openai-completions',
  'openai-responses',
  'anthropic-messages',
  'google-generative-ai',
]
