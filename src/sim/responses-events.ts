import { asObject, asString, type JsonObject } from '../base/json-value.ts'
import { openAiEnvelope } from './failure.ts'
import type { Envelope, Failure } from './reply.ts'
import {
  endOf,
  messagePart,
  messageText,
  outputItems,
  type ResponsesReply,
  reasoningItem,
  responseObject,
  summarises,
} from './responses-write.ts'

/** Every event has a number; a failure inside the stream goes on counting. */
export interface Sequence {
  next: number
}

/** Longest filler behind a delta. */
const FILLER = 'simulatedfillers'
/** Characters of arguments in one event. */
const INPUT_PIECE = /[\s\S]{1,12}/gu

/** The stream's events in wire form, in the order recorded from the real one. */
export function* responsesEvents(reply: ResponsesReply, sequence: Sequence): Iterable<string> {
  const began = { response: responseObject(reply, 'in_progress', []) }
  yield event(sequence, 'response.created', began)
  yield event(sequence, 'response.in_progress', began)
  const items = reply.failed ? [] : outputItems(reply)
  for (const [at, item] of items.entries()) yield* itemEvents(reply, sequence, item, at)
  const end = endOf(reply)
  yield event(sequence, `response.${end}`, { response: responseObject(reply, end, items) })
}

/** Tells errors as Responses do: inside a stream first by themselves, then as the end of the reply (recorded from the real one). */
export function responsesEnvelope(reply: ResponsesReply, sequence: Sequence): Envelope {
  return {
    body: openAiEnvelope.body,
    event(failure) {
      const error = { type: 'server_error', code: codeOf(failure), message: failure.message }
      const failed = { ...responseObject(reply, 'failed', []), error: { code: error.code, message: error.message } }
      return (
        event(sequence, 'error', { error: { ...error, param: null } }) +
        event(sequence, 'response.failed', { response: failed })
      )
    },
  }
}

/** Codex takes this code for a lack of capacity (openai/codex, codex-api). */
function codeOf(failure: Failure): string {
  return failure.code ?? (failure.status === 503 || failure.status === 529 ? 'server_is_overloaded' : 'server_error')
}

function* itemEvents(reply: ResponsesReply, sequence: Sequence, item: JsonObject, at: number): Iterable<string> {
  const place = { item_id: asString(item.id) ?? '', output_index: at }
  yield event(sequence, 'response.output_item.added', { output_index: at, item: opened(reply, item) })
  switch (item.type) {
    case 'reasoning':
      if (summarises(reply)) yield* summaryEvents(reply, sequence, place)
      break
    case 'message':
      yield* messageEvents(reply, sequence, place)
      break
    case 'custom_tool_call':
      yield* inputEvents(reply, sequence, place, { type: 'custom_tool_call_input', field: 'input', item })
      break
    default:
      yield* inputEvents(reply, sequence, place, { type: 'function_call_arguments', field: 'arguments', item })
  }
  yield event(sequence, 'response.output_item.done', { output_index: at, item })
}

/** An item before anything of it is there. */
function opened(reply: ResponsesReply, item: JsonObject): JsonObject {
  switch (item.type) {
    case 'reasoning':
      return reasoningItem(reply, '')
    case 'message':
      return { ...item, status: 'in_progress', content: [] }
    case 'custom_tool_call':
      return { ...item, status: 'in_progress', input: '' }
    default:
      return { ...item, status: 'in_progress', arguments: '' }
  }
}

interface Place {
  readonly item_id: string
  readonly output_index: number
}

function* summaryEvents(reply: ResponsesReply, sequence: Sequence, at: Place): Iterable<string> {
  const place = { ...at, summary_index: 0 }
  const text = reply.answer.reasoning.join('')
  const part = (said: string) => ({ ...place, part: { type: 'summary_text', text: said } })
  yield event(sequence, 'response.reasoning_summary_part.added', part(''))
  yield* deltas(reply, sequence, 'response.reasoning_summary_text.delta', place, reply.answer.reasoning)
  yield event(sequence, 'response.reasoning_summary_text.done', { ...place, text })
  yield event(sequence, 'response.reasoning_summary_part.done', part(text))
}

function* messageEvents(reply: ResponsesReply, sequence: Sequence, at: Place): Iterable<string> {
  const place = { ...at, content_index: 0 }
  const text = messageText(reply)
  yield event(sequence, 'response.content_part.added', { ...place, part: messagePart(reply, '') })
  if (reply.answer.refusal) {
    yield* deltas(reply, sequence, 'response.refusal.delta', place, [text])
    yield event(sequence, 'response.refusal.done', { ...place, refusal: text })
  } else {
    yield* deltas(reply, sequence, 'response.output_text.delta', { ...place, logprobs: [] }, reply.answer.text)
    yield event(sequence, 'response.output_text.done', { ...place, text, logprobs: [] })
  }
  yield event(sequence, 'response.content_part.done', { ...place, part: messagePart(reply, text) })
}

interface Input {
  readonly type: string
  readonly field: 'arguments' | 'input'
  readonly item: JsonObject
}

function* inputEvents(reply: ResponsesReply, sequence: Sequence, place: Place, input: Input): Iterable<string> {
  const whole = asString(input.item[input.field]) ?? ''
  yield* deltas(reply, sequence, `response.${input.type}.delta`, { ...place }, whole.match(INPUT_PIECE) ?? [])
  yield event(sequence, `response.${input.type}.done`, { ...place, [input.field]: whole })
}

/** Events that differ only in their piece and number are put together as text: there may be very many. */
function* deltas(
  reply: ResponsesReply,
  sequence: Sequence,
  type: string,
  fields: JsonObject,
  pieces: readonly string[],
): Iterable<string> {
  const before = `event: ${type}\ndata: ${JSON.stringify({ type, ...fields }).slice(0, -1)},"sequence_number":`
  const fills = asObject(reply.body.stream_options)?.include_obfuscation !== false
  for (const piece of pieces) {
    const filler = fills ? `,"obfuscation":"${FILLER.slice(piece.length % FILLER.length)}"` : ''
    yield `${before}${sequence.next},"delta":${JSON.stringify(piece)}${filler}}\n\n`
    sequence.next += 1
  }
}

function event(sequence: Sequence, type: string, fields: JsonObject): string {
  const data = { type, sequence_number: sequence.next, ...fields }
  sequence.next += 1
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
}
