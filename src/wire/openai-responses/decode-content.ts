import { isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { ImagePart, MediaSource, OpaquePart, Part } from '../../canon/request.ts'
import { readParts } from '../openai-reading.ts'
import { maybeArray, maybeText, noteUnknown, type Reading, wantObject, wantText } from '../reading.ts'
import { PROTOCOL } from './protocol.ts'

/** `text` is not in OpenAI's list; clients that come from Chat Completions write it, and several servers take it. */
const TEXT_TYPES = new Set(['input_text', 'output_text', 'text'])
const TEXT_FIELDS = new Set(['type', 'text', 'annotations', 'logprobs', 'prompt_cache_breakpoint'])
const IMAGE_FIELDS = new Set(['type', 'image_url', 'file_id', 'detail', 'prompt_cache_breakpoint'])
const FILE_FIELDS = new Set(['type', 'file_id', 'file_data', 'file_url', 'filename', 'prompt_cache_breakpoint'])
const AUDIO_FIELDS = new Set(['type', 'input_audio'])
const AUDIO_INNER_FIELDS = new Set(['data', 'format'])
const REFUSAL_FIELDS = new Set(['type', 'refusal'])

/** How base64 of a PDF begins: `%PDF`. */
const PDF_START = 'JVBERi'

/** Reads the content of a message or of a tool's result: text, or a list of parts. Empty text is no part. */
export function readContent(content: JsonValue | undefined, at: string, reading: Reading): Part[] {
  return readParts(content, at, reading, readPart)
}

/** Content of instructions. What is no text there is carried as it came: elsewhere instructions are text only. */
export function readInstructions(content: JsonValue | undefined, at: string, reading: Reading): Part[] {
  if (!Array.isArray(content)) return readContent(content, at, reading)
  return content.flatMap((value, i) => {
    const path = `${at}[${i}]`
    const isText = !isObject(value) || TEXT_TYPES.has(String(value.type))
    return isText ? readPart(value, path, reading) : [opaquePart(value, path, reading)]
  })
}

/** An object only this protocol knows, as it came. */
export function opaquePart(value: JsonObject, at: string, reading: Reading): OpaquePart {
  return { type: 'opaque', protocol: PROTOCOL, name: wantText(value.type, `${at}.type`, reading), value, at }
}

function readPart(value: JsonValue, at: string, reading: Reading): Part[] {
  const part = wantObject(value, at, reading)
  if (!isObject(value)) return []
  if (TEXT_TYPES.has(String(part.type))) return readText(part, at, reading)
  switch (part.type) {
    case 'input_image':
      noteUnknown(part, IMAGE_FIELDS, at, reading)
      return readImage(part, at, reading)
    case 'input_file':
      noteUnknown(part, part.detail === 'auto' ? new Set([...FILE_FIELDS, 'detail']) : FILE_FIELDS, at, reading)
      return readFile(part, at, reading)
    case 'input_audio':
      noteUnknown(part, AUDIO_FIELDS, at, reading)
      return [readAudio(wantObject(part.input_audio, `${at}.input_audio`, reading), at, reading)]
    case 'refusal':
      noteUnknown(part, REFUSAL_FIELDS, at, reading)
      return [{ type: 'refusal', text: wantText(part.refusal, `${at}.refusal`, reading), at }]
    default:
      return [opaquePart(part, at, reading)]
  }
}

/** A breakpoint of the prompt cache. Its lifetimes are half an hour, as without one, and twelve hours: the longest others know. */
function cacheOf(part: JsonObject): { readonly cache?: JsonObject } {
  const mark = part.prompt_cache_breakpoint
  if (!isObject(mark)) return {}
  return { cache: { type: 'ephemeral', ...(mark.ttl === '12h' ? { ttl: '1h' } : {}) } }
}

function readText(part: JsonObject, at: string, reading: Reading): Part[] {
  noteUnknown(part, TEXT_FIELDS, at, reading)
  const text = wantText(part.text, `${at}.text`, reading)
  const citations = maybeArray(part.annotations, `${at}.annotations`, reading)
  if (text === '') return []
  return [{ type: 'text', text, at, ...cacheOf(part), ...(citations.length === 0 ? {} : { citations }) }]
}

function readImage(part: JsonObject, at: string, reading: Reading): ImagePart[] {
  const url = maybeText(part.image_url, `${at}.image_url`, reading)
  const id = maybeText(part.file_id, `${at}.file_id`, reading)
  const detail = maybeText(part.detail, `${at}.detail`, reading)
  const source = id === undefined ? (url === undefined ? undefined : sourceOf(url)) : ({ type: 'file', id } as const)
  if (source === undefined) {
    reading.faults.push({ path: at, rule: 'must have an "image_url" or a "file_id"' })
    return []
  }
  return [{ type: 'image', source, at, ...cacheOf(part), ...(detail === undefined ? {} : { detail }) }]
}

function readFile(part: JsonObject, at: string, reading: Reading): Part[] {
  const title = maybeText(part.filename, `${at}.filename`, reading)
  const source = fileSource(part, at, reading)
  if (source === undefined) {
    reading.faults.push({ path: at, rule: 'must have a "file_id", "file_data" or "file_url"' })
    return []
  }
  return [{ type: 'document', source, at, ...cacheOf(part), ...(title === undefined ? {} : { title }) }]
}

function fileSource(part: JsonObject, at: string, reading: Reading): MediaSource | undefined {
  const id = maybeText(part.file_id, `${at}.file_id`, reading)
  if (id !== undefined) return { type: 'file', id }
  const data = maybeText(part.file_data, `${at}.file_data`, reading)
  if (data !== undefined) return bytesOf(data)
  const url = maybeText(part.file_url, `${at}.file_url`, reading)
  return url === undefined ? undefined : sourceOf(url)
}

/** `file_data` is a `data:` URL, or base64 alone, which says nothing of its kind. */
function bytesOf(data: string): MediaSource {
  const source = sourceOf(data)
  if (source.type === 'base64' && source.mediaType === 'text/plain') return plainText(source.data) ?? source
  if (source.type !== 'url') return source
  const mediaType = data.startsWith(PDF_START) ? 'application/pdf' : 'application/octet-stream'
  return { type: 'base64', mediaType, data }
}

/** Text, if the bytes are exactly what its UTF-8 would be. */
function plainText(base64: string): MediaSource | undefined {
  const text = Buffer.from(base64, 'base64').toString('utf8')
  return Buffer.from(text).toString('base64') === base64 ? { type: 'text', text } : undefined
}

function readAudio(audio: JsonObject, at: string, reading: Reading): Part {
  const path = `${at}.input_audio`
  noteUnknown(audio, AUDIO_INNER_FIELDS, path, reading)
  const data = wantText(audio.data, `${path}.data`, reading)
  return { type: 'audio', data, format: wantText(audio.format, `${path}.format`, reading), at }
}

/** A `data:` URL in base64 becomes its bytes; any other URL stays one. */
function sourceOf(url: string): MediaSource {
  const match = /^data:([^;,]+)(?:;[^,]*)?;base64,/i.exec(url)
  if (match === null) return { type: 'url', url }
  return { type: 'base64', mediaType: (match[1] ?? '').toLowerCase(), data: url.slice(match[0].length) }
}
