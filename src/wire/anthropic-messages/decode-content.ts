import { asArray, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { unpackReasoning } from '../../canon/reasoning-carrier.ts'
import type { MediaSource, Part, ToolResultPart } from '../../canon/request.ts'
import { readCallId } from '../call-ids.ts'
import { noteUnknown, type Reading, wantText } from '../reading.ts'
import { PROTOCOL } from './protocol.ts'
import { cacheOf, optionalText } from './reading.ts'

const TEXT_FIELDS = new Set(['type', 'text', 'cache_control', 'citations'])
const IMAGE_FIELDS = new Set(['type', 'source', 'cache_control'])
const DOCUMENT_FIELDS = new Set(['type', 'source', 'title', 'context', 'citations', 'cache_control'])
const CALL_FIELDS = new Set(['type', 'id', 'name', 'input', 'cache_control'])
const DIRECT_CALL_FIELDS = new Set([...CALL_FIELDS, 'caller'])
const RESULT_FIELDS = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control'])
const THINKING_FIELDS = new Set(['type', 'thinking', 'signature', 'cache_control'])
const REDACTED_FIELDS = new Set(['type', 'data', 'cache_control'])

type BlockReader = (block: JsonObject, at: string, reading: Reading) => Part

const READERS: ReadonlyMap<string, BlockReader> = new Map([
  ['text', readText],
  ['image', readImage],
  ['document', readDocument],
  ['tool_use', readToolUse],
  ['tool_result', readToolResult],
  ['thinking', readThinking],
  ['redacted_thinking', readRedacted],
])

/** Reads `content`: a text, or an array of blocks. Block types without a reader are carried as they came. */
export function readContent(content: JsonValue | undefined, at: string, reading: Reading): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content, at }]
  if (!Array.isArray(content)) {
    reading.faults.push({ path: at, rule: 'must be text or a list of content blocks' })
    return []
  }
  return asArray(content).flatMap((block, i) => readBlock(block, `${at}[${i}]`, reading))
}

function readBlock(block: JsonValue, at: string, reading: Reading): Part[] {
  if (!isObject(block)) {
    reading.faults.push({ path: at, rule: 'must be an object' })
    return []
  }
  const type = wantText(block.type, `${at}.type`, reading)
  return [(READERS.get(type) ?? opaque)(block, at, reading)]
}

function opaque(block: JsonObject, at: string): Part {
  return { type: 'opaque', protocol: PROTOCOL, name: asString(block.type) ?? '', value: block, at }
}

function readText(block: JsonObject, at: string, reading: Reading): Part {
  noteUnknown(block, TEXT_FIELDS, at, reading)
  const citations = asArray(block.citations)
  return {
    type: 'text',
    text: wantText(block.text, `${at}.text`, reading),
    at,
    ...cacheOf(block),
    ...(citations.length === 0 ? {} : { citations }),
  }
}

function readImage(block: JsonObject, at: string, reading: Reading): Part {
  const source = readSource(block.source, at, reading)
  if (source === undefined) return opaque(block, at)
  noteUnknown(block, IMAGE_FIELDS, at, reading)
  return { type: 'image', source, at, ...cacheOf(block) }
}

function readDocument(block: JsonObject, at: string, reading: Reading): Part {
  const source = readSource(block.source, at, reading)
  if (source === undefined) return opaque(block, at)
  noteUnknown(block, DOCUMENT_FIELDS, at, reading)
  const cites = isObject(block.citations) && block.citations.enabled === true
  return {
    type: 'document',
    source,
    at,
    ...optionalText(block, 'title'),
    ...optionalText(block, 'context'),
    ...(cites ? { citations: true } : {}),
    ...cacheOf(block),
  }
}

/** Where the bytes are; undefined for a kind only Anthropic knows (a `content` source made of blocks, future kinds). */
function readSource(source: JsonValue | undefined, at: string, reading: Reading): MediaSource | undefined {
  const where = `${at}.source`
  if (!isObject(source)) {
    reading.faults.push({ path: where, rule: 'must be an object' })
    return undefined
  }
  const text = (key: string) => wantText(source[key], `${where}.${key}`, reading)
  switch (source.type) {
    case 'base64':
      return { type: 'base64', mediaType: text('media_type'), data: text('data') }
    case 'url':
      return { type: 'url', url: text('url') }
    case 'file':
      return { type: 'file', id: text('file_id') }
    case 'text':
      return { type: 'text', text: text('data') }
    case 'content':
      return typeof source.content === 'string' ? { type: 'text', text: source.content } : undefined
    default:
      return undefined
  }
}

function readToolUse(block: JsonObject, at: string, reading: Reading): Part {
  noteUnknown(block, isDirect(block.caller) ? DIRECT_CALL_FIELDS : CALL_FIELDS, at, reading)
  if (block.input !== undefined && block.input !== null && !isObject(block.input)) {
    reading.faults.push({ path: `${at}.input`, rule: 'must be an object' })
  }
  return {
    type: 'tool-call',
    ...readCallId(wantText(block.id, `${at}.id`, reading)),
    name: wantText(block.name, `${at}.name`, reading),
    input: JSON.stringify(block.input ?? {}),
    custom: false,
    at,
    ...cacheOf(block),
  }
}

/** How the newer API says that nothing special called the tool. */
function isDirect(caller: JsonValue | undefined): boolean {
  return isObject(caller) && caller.type === 'direct'
}

function readToolResult(block: JsonObject, at: string, reading: Reading): ToolResultPart {
  noteUnknown(block, RESULT_FIELDS, at, reading)
  const empty = block.content === undefined || block.content === null
  return {
    type: 'tool-result',
    callId: readCallId(wantText(block.tool_use_id, `${at}.tool_use_id`, reading)).id,
    failed: block.is_error === true,
    content: empty ? [] : readContent(block.content, `${at}.content`, reading),
    at,
    ...cacheOf(block),
  }
}

/** A signature of ours says which protocol wrote the reasoning and what it needs back; any other is Anthropic's own. */
function readThinking(block: JsonObject, at: string, reading: Reading): Part {
  noteUnknown(block, THINKING_FIELDS, at, reading)
  const text = wantText(block.thinking, `${at}.thinking`, reading)
  const signature = asString(block.signature) ?? ''
  if (signature === '') return { type: 'reasoning', text, at }
  return { type: 'reasoning', text, ...(unpackReasoning(signature) ?? { signature }), at }
}

/** The same for reasoning that was given only encrypted. */
function readRedacted(block: JsonObject, at: string, reading: Reading): Part {
  noteUnknown(block, REDACTED_FIELDS, at, reading)
  const data = wantText(block.data, `${at}.data`, reading)
  return { type: 'reasoning', text: '', ...(unpackReasoning(data) ?? { redacted: data }), at }
}
