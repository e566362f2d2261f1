import { anthropicMessages } from './anthropic-messages/index.ts'
import { googleGenerativeAi } from './google-generative-ai/index.ts'
import { openaiCompletions } from './openai-completions/index.ts'
import { openaiResponses } from './openai-responses/index.ts'
import type { WireProtocol } from './wire-protocol.ts'

/** Every protocol Candor speaks, both ways. Adding one is its folder and its line here. */
export const WIRE_PROTOCOLS: readonly WireProtocol[] = [
  openaiCompletions,
  openaiResponses,
  anthropicMessages,
  googleGenerativeAi,
]
