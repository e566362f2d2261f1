import { asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { unpackReasoning } from '../../canon/reasoning-carrier.ts'
import type { Part, ReasoningPart, ToolCallPart, ToolResultPart, Turn } from '../../canon/request.ts'
import { readCallId } from '../call-ids.ts'
import { maybeArray, maybeText, noteUnknown, type Reading, wantText } from '../reading.ts'
import { opaquePart, readContent, readInstructions } from './decode-content.ts'
import { readReasoningItem } from './item-reasoning.ts'
import { sideOf } from './item-types.ts'

/** Fields of an item that say nothing of the conversation and go back to their own protocol (see `item` in canon/request.ts). */
const OWN_FIELDS = ['id', 'status', 'phase', 'created_by']

const MESSAGE_FIELDS = new Set(['type', 'role', 'content', ...OWN_FIELDS])
const REASONING_FIELDS = new Set(['type', 'summary', 'content', 'encrypted_content', ...OWN_FIELDS])
const CALL_FIELDS = ['type', 'call_id', 'name', ...OWN_FIELDS]
const OUTPUT_FIELDS = ['type', 'call_id', 'name', 'output', ...OWN_FIELDS]

/** What one item says, and whose turn it belongs to. */
type Item =
  | { readonly side: 'assistant' | 'user' | undefined; readonly parts: readonly Part[] }
  | { readonly role: 'user' | 'system' | 'developer'; readonly parts: readonly Part[] }

/** A turn that may still grow. `message`: a message of the client's, which results of tools do not join. */
interface OpenTurn {
  readonly role: Turn['role']
  readonly message: boolean
  readonly parts: Part[]
}

/**
 * Reads `input`. What the model wrote in a row (reasoning, messages, calls) becomes one turn, and so do the results of tools in a row; each
 * message of the client's is one of its own.
 */
export function readInput(input: JsonValue | undefined, reading: Reading): Turn[] {
  if (typeof input === 'string') return [{ role: 'user', parts: readContent(input, 'input', reading), at: 'input' }]
  const turns: Turn[] = []
  let open: OpenTurn | undefined
  for (const [i, value] of maybeInput(input, reading).entries()) {
    const at = `input[${i}]`
    const item = isObject(value) ? readItem(value, at, reading) : undefined
    if (!isObject(value)) reading.faults.push({ path: at, rule: 'must be an object' })
    if (item === undefined) continue
    if (open !== undefined && joins(item, open)) {
      open.parts.push(...item.parts)
      continue
    }
    const role: Turn['role'] = 'role' in item ? item.role : (item.side ?? 'user')
    open = { role, message: 'role' in item, parts: [...item.parts] }
    turns.push({ role, parts: open.parts, at })
  }
  return turns
}

function maybeInput(input: JsonValue | undefined, reading: Reading): readonly JsonValue[] {
  if (input === undefined || input === null || Array.isArray(input)) return maybeArray(input, 'input', reading)
  reading.faults.push({ path: 'input', rule: 'must be text or a list of items' })
  return []
}

function joins(item: Item, open: OpenTurn): boolean {
  if ('role' in item) return false
  if (item.side === undefined) return open.role === 'assistant' || open.role === 'user'
  return item.side === open.role && !open.message
}

function readItem(item: JsonObject, at: string, reading: Reading): Item | undefined {
  // A message may leave its type out, and so may a reference, which has nothing but an id.
  const type = item.type ?? (item.role === undefined && typeof item.id === 'string' ? 'item_reference' : 'message')
  switch (type) {
    case 'message':
      return readMessage(item, at, reading)
    case 'reasoning':
      return { side: 'assistant', parts: [readReasoning(item, at, reading)] }
    case 'function_call':
      return { side: 'assistant', parts: [readCall(item, 'arguments', at, reading)] }
    case 'custom_tool_call':
      return { side: 'assistant', parts: [readCall(item, 'input', at, reading)] }
    case 'function_call_output':
    case 'custom_tool_call_output':
      return { side: 'user', parts: [readOutput(item, at, reading)] }
    default:
      return {
        side: sideOf(asString(type) ?? ''),
        parts: [{ ...opaquePart({ ...item, type }, at, reading), item: {} }],
      }
  }
}

function readMessage(item: JsonObject, at: string, reading: Reading): Item | undefined {
  noteUnknown(item, MESSAGE_FIELDS, at, reading)
  const path = `${at}.content`
  const own = ownFields(item)
  switch (item.role) {
    case 'assistant':
      return { side: 'assistant', parts: beginItem(readContent(item.content, path, reading), own ?? {}) }
    case 'user':
      return { role: item.role, parts: beginItem(readContent(item.content, path, reading), own) }
    case 'system':
    case 'developer':
      return { role: item.role, parts: beginItem(readInstructions(item.content, path, reading), own) }
    default:
      reading.faults.push({ path: `${at}.role`, rule: 'must be user, assistant, system or developer' })
      return undefined
  }
}

/** Marks where a message begins. An opaque part with such a mark would be taken for an item of its own. */
function beginItem(parts: readonly Part[], item: JsonObject | undefined): readonly Part[] {
  const [first, ...rest] = parts
  if (first === undefined || first.type === 'opaque' || item === undefined) return parts
  return [{ ...first, item }, ...rest]
}

function ownFields(item: JsonObject): JsonObject | undefined {
  const own = OWN_FIELDS.flatMap(name => (item[name] === undefined || item[name] === null ? [] : [[name, item[name]]]))
  return own.length === 0 ? undefined : (Object.fromEntries(own) as JsonObject)
}

/** `encrypted_content` is the provider's own, or a carrier that says which other protocol wrote the reasoning and what it needs back. */
function readReasoning(item: JsonObject, at: string, reading: Reading): ReasoningPart {
  noteUnknown(item, REASONING_FIELDS, at, reading)
  maybeArray(item.summary, `${at}.summary`, reading)
  maybeArray(item.content, `${at}.content`, reading)
  maybeText(item.encrypted_content, `${at}.encrypted_content`, reading)
  const { text, signature, details } = readReasoningItem(item)
  const carried = signature === undefined ? undefined : unpackReasoning(signature)
  const { id: _, ...own } = ownFields(item) ?? {}
  const base = { type: 'reasoning', text, at, ...(Object.keys(own).length === 0 ? {} : { item: own }) } as const
  if (carried !== undefined) return { ...base, ...carried }
  return { ...base, ...(signature === undefined ? {} : { signature }), details }
}

function readCall(item: JsonObject, field: 'arguments' | 'input', at: string, reading: Reading): ToolCallPart {
  noteUnknown(item, new Set([...CALL_FIELDS, field, ...idleFields(item)]), at, reading)
  const signed = readCallId(wantText(item.call_id, `${at}.call_id`, reading))
  const input = wantText(item[field], `${at}.${field}`, reading)
  const custom = field === 'input'
  const own = ownFields(item)
  return {
    type: 'tool-call',
    ...signed,
    name: wantText(item.name, `${at}.name`, reading),
    input: input === '' && !custom ? '{}' : input,
    custom,
    at,
    ...(own === undefined ? {} : { item: own }),
  }
}

/** Fields in the form that asks for what happens anyway: called by the model itself, answered before the next turn. */
function idleFields(item: JsonObject): string[] {
  const direct = isObject(item.caller) && item.caller.type === 'direct'
  return [...(direct ? ['caller'] : []), ...(item.async === false ? ['async'] : [])]
}

function readOutput(item: JsonObject, at: string, reading: Reading): ToolResultPart {
  noteUnknown(item, new Set([...OUTPUT_FIELDS, ...idleFields(item)]), at, reading)
  const { output } = item
  if (output === undefined || output === null)
    reading.faults.push({ path: `${at}.output`, rule: 'must be text or a list of parts' })
  const type = item.type === 'custom_tool_call_output' ? { type: item.type } : {}
  const name = typeof item.name === 'string' ? { name: item.name } : {}
  const own: JsonObject = { ...type, ...name, ...ownFields(item) }
  return {
    type: 'tool-result',
    callId: readCallId(wantText(item.call_id, `${at}.call_id`, reading)).id,
    failed: false,
    content: readContent(output, `${at}.output`, reading),
    at,
    ...(Object.keys(own).length === 0 ? {} : { item: own }),
  }
}
