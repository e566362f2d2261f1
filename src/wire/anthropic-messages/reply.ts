import { parseJson } from '../../base/json.ts'
import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import { problem } from '../../canon/problem.ts'
import type { EncodedReply, ReplyContext } from '../wire-protocol.ts'
import { decodeProblem } from './problem.ts'
import { openWireEventDecoder } from './stream-decoder.ts'
import { openWireEventEncoder } from './stream-encoder.ts'

/** Reads a whole message as the events it would have been told in. */
export function decodeReply(body: JsonObject): readonly Event[] {
  if (!Array.isArray(body.content)) return [notAMessage(body)]
  const decoder = openWireEventDecoder()
  const { stop_reason, stop_sequence, stop_details, usage, ...message } = body
  const start = decoder.take({ type: 'message_start', message })
  const delta = { stop_reason, stop_sequence, stop_details }
  const stop = [
    ...decoder.take({ type: 'message_delta', delta, usage }),
    ...decoder.take({ type: 'message_stop' }),
    ...decoder.end(),
  ]
  return [...start, ...stop]
}

/** Writes a whole message from events that end in `reply-end`. */
export function encodeReply(events: readonly Event[], context: ReplyContext): EncodedReply {
  const encoder = openWireEventEncoder(context)
  const unsaid = new Set<string>()
  let message: JsonObject = {}
  const blocks: Block[] = []
  for (const wire of events.flatMap(event => [...encoder.push(event)])) {
    if (wire.type === 'message_start') message = asObject(wire.message) ?? {}
    else if (wire.type === 'message_delta') message = closeMessage(message, wire)
    else if (wire.type === 'content_block_start') blocks.push({ wire: { ...asObject(wire.content_block) }, json: '' })
    else if (wire.type === 'content_block_delta') addDelta(blocks.at(-1), asObject(wire.delta) ?? {}, unsaid)
    else if (wire.type === 'error') message = wire
  }
  const body = message.type === 'error' ? message : { ...message, content: blocks.map(block => finish(block, unsaid)) }
  return { body, unsaid: [...new Set([...encoder.unsaid(), ...unsaid])] }
}

/** A content block under construction. */
interface Block {
  readonly wire: Record<string, JsonValue | undefined>
  /** The tool input, as JSON text. */
  json: string
}

/** Deltas that lengthen a text field of the block, and which. */
const TEXT_FIELDS: ReadonlyMap<string, string> = new Map([
  ['text_delta', 'text'],
  ['thinking_delta', 'thinking'],
  ['compaction_delta', 'content'],
])

function addDelta(block: Block | undefined, delta: JsonObject, unsaid: Set<string>): void {
  if (block === undefined) return
  const type = asString(delta.type) ?? ''
  const field = TEXT_FIELDS.get(type)
  if (field !== undefined) block.wire[field] = (asString(block.wire[field]) ?? '') + (asString(delta[field]) ?? '')
  else if (type === 'input_json_delta') block.json += asString(delta.partial_json) ?? ''
  else if (type === 'signature_delta') block.wire.signature = delta.signature
  else if (type === 'citations_delta' && delta.citation !== undefined)
    block.wire.citations = [...asArray(block.wire.citations), delta.citation]
  else unsaid.add('opaque delta')
}

/** Arguments that are not a JSON object have no place in `input`; their text is kept in a field of its own, and that is told. */
function finish(block: Block, unsaid: Set<string>): JsonObject {
  if (block.json.trim() === '') return block.wire
  const read = parseJson(block.json)
  if (read.ok && isObject(read.value)) return { ...block.wire, input: read.value }
  unsaid.add('tool input that is not a JSON object')
  return { ...block.wire, input: { arguments: block.json } }
}

function closeMessage(message: JsonObject, wire: JsonObject): JsonObject {
  return { ...message, ...asObject(wire.delta), usage: { ...asObject(message.usage), ...asObject(wire.usage) } }
}

/** Some servers put an error under status 200. */
function notAMessage(body: JsonObject): Event {
  const told = decodeProblem(200, body)
  const isError = body.type === 'error' || told.upstream?.message !== undefined
  const nothing = problem('upstream_protocol', 'The provider sent a reply that is not a message.', {
    fix: ['Ask again.'],
  })
  return { type: 'failure', problem: isError ? told : nothing }
}
