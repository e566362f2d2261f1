import type { JsonObject } from '../base/json-value.ts'
import type { Seen } from './media.ts'

/** A tool the model is offered. */
export interface OfferedTool {
  readonly name: string
  readonly schema: JsonObject
  /** Takes free text, not JSON. */
  readonly custom?: boolean
}

/** What of a request decides the answer, whatever the protocol. */
export interface Ask {
  readonly model: string
  readonly stream: boolean
  /** Text of the last user message that has any; directives such as `[[tools]]` are read from it. */
  readonly text: string
  /** Images and files that came with that message or later, in words. */
  readonly seen: readonly Seen[]
  /** Results of tools since that message, as text. */
  readonly toolResults: readonly string[]
  /** Replies with tool calls since that message. */
  readonly steps: number
  readonly tools: readonly OfferedTool[]
  /** `none`: no calls; `auto`: only on the directive; `required`: at least one; else the name of the one to call. */
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: string }
  readonly parallelTools: boolean
  readonly thinks: boolean
  readonly maxTokens?: number
  readonly stopSequences: readonly string[]
  /** The answer must be JSON, after this schema if one is given. */
  readonly json?: { readonly schema?: JsonObject }
  readonly inputTokens: number
}

/** A tool call the answer makes; `input` is JSON text, or free text for a custom tool. */
export interface Call {
  readonly name: string
  readonly input: string
  readonly custom?: boolean
}

/** An answer before it is put into a protocol. Texts are lists of pieces, one streamed event each and one token each. */
export interface Answer {
  readonly reasoning: readonly string[]
  /** The reasoning is given only sealed. */
  readonly redacted: boolean
  readonly text: readonly string[]
  readonly refusal: boolean
  readonly calls: readonly Call[]
  readonly stop: 'end' | 'length' | 'tools' | 'refusal' | 'stop-sequence'
  readonly stopSequence?: string
  /** Tokens of text and calls. */
  readonly outputTokens: number
  readonly reasoningTokens: number
  readonly splitCharacters: boolean
  readonly paceMs: number
}
