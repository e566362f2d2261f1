import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import type { EncodedReply, ReplyContext } from '../wire-protocol.ts'
import { openReplyWriter, type Piece } from './reply-writer.ts'

interface Message {
  content: string | null
  refusal: string | null
  reasoning: string
  readonly details: JsonValue[]
  readonly annotations: JsonValue[]
  readonly calls: Map<number, Record<string, JsonValue>>
  logprobs: JsonObject | null
  finish: string | null
}

/** Writes a whole reply: the pieces of the stream, put together. */
export function encodeReply(events: readonly Event[], context: ReplyContext): EncodedReply {
  const writer = openReplyWriter(context)
  const messages = new Map<number, Message>()
  for (const event of events) {
    for (const piece of writer.push(event)) {
      const message = messages.get(piece.choice) ?? emptyMessage()
      messages.set(piece.choice, message)
      join(message, piece)
    }
  }
  const { id, created, model } = writer.head()
  const usage = writer.usage()
  const choices = [...messages].sort(([a], [b]) => a - b).map(([index, message]) => choiceOf(index, message))
  const body = { id, object: 'chat.completion', created, model, choices, ...(usage === undefined ? {} : { usage }) }
  return { body, unsaid: writer.unsaid() }
}

function emptyMessage(): Message {
  return {
    content: null,
    refusal: null,
    reasoning: '',
    details: [],
    annotations: [],
    calls: new Map(),
    logprobs: null,
    finish: null,
  }
}

function join(message: Message, piece: Piece): void {
  const { delta } = piece
  const content = asString(delta.content)
  if (content !== undefined) message.content = (message.content ?? '') + content
  const refusal = asString(delta.refusal)
  if (refusal !== undefined) message.refusal = (message.refusal ?? '') + refusal
  message.reasoning += asString(delta.reasoning_content) ?? ''
  message.details.push(...asArray(delta.reasoning_details))
  message.annotations.push(...asArray(delta.annotations))
  for (const call of asArray(delta.tool_calls)) joinCall(message.calls, asObject(call) ?? {})
  if (piece.logprobs !== undefined) message.logprobs = joinLogprobs(message.logprobs, piece.logprobs)
  message.finish = piece.finish ?? message.finish
}

function joinCall(calls: Message['calls'], piece: JsonObject): void {
  const index = asNumber(piece.index) ?? 0
  const known = calls.get(index)
  if (known === undefined) {
    const { index: _place, ...call } = piece
    calls.set(index, call as Record<string, JsonValue>)
    return
  }
  const field = known.type === 'custom' ? 'custom' : 'function'
  const text = field === 'custom' ? 'input' : 'arguments'
  const before = asObject(known[field])
  const more = asString(asObject(piece[field])?.[text]) ?? ''
  known[field] = { ...before, [text]: (asString(before?.[text]) ?? '') + more }
}

/** OpenAI's two lists, one for each kind of text. */
function joinLogprobs(before: JsonObject | null, more: JsonObject): JsonObject {
  const list = (key: 'content' | 'refusal') => {
    const joined = [...asArray(before?.[key]), ...asArray(more[key])]
    return joined.length === 0 ? null : joined
  }
  return { content: list('content'), refusal: list('refusal') }
}

function choiceOf(index: number, message: Message): JsonObject {
  return {
    index,
    message: {
      role: 'assistant',
      content: message.content,
      refusal: message.refusal,
      ...(message.reasoning === '' ? {} : { reasoning_content: message.reasoning }),
      ...(message.details.length === 0 ? {} : { reasoning_details: message.details }),
      ...(message.annotations.length === 0 ? {} : { annotations: message.annotations }),
      ...(message.calls.size === 0 ? {} : { tool_calls: [...message.calls.values()] }),
    },
    logprobs: message.logprobs,
    finish_reason: message.finish,
  }
}
