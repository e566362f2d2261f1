import { createHash } from 'node:crypto'
import { parseJson } from '../base/json.ts'
import type { JsonObject, JsonValue } from '../base/json-value.ts'
import type { Answer, Ask } from './ask.ts'

/** What a reply must know beside the answer. */
export interface AnthropicReply {
  readonly ask: Ask
  readonly answer: Answer
  readonly requestNumber: number
  /** Whose signatures these are: another provider's are refused. */
  readonly signer: string
  readonly cacheRead: number
  readonly cacheWrite: number
  /** Id of the n-th call of a reply. */
  callId(name: string, index: number, requestNumber: number): string
}

/** The signature over a thinking text: the same provider always signs the same text the same way, so it can be checked later. */
export function signatureOf(signer: string, thinking: string): string {
  return `SIM${createHash('sha256').update(`${signer}:${thinking}`).digest('base64')}`
}

/** Reasoning that is given only sealed. */
export function sealedReasoning(signer: string): string {
  return signatureOf(signer, 'redacted')
}

/** The whole reply. */
export function anthropicWhole(reply: AnthropicReply): JsonObject {
  const { answer, ask } = reply
  return {
    id: idOf(reply),
    type: 'message',
    role: 'assistant',
    model: ask.model,
    content: wholeBlocks(reply),
    stop_reason: stopReason(answer),
    stop_sequence: answer.stopSequence ?? null,
    ...(answer.refusal ? { stop_details: null } : {}),
    usage: { ...inputUsage(reply), output_tokens: answer.outputTokens + answer.reasoningTokens },
  }
}

/** The stream's events in wire form. A ping stands behind the first block's start, as recorded from the real one. */
export function* anthropicEvents(reply: AnthropicReply): Iterable<string> {
  const { answer } = reply
  yield event('message_start', {
    message: {
      id: idOf(reply),
      type: 'message',
      role: 'assistant',
      model: reply.ask.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...inputUsage(reply), output_tokens: 1 },
    },
  })
  yield event('ping', {})
  yield* blockEvents(reply)
  yield event('message_delta', {
    delta: {
      stop_reason: stopReason(answer),
      stop_sequence: answer.stopSequence ?? null,
      ...(answer.refusal ? { stop_details: null } : {}),
    },
    usage: { output_tokens: answer.outputTokens + answer.reasoningTokens },
  })
  yield event('message_stop', {})
}

function* blockEvents(reply: AnthropicReply): Iterable<string> {
  const { answer, signer } = reply
  let index = 0
  if (answer.reasoning.length > 0 && answer.redacted) {
    yield* oneBlock(index, { type: 'redacted_thinking', data: sealedReasoning(signer) }, [])
    index += 1
  } else if (answer.reasoning.length > 0) {
    const signature = signatureOf(signer, answer.reasoning.join(''))
    const deltas = answer.reasoning.map(thinking => ({ type: 'thinking_delta', thinking }))
    const signed = [...deltas, { type: 'signature_delta', signature }]
    yield* oneBlock(index, { type: 'thinking', thinking: '', signature: '' }, signed)
    index += 1
  }
  if (answer.text.length > 0) {
    yield event('content_block_start', { index, content_block: { type: 'text', text: '' } })
    const before = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"text_delta","text":`
    for (const piece of answer.text) yield `${before}${JSON.stringify(piece)}}}\n\n`
    yield event('content_block_stop', { index })
    index += 1
  }
  for (const [at, call] of answer.calls.entries()) {
    const start = { type: 'tool_use', id: reply.callId(call.name, at, reply.requestNumber), name: call.name, input: {} }
    // The first piece is empty in real streams, and a call without arguments has no other.
    const inputs = call.input === '{}' ? [''] : ['', ...(call.input.match(/[\s\S]{1,12}/gu) ?? [])]
    yield* oneBlock(
      index,
      start,
      inputs.map(text => ({ type: 'input_json_delta', partial_json: text })),
    )
    index += 1
  }
}

function* oneBlock(index: number, start: JsonObject, deltas: readonly JsonObject[]): Iterable<string> {
  yield event('content_block_start', { index, content_block: start })
  for (const delta of deltas) yield event('content_block_delta', { index, delta })
  yield event('content_block_stop', { index })
}

function wholeBlocks(reply: AnthropicReply): JsonValue[] {
  const { answer, signer } = reply
  const blocks: JsonValue[] = []
  const thinking = answer.reasoning.join('')
  if (thinking !== '' && answer.redacted) blocks.push({ type: 'redacted_thinking', data: sealedReasoning(signer) })
  else if (thinking !== '') blocks.push({ type: 'thinking', thinking, signature: signatureOf(signer, thinking) })
  if (answer.text.length > 0) blocks.push({ type: 'text', text: answer.text.join('') })
  for (const [at, call] of answer.calls.entries()) {
    const input = parseJson(call.input)
    blocks.push({
      type: 'tool_use',
      id: reply.callId(call.name, at, reply.requestNumber),
      name: call.name,
      input: input.ok ? input.value : {},
    })
  }
  return blocks
}

function inputUsage(reply: AnthropicReply): JsonObject {
  return {
    input_tokens: reply.ask.inputTokens - reply.cacheRead - reply.cacheWrite,
    cache_creation_input_tokens: reply.cacheWrite,
    cache_read_input_tokens: reply.cacheRead,
  }
}

function stopReason(answer: Answer): string {
  switch (answer.stop) {
    case 'tools':
      return 'tool_use'
    case 'length':
      return 'max_tokens'
    case 'stop-sequence':
      return 'stop_sequence'
    case 'refusal':
      return 'refusal'
    case 'end':
      return 'end_turn'
  }
}

function event(type: string, fields: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}

function idOf(reply: AnthropicReply): string {
  return `msg_sim${reply.requestNumber}`
}
