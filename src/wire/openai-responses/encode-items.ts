import type { JsonObject } from '../../base/json-value.ts'
import type { OpaquePart, Part, ReasoningPart, ToolCallPart, ToolResultPart, Turn } from '../../canon/request.ts'
import { loseSignature } from '../places.ts'
import type { Draft } from '../settings.ts'
import { loseMark, writeInputContent, writeOutputPart } from './encode-content.ts'
import { writeReasoningItem } from './item-reasoning.ts'
import { PROTOCOL } from './protocol.ts'
import type { Writing } from './writing.ts'

/**
 * Writes `input`, and `instructions` where the request had that field. Instructions of other protocols become messages in their places:
 * that keeps their roles, their number and what stands between them, and every server takes such messages, while `instructions` is one text
 * and is not taken by all.
 */
export function writeConversation(writing: Writing): Draft {
  const { turns } = writing.request
  const first = turns[0]
  const instructions = writing.own && first?.at === 'instructions' ? instructionsText(first) : undefined
  const rest = instructions === undefined ? turns : turns.slice(1)
  return {
    ...(instructions === undefined ? {} : { instructions }),
    input: rest.flatMap(turn => writeTurn(turn, writing)),
  }
}

function instructionsText(turn: Turn): string {
  return turn.parts.map(part => (part.type === 'text' ? part.text : '')).join('\n\n')
}

function writeTurn(turn: Turn, writing: Writing): JsonObject[] {
  if (turn.name !== undefined) writing.lose('participant_name', `${turn.at}.name`, 'messages have no names here')
  switch (turn.role) {
    case 'assistant':
      return writeAssistant(turn.parts, writing)
    case 'user':
      return writeClient('user', turn.parts, writing)
    case 'developer':
      return writeClient(writing.quirks.noDeveloperRole === true ? 'system' : 'developer', turn.parts, writing)
    case 'system':
      return writeClient('system', turn.parts, writing)
  }
}

/** Fields of a wire item that only this protocol reads, as they came. */
function ownFields(part: Part, { own }: Writing): JsonObject {
  return own ? (part.item ?? {}) : {}
}

/** What the client says: results and other items in their order, and a message for what stands between them. */
function writeClient(role: string, parts: readonly Part[], writing: Writing): JsonObject[] {
  const items: JsonObject[] = []
  let message: Part[] = []
  const close = () => {
    const [first] = message
    const content = writeInputContent(message, writing)
    message = []
    if (first !== undefined && content.length > 0)
      items.push({ type: 'message', role, content, ...ownFields(first, writing) })
  }
  for (const part of parts) {
    if (part.type !== 'tool-result' && !isItem(part)) message.push(part)
    else {
      close()
      items.push(part.type === 'tool-result' ? writeResult(part, writing) : part.value)
    }
  }
  close()
  return items
}

/** An opaque part of this protocol is an item or a piece of a message; `item` tells. */
function isItem(part: Part): part is OpaquePart {
  return part.type === 'opaque' && part.protocol === PROTOCOL && part.item !== undefined
}

function writeResult(part: ToolResultPart, writing: Writing): JsonObject {
  const { lose, ids } = writing
  if (part.failed) lose('tool_result_error', part.at, 'a result has no mark for failure; its text is kept')
  loseMark(part, writing)
  const { id, custom } = ids.forResult(part.callId, part.item?.type === 'custom_tool_call_output')
  return {
    type: custom ? 'custom_tool_call_output' : 'function_call_output',
    call_id: id,
    output: writeOutput(part, writing),
    ...ownFields(part, writing),
  }
}

/** Text alone is one text, which every server takes; the protocol's own lists stay lists. */
function writeOutput(part: ToolResultPart, writing: Writing): string | JsonObject[] {
  const content = part.content.filter(inner => {
    if (inner.type !== 'audio') return true
    writing.lose('tool_result_media', inner.at, 'a result cannot hold sound')
    return false
  })
  const written = writeInputContent(content, writing)
  const texts = written.map(piece =>
    piece.type === 'input_text' && piece.prompt_cache_breakpoint === undefined ? piece.text : undefined,
  )
  const plain = texts.every(text => typeof text === 'string') && (texts.length <= 1 || !writing.own)
  return plain ? texts.join('\n\n') : written
}

/** What the model wrote: items in their order. Texts and refusals that follow each other make one message, as far as they came as one. */
function writeAssistant(parts: readonly Part[], writing: Writing): JsonObject[] {
  const items: JsonObject[] = []
  let content: JsonObject[] | undefined
  for (const part of parts) {
    const item = writeItem(part, writing)
    if (item !== undefined) {
      content = undefined
      items.push(...item)
      continue
    }
    const written = writeOutputPart(part, writing)
    if (written.length === 0) continue
    if (content !== undefined && part.item === undefined) content.push(...written)
    else {
      content = written
      items.push({ type: 'message', role: 'assistant', content, ...ownFields(part, writing) })
    }
  }
  return items
}

/** A part that is an item of its own; undefined for a piece of a message. */
function writeItem(part: Part, writing: Writing): JsonObject[] | undefined {
  switch (part.type) {
    case 'tool-call':
      return [writeCall(part, writing)]
    case 'reasoning':
      return writeReasoning(part, writing)
    case 'opaque':
      return isItem(part) ? [part.value] : undefined
    default:
      return undefined
  }
}

function writeCall(part: ToolCallPart, writing: Writing): JsonObject {
  loseMark(part, writing)
  loseSignature(part, writing.request.from, writing.lose)
  const call_id = writing.ids.forCall(part.id, part.custom)
  const { name, input } = part
  const call = part.custom
    ? { type: 'custom_tool_call', call_id, name, input }
    : { type: 'function_call', call_id, name, arguments: input === '' ? '{}' : input }
  return { ...call, ...ownFields(part, writing) }
}

/** What a provider of this protocol wrote goes back as it came; any other would be refused, or taken for the model's own. */
function writeReasoning(part: ReasoningPart, writing: Writing): JsonObject[] {
  if ((part.origin ?? writing.request.from) === PROTOCOL) {
    const { text, signature, details } = part
    const words = { text, details: details ?? [], ...(signature === undefined ? {} : { signature }) }
    return [{ ...writeReasoningItem(words), ...ownFields(part, writing) }]
  }
  writing.lose('reasoning_history', part.at, "earlier thinking is left out: another protocol's provider wrote it")
  return []
}
