import type { JsonObject } from '../../src/base/json-value.ts'
import { packCallId, packReasoning } from '../../src/canon/reasoning-carrier.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { Seals } from '../../src/wire/wire-protocol.ts'

/** The seals of the protocol with that id. */
export function sealsOf(id: string): Seals {
  const seals = WIRE_PROTOCOLS.find(protocol => protocol.id === id)?.seals
  if (seals === undefined) throw new Error(id)
  return seals
}

/** What a Gemini provider signed. */
export const carrier = packReasoning({ origin: 'google-generative-ai', signature: 'CiQB==' })
/** What nobody signed. */
export const named = packReasoning({ origin: 'openai-completions' })
/** The id of a signed call. */
export const packed = packCallId('call_1', carrier)
/** As Gemini's field of bytes has it. */
export const base64 = (text: string) => Buffer.from(text).toString('base64')

/** Messages: blocks, a message of the model's, and a budget for thinking. */
export const thinking = (signature: string) => ({ type: 'thinking', thinking: 'Hm.', signature })
export const redacted = (data: string) => ({ type: 'redacted_thinking', data })
export const use = (id: string) => ({ type: 'tool_use', id, name: 'f', input: { signature: 'x' } })
export const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' })
export const said = (...content: JsonObject[]) => ({ role: 'assistant', content, extra: 1 })
export const budget = { type: 'enabled', budget_tokens: 1024 }

/** Chat Completions: an entry of `reasoning_details`, a call, and Google's field. */
export const detail = (signature: string) => ({ type: 'reasoning.text', text: 'Hm.', signature, index: 0 })
export const chatCall = (id: string, more: JsonObject = {}) => ({
  id,
  type: 'function',
  function: { name: 'f' },
  ...more,
})
export const google = (words: string, more: JsonObject = {}) => ({
  extra_content: { google: { thought_signature: words, ...more } },
})

/** Responses: items. */
export const reasoning = (encrypted_content: string, more: JsonObject = {}) => ({
  type: 'reasoning',
  id: 'rs_1',
  summary: [],
  encrypted_content,
  ...more,
})
export const itemCall = (call_id: string, more: JsonObject = {}) => ({
  type: 'function_call',
  call_id,
  name: 'f',
  ...more,
})
export const output = (call_id: string) => ({ type: 'function_call_output', call_id, output: 'ok', id: 'fco_1' })

/** Gemini: a content of the model's, parts, and the placeholder for calls that nobody signed. */
export const model = (...parts: JsonObject[]) => ({ role: 'model', parts })
export const thought = (more: JsonObject = {}) => ({ text: 'Hm.', thought: true, ...more })
export const called = (more: JsonObject = {}) => ({
  functionCall: { name: 'f', args: { thoughtSignature: 'x' } },
  ...more,
})
export const signed = (words: string) => ({ thoughtSignature: words })
export const answer = { text: 'A', partMetadata: {} }
export const SKIP = 'skip_thought_signature_validator'
