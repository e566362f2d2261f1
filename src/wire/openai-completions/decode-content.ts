import { asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { MediaSource, Part } from '../../canon/request.ts'
import { readParts } from '../openai-reading.ts'
import { maybeArray, maybeText, noteUnknown, type Reading, wantObject, wantText } from '../reading.ts'
import { PROTOCOL } from './protocol.ts'

const TEXT_FIELDS = new Set(['type', 'text', 'cache_control', 'annotations'])
const IMAGE_FIELDS = new Set(['type', 'image_url', 'cache_control'])
const IMAGE_URL_FIELDS = new Set(['url', 'detail'])
const FILE_FIELDS = new Set(['type', 'file', 'cache_control'])
const FILE_INNER_FIELDS = new Set(['file_id', 'file_data', 'filename'])
const AUDIO_FIELDS = new Set(['type', 'input_audio', 'cache_control'])
const AUDIO_INNER_FIELDS = new Set(['data', 'format'])
const REFUSAL_FIELDS = new Set(['type', 'refusal', 'cache_control'])
const THINKING_FIELDS = new Set(['type', 'thinking', 'closed'])

/** Reads a message's content: text, or a list of parts. Empty text is no part. `null` and a missing field are no content. */
export function readContent(content: JsonValue | undefined, at: string, reading: Reading): Part[] {
  return readParts(content, at, reading, readPart)
}

/** Content of instructions and of tool messages, which is text only in some places: other parts are a fault there. */
export function readTextContent(content: JsonValue | undefined, at: string, reading: Reading): Part[] {
  const parts = readContent(content, at, reading)
  for (const part of parts) {
    if (part.type !== 'text') reading.faults.push({ path: part.at, rule: 'must be a text part' })
  }
  return parts
}

function readPart(value: JsonValue, at: string, reading: Reading): Part[] {
  const part = wantObject(value, at, reading)
  if (!isObject(value)) return []
  const cache = cacheOf(part)
  switch (part.type) {
    case 'text':
      noteUnknown(part, TEXT_FIELDS, at, reading)
      return readTextPart(part, at, cache, reading)
    case 'image_url':
      noteUnknown(part, IMAGE_FIELDS, at, reading)
      return [readImage(part.image_url, at, cache, reading)]
    case 'file':
      noteUnknown(part, FILE_FIELDS, at, reading)
      return readFile(wantObject(part.file, `${at}.file`, reading), at, cache, reading)
    case 'input_audio':
      noteUnknown(part, AUDIO_FIELDS, at, reading)
      return [readAudio(wantObject(part.input_audio, `${at}.input_audio`, reading), at, cache, reading)]
    case 'refusal':
      noteUnknown(part, REFUSAL_FIELDS, at, reading)
      return [{ type: 'refusal', text: wantText(part.refusal, `${at}.refusal`, reading), at, ...cache }]
    case 'thinking':
      noteUnknown(part, THINKING_FIELDS, at, reading)
      return [{ type: 'reasoning', text: readThinking(part.thinking, `${at}.thinking`, reading), at }]
    default:
      return [
        {
          type: 'opaque',
          protocol: PROTOCOL,
          name: wantText(part.type, `${at}.type`, reading),
          value: part,
          at,
          ...cache,
        },
      ]
  }
}

/** A prompt-cache mark, as Anthropic writes it and OpenRouter and others take it inside Chat Completions. */
export function cacheOf(object: JsonObject): { readonly cache?: JsonObject } {
  return isObject(object.cache_control) ? { cache: object.cache_control } : {}
}

function readTextPart(part: JsonObject, at: string, cache: { readonly cache?: JsonObject }, reading: Reading): Part[] {
  const text = wantText(part.text, `${at}.text`, reading)
  const citations = maybeArray(part.annotations, `${at}.annotations`, reading)
  if (text === '') return []
  return [{ type: 'text', text, at, ...cache, ...(citations.length === 0 ? {} : { citations }) }]
}

/** `image_url` is an object with a `url`; Mistral also takes the URL alone. */
function readImage(
  value: JsonValue | undefined,
  at: string,
  cache: { readonly cache?: JsonObject },
  reading: Reading,
): Part {
  const path = `${at}.image_url`
  if (typeof value === 'string') return { type: 'image', source: sourceOf(value), at, ...cache }
  const image = wantObject(value, path, reading)
  noteUnknown(image, IMAGE_URL_FIELDS, path, reading)
  const detail = maybeText(image.detail, `${path}.detail`, reading)
  const source = sourceOf(isObject(value) ? wantText(image.url, `${path}.url`, reading) : '')
  return { type: 'image', source, at, ...cache, ...(detail === undefined ? {} : { detail }) }
}

function readFile(file: JsonObject, at: string, cache: { readonly cache?: JsonObject }, reading: Reading): Part[] {
  const path = `${at}.file`
  noteUnknown(file, FILE_INNER_FIELDS, path, reading)
  const title = maybeText(file.filename, `${path}.filename`, reading)
  const id = maybeText(file.file_id, `${path}.file_id`, reading)
  const data = maybeText(file.file_data, `${path}.file_data`, reading)
  const source = id === undefined ? fileSource(data, path, reading) : ({ type: 'file', id } as const)
  return source === undefined
    ? []
    : [{ type: 'document', source, at, ...cache, ...(title === undefined ? {} : { title }) }]
}

function fileSource(data: string | undefined, path: string, reading: Reading): MediaSource | undefined {
  const source = data === undefined ? undefined : sourceOf(data)
  if (source === undefined || (source.type === 'url' && !/^https?:/i.test(source.url))) {
    reading.faults.push({ path, rule: 'must have a "file_id", or "file_data" that is a data: URL' })
    return undefined
  }
  if (source.type !== 'base64' || source.mediaType !== 'text/plain') return source
  return { type: 'text', text: Buffer.from(source.data, 'base64').toString('utf8') }
}

function readAudio(audio: JsonObject, at: string, cache: { readonly cache?: JsonObject }, reading: Reading): Part {
  const path = `${at}.input_audio`
  noteUnknown(audio, AUDIO_INNER_FIELDS, path, reading)
  return {
    type: 'audio',
    data: wantText(audio.data, `${path}.data`, reading),
    format: wantText(audio.format, `${path}.format`, reading),
    at,
    ...cache,
  }
}

/** Mistral's thinking: text, or a list of text parts. */
function readThinking(value: JsonValue | undefined, at: string, reading: Reading): string {
  if (typeof value === 'string') return value
  return maybeArray(value, at, reading)
    .map(piece => (isObject(piece) ? (asString(piece.text) ?? '') : ''))
    .join('')
}

/** A `data:` URL in base64 becomes its bytes; any other URL stays one. */
function sourceOf(url: string): MediaSource {
  const match = /^data:([^;,]+)(?:;[^,]*)?;base64,/i.exec(url)
  if (match === null) return { type: 'url', url }
  return { type: 'base64', mediaType: (match[1] ?? '').toLowerCase(), data: url.slice(match[0].length) }
}
