import type { JsonObject, JsonValue } from '../../base/json-value.ts'
import type { OpaquePart, Part, ReasoningPart, ToolCallPart, ToolResultPart, Turn } from '../../canon/request.ts'
import { loseSignature, placeInside } from '../places.ts'
import { type Draft, lossOf } from '../settings.ts'
import { loseCitations, type Writing, writeContent, writeMark } from './encode-content.ts'
import { NO_CUSTOM_TOOLS } from './encode-tools.ts'
import { PROTOCOL } from './protocol.ts'
import { restoreDetails, writeDetails } from './reasoning-details.ts'

/** Writes the conversation. */
export function writeMessages(turns: readonly Turn[], writing: Writing): JsonObject[] {
  return turns.flatMap(turn => writeTurn(turn, writing))
}

function writeTurn(turn: Turn, writing: Writing): JsonObject[] {
  const name = turn.name === undefined ? {} : { name: turn.name }
  switch (turn.role) {
    case 'system':
      return [{ role: 'system', content: writeContent(turn.parts, writing), ...name }]
    case 'developer': {
      const role = writing.quirks.noDeveloperRole === true ? 'system' : 'developer'
      return [{ role, content: writeContent(turn.parts, writing), ...name }]
    }
    case 'user':
      return writeUser(turn, name, writing)
    case 'assistant':
      return [{ role: 'assistant', ...writeAssistant(turn.parts, writing), ...name }]
  }
}

/** Results stand first: they must follow the message with the calls. */
function writeUser(turn: Turn, name: JsonObject, writing: Writing): JsonObject[] {
  const results = turn.parts.filter(part => part.type === 'tool-result')
  const rest = turn.parts.filter(part => part.type !== 'tool-result')
  const tools = results.map(part => writeToolResult(part, writing))
  if (rest.length === 0 && results.length > 0) return tools
  return [...tools, { role: 'user', content: writeContent(rest, writing), ...name }]
}

function writeToolResult(part: ToolResultPart, writing: Writing): JsonObject {
  const { losses } = writing
  const content = part.content.filter(inner => {
    if (inner.type === 'text' || inner.type === 'opaque') return true
    if (inner.type === 'document' && inner.source.type === 'text') return true
    losses.push(lossOf('tool_result_media', inner.at, 'a tool message holds text only'))
    return false
  })
  if (part.failed)
    losses.push(lossOf('tool_result_error', part.at, 'a tool message has no mark for failure; its text is kept'))
  const { cache_control: mark } = writeMark(part, writing)
  if (mark !== undefined && content.length === 0)
    losses.push(
      lossOf(
        'cache_marks',
        placeInside(part, 'cache', writing.from),
        'an empty tool message has no place for a cache mark',
      ),
    )
  const text = writeContent(markLast(content, mark), writing)
  return { role: 'tool', tool_call_id: writing.ids.forResult(part.callId, false).id, content: text }
}

/** A mark on the whole result stands on its last part. */
function markLast(parts: readonly Part[], cache: JsonObject | undefined): readonly Part[] {
  const last = parts.at(-1)
  return last === undefined || cache === undefined ? parts : [...parts.slice(0, -1), { ...last, cache }]
}

function writeAssistant(parts: readonly Part[], writing: Writing): Draft {
  const { losses } = writing
  const calls = parts.filter(part => part.type === 'tool-call')
  const content = writeOwnContent(parts, writing)
  const refusal = parts.flatMap(part => (part.type === 'refusal' ? [part.text] : [])).join('')
  const message: Draft = { content: content ?? (calls.length > 0 || refusal !== '' ? null : '') }
  if (refusal !== '') message.refusal = refusal
  writeReasoningHistory(parts, calls.length > 0, writing, message)
  if (calls.length > 0) message.tool_calls = calls.map(call => writeCall(call, writing))
  for (const part of parts) {
    if (part.type === 'opaque') writeOpaque(part, message, writing)
    else if (part.type === 'image' || part.type === 'document' || part.type === 'audio')
      losses.push(lossOf('opaque_parts', part.at, `an assistant message cannot hold ${part.type} content`))
  }
  return message
}

/** The only part of this kind in an assistant message is the id of spoken output. */
function writeOpaque({ name, protocol, value, at }: OpaquePart, message: Draft, writing: Writing): void {
  if (protocol === PROTOCOL && name === 'audio') message.audio = value
  else writing.losses.push(lossOf('opaque_parts', at, `"${name}" is known to its own protocol only`))
}

/**
 * The model's own text. Pieces that followed each other belong together (a text with citations comes in pieces); where something stood
 * between them, an empty line does now.
 */
function writeOwnContent(parts: readonly Part[], writing: Writing): JsonValue | undefined {
  const texts: { text: string; cache_control?: JsonObject }[] = []
  let joins = false
  for (const part of parts) {
    if (part.type !== 'text') {
      joins = false
      continue
    }
    loseCitations(part, writing)
    const mark = writeMark(part, writing)
    const last = texts.at(-1)
    if (joins && last !== undefined && last.cache_control === undefined)
      texts[texts.length - 1] = { text: last.text + part.text, ...mark }
    else texts.push({ text: part.text, ...mark })
    joins = true
  }
  if (texts.length === 0) return undefined
  if (texts.every(piece => piece.cache_control === undefined)) return texts.map(piece => piece.text).join('\n\n')
  return texts.map(piece => ({ type: 'text', ...piece }))
}

function writeCall(call: ToolCallPart, writing: Writing): JsonObject {
  const { from, losses } = writing
  if (call.cache !== undefined)
    losses.push(lossOf('cache_marks', placeInside(call, 'cache', from), 'a tool call has no place for a cache mark'))
  loseSignature(call, from, (parameter, at, reason) => losses.push(lossOf(parameter, at, reason)))
  const id = writing.ids.forCall(call.id, call.custom)
  const { name } = call
  if (!call.custom)
    return { id, type: 'function', function: { name, arguments: call.input === '' ? '{}' : call.input } }
  if (writing.quirks.noCustomTools !== true) return { id, type: 'custom', custom: { name, input: call.input } }
  losses.push(lossOf('custom_tools', call.at, NO_CUSTOM_TOOLS))
  return { id, type: 'function', function: { name, arguments: JSON.stringify({ input: call.input }) } }
}

/** Brings earlier reasoning back in the field the provider reads it from. */
function writeReasoningHistory(parts: readonly Part[], hasCalls: boolean, writing: Writing, message: Draft): void {
  const field = writing.quirks.replayReasoning
  const history = parts.filter(part => part.type === 'reasoning')
  if (field === 'reasoning_details') {
    const entries = history.flatMap(part => writeEntries(part, writing))
    if (entries.length > 0) message.reasoning_details = entries.map((entry, index) => ({ index, ...entry }))
    return
  }
  const texts: string[] = []
  for (const part of history) {
    if (field !== undefined && part.text !== '') texts.push(part.text)
    else loseReasoning(part, field === undefined ? 'this provider does not take it back' : 'it is encrypted', writing)
  }
  if (field === undefined) return
  if (texts.length > 0) message[field] = texts.join('\n\n')
  else if (hasCalls && field === 'reasoning_content') assumeEmpty(message, writing)
}

/** DeepSeek and Kimi refuse a conversation in which a message with tool calls lacks the field, also if there was no thinking. */
function assumeEmpty(message: Draft, { assumptions }: Writing): void {
  message.reasoning_content = ''
  const path = 'messages[].reasoning_content'
  if (!assumptions.some(told => told.path === path))
    assumptions.push({ path, value: '""', reason: 'must be there beside tool calls, and the client sent no reasoning' })
}

/** Signatures go back to their own kind only; the text of a foreign one can still be read. */
function writeEntries(part: ReasoningPart, writing: Writing): JsonObject[] {
  const origin = part.origin ?? writing.from
  if (origin === 'anthropic-messages') return writeDetails(part.text, part.signature, part.redacted)
  if (origin === PROTOCOL && part.details !== undefined) return restoreDetails(part.details, part.text)
  if (part.text !== '') return writeDetails(part.text, undefined, undefined)
  loseReasoning(part, 'it is encrypted for another provider', writing)
  return []
}

function loseReasoning(part: ReasoningPart, reason: string, writing: Writing): void {
  writing.losses.push(lossOf('reasoning_history', part.at, `earlier thinking is left out: ${reason}`))
}
