import { asArray, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { unpackReasoning } from '../../canon/reasoning-carrier.ts'
import type { MediaSource, Part, ToolResultPart } from '../../canon/request.ts'
import { PROTOCOL } from './protocol.ts'
import { cacheOf, optionalText, type Reading, refuse, requiredText, strays } from './reading.ts'

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
    refuse(reading, at, 'must be a text or an array of content blocks')
    return []
  }
  return asArray(content).flatMap((block, i) => readBlock(block, `${at}[${i}]`, reading))
}

function readBlock(block: JsonValue, at: string, reading: Reading): Part[] {
  if (!isObject(block)) {
    refuse(reading, at, 'must be an object')
    return []
  }
  const type = requiredText(block, 'type', at, reading)
  return [(READERS.get(type) ?? opaque)(block, at, reading)]
}

function opaque(block: JsonObject, at: string): Part {
  return { type: 'opaque', protocol: PROTOCOL, name: asString(block.type) ?? '', value: block, at }
}

function readText(block: JsonObject, at: string, reading: Reading): Part {
  strays(block, ['type', 'text', 'cache_control', 'citations'], at, reading)
  const citations = asArray(block.citations)
  return {
    type: 'text',
    text: requiredText(block, 'text', at, reading),
    at,
    ...cacheOf(block),
    ...(citations.length === 0 ? {} : { citations }),
  }
}

function readImage(block: JsonObject, at: string, reading: Reading): Part {
  const source = readSource(block.source, at, reading)
  if (source === undefined) return opaque(block, at)
  strays(block, ['type', 'source', 'cache_control'], at, reading)
  return { type: 'image', source, at, ...cacheOf(block) }
}

function readDocument(block: JsonObject, at: string, reading: Reading): Part {
  const source = readSource(block.source, at, reading)
  if (source === undefined) return opaque(block, at)
  strays(block, ['type', 'source', 'title', 'context', 'citations', 'cache_control'], at, reading)
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
    refuse(reading, where, 'must be an object')
    return undefined
  }
  const text = (key: string) => requiredText(source, key, where, reading)
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
  const known = ['type', 'id', 'name', 'input', 'cache_control']
  strays(block, isDirect(block.caller) ? [...known, 'caller'] : known, at, reading)
  if (block.input !== undefined && block.input !== null && !isObject(block.input)) {
    refuse(reading, `${at}.input`, 'must be an object')
  }
  return {
    type: 'tool-call',
    id: requiredText(block, 'id', at, reading),
    name: requiredText(block, 'name', at, reading),
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
  strays(block, ['type', 'tool_use_id', 'content', 'is_error', 'cache_control'], at, reading)
  const empty = block.content === undefined || block.content === null
  return {
    type: 'tool-result',
    callId: requiredText(block, 'tool_use_id', at, reading),
    failed: block.is_error === true,
    content: empty ? [] : readContent(block.content, `${at}.content`, reading),
    at,
    ...cacheOf(block),
  }
}

/** A signature of ours says which protocol wrote the reasoning and what it needs back; any other is Anthropic's own. */
function readThinking(block: JsonObject, at: string, reading: Reading): Part {
  strays(block, ['type', 'thinking', 'signature', 'cache_control'], at, reading)
  const text = requiredText(block, 'thinking', at, reading)
  const signature = asString(block.signature) ?? ''
  if (signature === '') return { type: 'reasoning', text, at }
  return { type: 'reasoning', text, ...(unpackReasoning(signature) ?? { signature }), at }
}

/** The same for reasoning that was given only encrypted. */
function readRedacted(block: JsonObject, at: string, reading: Reading): Part {
  strays(block, ['type', 'data', 'cache_control'], at, reading)
  const data = requiredText(block, 'data', at, reading)
  return { type: 'reasoning', text: '', ...(unpackReasoning(data) ?? { redacted: data }), at }
}
