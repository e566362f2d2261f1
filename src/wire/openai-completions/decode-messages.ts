import { isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { unpackReasoning } from '../../canon/reasoning-carrier.ts'
import type { Part, ReasoningPart, ToolCallPart, ToolResultPart, Turn } from '../../canon/request.ts'
import { readCallId, type SignedCallId } from '../call-ids.ts'
import { maybeArray, maybeObject, maybeText, noteUnknown, type Reading, wantObject, wantText } from '../reading.ts'
import { cacheOf, readContent, readTextContent } from './decode-content.ts'
import { PROTOCOL } from './protocol.ts'
import { ANTHROPIC_FORMAT, textOf } from './reasoning-details.ts'

const COMMON = ['role', 'content', 'name', 'cache_control']
const PLAIN_FIELDS = new Set(COMMON)
const TOOL_FIELDS = new Set([...COMMON, 'tool_call_id'])
const ASSISTANT_FIELDS = new Set([
  ...COMMON,
  'refusal',
  'tool_calls',
  'function_call',
  'reasoning_content',
  'reasoning',
  'reasoning_text',
  'reasoning_details',
  'annotations',
  'audio',
])
/** The cache mark is no OpenAI field: opencode puts it here for models of Anthropic's. */
const CALL_FIELDS = new Set(['id', 'type', 'index', 'function', 'custom', 'cache_control'])

/** Reads the conversation. Consecutive `tool` messages become the results in one user turn. */
export function readMessages(messages: readonly JsonValue[], reading: Reading): Turn[] {
  const turns: Turn[] = []
  const legacyIds = new Map<string, string>()
  let results: ToolResultPart[] | undefined
  for (const [i, value] of messages.entries()) {
    const at = `messages[${i}]`
    const message = wantObject(value, at, reading)
    if (!isObject(value)) continue
    if (message.role === 'tool' || message.role === 'function') {
      const result = readToolResult(message, at, legacyIds, reading)
      if (results === undefined) {
        results = [result]
        turns.push({ role: 'user', parts: results, at })
      } else results.push(result)
      continue
    }
    results = undefined
    const turn = readTurn(message, at, i, legacyIds, reading)
    if (turn !== undefined) turns.push(turn)
  }
  return turns
}

function readTurn(
  message: JsonObject,
  at: string,
  position: number,
  legacyIds: Map<string, string>,
  reading: Reading,
): Turn | undefined {
  const { role } = message
  const name = maybeText(message.name, `${at}.name`, reading)
  const named = name === undefined ? {} : { name }
  switch (role) {
    case 'system':
    case 'developer':
      noteUnknown(message, PLAIN_FIELDS, at, reading)
      return {
        role,
        parts: marked(readTextContent(message.content, `${at}.content`, reading), message, at),
        at,
        ...named,
      }
    case 'user':
      noteUnknown(message, PLAIN_FIELDS, at, reading)
      return { role, parts: marked(readUser(message, at, reading), message, at), at, ...named }
    case 'assistant':
      noteUnknown(message, ASSISTANT_FIELDS, at, reading)
      return {
        role,
        parts: marked(readAssistant(message, at, position, legacyIds, reading), message, at),
        at,
        ...named,
      }
    default:
      reading.faults.push({
        path: `${at}.role`,
        rule: 'must be system, developer, user, assistant, tool or function',
      })
      return undefined
  }
}

/** What only a model writes cannot stand in a user's message. */
function readUser(message: JsonObject, at: string, reading: Reading): Part[] {
  const parts = readContent(message.content, `${at}.content`, reading)
  for (const part of parts) {
    if (part.type === 'refusal' || part.type === 'reasoning')
      reading.faults.push({ path: part.at, rule: 'belongs into an assistant message' })
  }
  return parts
}

/** A cache mark on the message counts for its last part. */
function marked(parts: readonly Part[], message: JsonObject, at: string): readonly Part[] {
  const last = parts.at(-1)
  const { cache } = cacheOf(message)
  if (last === undefined || cache === undefined || last.cache !== undefined) return parts
  const places = { ...last.places, cache: `${at}.cache_control` }
  return [...parts.slice(0, -1), { ...last, cache, places }]
}

/** A result. One of the older `function` messages answers the last call of that name. */
function readToolResult(
  message: JsonObject,
  at: string,
  legacyIds: ReadonlyMap<string, string>,
  reading: Reading,
): ToolResultPart {
  noteUnknown(message, TOOL_FIELDS, at, reading)
  const content = readContent(message.content, `${at}.content`, reading)
  if (message.role === 'tool') {
    const callId = readCallId(wantText(message.tool_call_id, `${at}.tool_call_id`, reading)).id
    return { type: 'tool-result', callId, failed: false, content, at, ...cacheOf(message) }
  }
  const name = wantText(message.name, `${at}.name`, reading)
  const callId = legacyIds.get(name) ?? `function_${name}`
  return { type: 'tool-result', callId, failed: false, content, at, ...cacheOf(message) }
}

/** Parts in the order in which models write them: reasoning, text, refusal, tool calls. */
function readAssistant(
  message: JsonObject,
  at: string,
  position: number,
  legacyIds: Map<string, string>,
  reading: Reading,
): Part[] {
  const parts: Part[] = [
    ...readReasoning(message, at, reading),
    ...readContent(message.content, `${at}.content`, reading),
  ]
  attachAnnotations(parts, maybeArray(message.annotations, `${at}.annotations`, reading), `${at}.annotations`)
  const refusal = maybeText(message.refusal, `${at}.refusal`, reading)
  if (refusal !== undefined && refusal !== '') parts.push({ type: 'refusal', text: refusal, at: `${at}.refusal` })
  const audio = maybeObject(message.audio, `${at}.audio`, reading)
  if (audio !== undefined)
    parts.push({ type: 'opaque', protocol: PROTOCOL, name: 'audio', value: audio, at: `${at}.audio` })
  const calls = maybeArray(message.tool_calls, `${at}.tool_calls`, reading)
  for (const [i, call] of calls.entries()) parts.push(readToolCall(call, `${at}.tool_calls[${i}]`, reading))
  const legacy = maybeObject(message.function_call, `${at}.function_call`, reading)
  if (legacy !== undefined) {
    const path = `${at}.function_call`
    const called = readFunction(legacy, { id: `function_${position}` }, path, path, reading)
    const call = { ...called, places: { input: `${path}.arguments` } }
    legacyIds.set(call.name, call.id)
    parts.push(call)
  }
  return parts
}

/** Annotations stand on the message; they belong to its last text. */
function attachAnnotations(parts: Part[], citations: readonly JsonValue[], at: string): void {
  const i = parts.findLastIndex(part => part.type === 'text')
  const part = parts[i]
  if (part?.type === 'text' && citations.length > 0) parts[i] = { ...part, citations, places: { citations: at } }
}

function readToolCall(value: JsonValue, at: string, reading: Reading): ToolCallPart {
  const call = wantObject(value, at, reading)
  noteUnknown(call, CALL_FIELDS, at, reading)
  const signed = readCallId(wantText(call.id, `${at}.id`, reading))
  if (call.type !== 'custom') {
    const inner = `${at}.function`
    return { ...readFunction(wantObject(call.function, inner, reading), signed, at, inner, reading), ...cacheOf(call) }
  }
  const custom = wantObject(call.custom, `${at}.custom`, reading)
  const name = wantText(custom.name, `${at}.custom.name`, reading)
  const input = wantText(custom.input, `${at}.custom.input`, reading)
  return { type: 'tool-call', ...signed, name, input, custom: true, at, ...cacheOf(call) }
}

function readFunction(
  called: JsonObject,
  signed: SignedCallId,
  at: string,
  inner: string,
  reading: Reading,
): ToolCallPart {
  const name = wantText(called.name, `${inner}.name`, reading)
  const input = maybeText(called.arguments, `${inner}.arguments`, reading) ?? ''
  return { type: 'tool-call', ...signed, name, input: input === '' ? '{}' : input, custom: false, at }
}

/** Reasoning the client carries back: the plain field, or `reasoning_details`, which then holds the same text and more. */
function readReasoning(message: JsonObject, at: string, reading: Reading): ReasoningPart[] {
  const details = maybeArray(message.reasoning_details, `${at}.reasoning_details`, reading)
  const parts = mergeEntries(details).map(entry => readEntry(entry, `${at}.reasoning_details`))
  const field = ['reasoning_content', 'reasoning', 'reasoning_text'].find(
    name => message[name] !== undefined && message[name] !== null && message[name] !== '',
  )
  if (field === undefined) return parts
  const text = wantText(message[field], `${at}.${field}`, reading)
  if (parts.some(part => part.text !== '')) return parts
  const signed = parts.find(part => part.signature !== undefined)
  // A client that keeps only the last piece of a streamed list keeps a signature without its text.
  if (signed !== undefined) return parts.map(part => (part === signed ? { ...part, text } : part))
  return [{ type: 'reasoning', text, at: `${at}.${field}` }, ...parts]
}

/** Clients that collect a stream's pieces in one list send them all: pieces of one entry are put together. */
function mergeEntries(details: readonly JsonValue[]): JsonObject[] {
  const merged: JsonObject[] = []
  for (const entry of details) {
    if (!isObject(entry)) continue
    const last = merged.at(-1)
    const continues =
      last !== undefined &&
      entry.type === 'reasoning.text' &&
      last.type === entry.type &&
      last.index === entry.index &&
      entry.index !== undefined &&
      (last.signature === undefined || last.signature === null)
    if (!continues || last === undefined) merged.push(entry)
    else merged[merged.length - 1] = { ...last, ...entry, text: textOf(last) + textOf(entry) }
  }
  return merged
}

function readEntry(entry: JsonObject, at: string): ReasoningPart {
  const redacted = entry.type === 'reasoning.encrypted' && typeof entry.data === 'string' ? entry.data : undefined
  const signature = typeof entry.signature === 'string' && entry.signature !== '' ? entry.signature : undefined
  const packed = unpackReasoning(redacted ?? signature ?? '')
  const base = { type: 'reasoning', text: textOf(entry), at } as const
  if (packed !== undefined) return { ...base, ...packed }
  return {
    ...base,
    ...(redacted === undefined ? {} : { redacted }),
    ...(signature === undefined ? {} : { signature }),
    ...(entry.format === ANTHROPIC_FORMAT ? { origin: 'anthropic-messages' } : { details: [entry] }),
  }
}
