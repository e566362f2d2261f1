/** A place in the meaning of a request or a reply that differs between protocols, and why it must. */
export interface Difference {
  readonly at: string
  readonly because: string
}

/** What differs in every request. */
export const EVERYWHERE: readonly Difference[] = [
  { at: 'streamUsage', because: 'Chat Completions tells usage in a stream only where it is asked for' },
]

const MEDIA_TYPE: Difference = {
  at: 'turns[].parts[].source.mediaType',
  because: 'only Gemini must be told the kind of a file by its address; the others find it out',
}
const OWN_TOOLS: readonly Difference[] = ['name', 'protocol', 'value'].map(field => ({
  at: `tools[].${field}`,
  because: 'tools that a provider runs itself are in its own form',
}))
const SIGNATURES: readonly Difference[] = ['signature', 'redacted', 'details'].map(field => ({
  at: `turns[].parts[].${field}`,
  because: 'each provider signs or seals its reasoning in its own way and at its own place',
}))

/** By feature of requests. */
export const REQUEST_DIFFERENCES: Readonly<Record<string, readonly Difference[]>> = {
  'citations-history': [{ at: 'turns[].parts[].citations', because: 'citations stay in the form of their protocol' }],
  'document-url': [MEDIA_TYPE],
  'image-url': [MEDIA_TYPE],
  'image-file': [MEDIA_TYPE, { at: 'turns[].parts[].source.id', because: 'Gemini names its files by their address' }],
  'own-settings': [{ at: 'settings', because: 'what only one protocol has cannot be the same in another' }],
  'server-tool': OWN_TOOLS,
  'server-tool-history': [
    ...OWN_TOOLS,
    {
      at: 'turns[].parts[]',
      because: 'what a provider did itself is told in its own form, in as many pieces as it wants',
    },
  ],
  'structured-output': ['name', 'description', 'strict'].map(field => ({
    at: `format.${field}`,
    because: 'only OpenAI names the schema; Anthropic is always strict, and of Gemini nothing of the kind is known',
  })),
  thinking: [{ at: 'reasoning.mode', because: 'with an effort Anthropic leaves it to the model whether to think' }],
  'thinking-off': [{ at: 'reasoning.effort', because: 'in Anthropic and Gemini "none" is no effort' }],
  'thinking-sealed': SIGNATURES,
  'thinking-second-turn': SIGNATURES,
  'thinking-shown': [{ at: 'reasoning.show', because: 'each has its own word for a summary' }],
}

const EARLY_USAGE: readonly Difference[] = [
  { at: 'usage', because: 'only Anthropic counts the input at the beginning' },
]

/** By feature of replies. */
export const REPLY_DIFFERENCES: Readonly<Record<string, readonly Difference[]>> = {
  cut: EARLY_USAGE,
  'cut-in-a-call': EARLY_USAGE,
  failing: EARLY_USAGE,
  'failing-in-a-call': EARLY_USAGE,
}
