import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { BlockDelta, BlockHead, Event } from '../../canon/event.ts'
import { PROTOCOL } from './protocol.ts'

type Delta = BlockDelta['delta']

/** A block that has started and not stopped. */
export interface OpenBlock {
  readonly index: number
  readonly type: BlockHead['type']
  /** Told at the stop unless deltas told it before: the signature or the whole input that stood in the block's start. */
  atStop: Delta | undefined
}

interface Opening {
  readonly head: BlockHead
  /** Contents that stood in the start already. */
  readonly contents?: readonly Delta[]
  readonly atStop?: Delta
  /** The fields that are read; others are told as unknown. */
  readonly known: readonly string[]
}

const OPENINGS: ReadonlyMap<string, (wire: JsonObject) => Opening> = new Map([
  ['text', openText],
  ['thinking', openThinking],
  ['redacted_thinking', openRedacted],
  ['tool_use', openToolUse],
])

/** Reads `content_block_start`. `index` is the canonical one: the wire's may have gaps. */
export function startBlock(index: number, wire: JsonObject): { block: OpenBlock; events: readonly Event[] } {
  const type = asString(wire.type) ?? 'block without a type'
  const { head, contents = [], atStop, known } = (OPENINGS.get(type) ?? openOpaque)(wire)
  return {
    block: { index, type: head.type, atStop },
    events: [
      { type: 'block-start', index, choice: 0, block: head },
      ...contents.map((delta): Event => ({ type: 'block-delta', index, delta })),
      ...(head.type === 'opaque' ? [] : strays(wire, known, type)),
    ],
  }
}

/** Reads the delta of a `content_block_delta`. One that does not fit its block is carried as it came. */
export function readDelta(block: OpenBlock, wire: JsonObject): readonly Event[] {
  const reader = DELTAS.get(asString(wire.type) ?? '')
  const value = reader?.block === block.type ? wire[reader.field] : undefined
  const delta = reader === undefined || value === undefined ? undefined : reader.read(value)
  if (reader === undefined || delta === undefined) {
    return [{ type: 'block-delta', index: block.index, delta: { type: 'opaque', protocol: PROTOCOL, value: wire } }]
  }
  const unknown = strays(wire, ['type', reader.field], 'delta')
  if (value === '') return unknown
  if (delta.type === 'signature' || delta.type === 'input') block.atStop = undefined
  return [{ type: 'block-delta', index: block.index, delta }, ...unknown]
}

/** Reads `content_block_stop`. */
export function stopBlock(block: OpenBlock): readonly Event[] {
  const stop: Event = { type: 'block-stop', index: block.index }
  return block.atStop === undefined ? [stop] : [{ type: 'block-delta', index: block.index, delta: block.atStop }, stop]
}

interface DeltaReader {
  readonly block: BlockHead['type']
  /** Where the content stands in the delta. */
  readonly field: string
  readonly read: (value: JsonValue) => Delta | undefined
}

const asTextDelta = (value: JsonValue): Delta | undefined =>
  typeof value === 'string' ? { type: 'text', text: value } : undefined
const asInputDelta = (value: JsonValue): Delta | undefined =>
  typeof value === 'string' ? { type: 'input', text: value } : undefined
const asSignatureDelta = (value: JsonValue): Delta | undefined =>
  typeof value === 'string' ? { type: 'signature', signature: value } : undefined
const asCitationDelta = (value: JsonValue): Delta | undefined =>
  isObject(value) ? { type: 'citation', value } : undefined

const DELTAS: ReadonlyMap<string, DeltaReader> = new Map([
  ['text_delta', { block: 'text', field: 'text', read: asTextDelta }],
  ['citations_delta', { block: 'text', field: 'citation', read: asCitationDelta }],
  ['thinking_delta', { block: 'reasoning', field: 'thinking', read: asTextDelta }],
  ['signature_delta', { block: 'reasoning', field: 'signature', read: asSignatureDelta }],
  ['input_json_delta', { block: 'tool-call', field: 'partial_json', read: asInputDelta }],
])

function openText(wire: JsonObject): Opening {
  const citations = asArray(wire.citations).map((value): Delta => ({ type: 'citation', value }))
  return {
    head: { type: 'text' },
    contents: [...textDelta(wire.text), ...citations],
    known: ['type', 'text', 'citations'],
  }
}

function openThinking(wire: JsonObject): Opening {
  const signature = asString(wire.signature) ?? ''
  return {
    head: { type: 'reasoning' },
    contents: textDelta(wire.thinking),
    ...(signature === '' ? {} : { atStop: { type: 'signature', signature } }),
    known: ['type', 'thinking', 'signature'],
  }
}

function openRedacted(wire: JsonObject): Opening {
  return { head: { type: 'reasoning', redacted: asString(wire.data) ?? '' }, known: ['type', 'data'] }
}

/** `caller: { type: 'direct' }` is how the newer API says that nothing special called the tool. */
function openToolUse(wire: JsonObject): Opening {
  const known = ['type', 'id', 'name', 'input']
  return {
    head: { type: 'tool-call', id: asString(wire.id) ?? '', name: asString(wire.name) ?? '', custom: false },
    atStop: { type: 'input', text: JSON.stringify(asObject(wire.input) ?? {}) },
    known: asObject(wire.caller)?.type === 'direct' ? [...known, 'caller'] : known,
  }
}

function openOpaque(wire: JsonObject): Opening {
  const name = asString(wire.type) ?? 'block without a type'
  return { head: { type: 'opaque', protocol: PROTOCOL, name, value: wire }, known: [] }
}

function textDelta(value: JsonValue | undefined): Delta[] {
  return typeof value === 'string' && value !== '' ? [{ type: 'text', text: value }] : []
}

function strays(wire: JsonObject, known: readonly string[], at: string): Event[] {
  const names = Object.keys(wire).filter(key => !known.includes(key) && wire[key] !== null && wire[key] !== undefined)
  return names.map(key => ({ type: 'unknown', name: `${at}.${key}` }))
}
