import type { MediaSource, Part } from '../../canon/request.ts'
import type { Reading } from '../reading.ts'
import { opaquePart } from './decode-opaque.ts'
import { has, type Message, maybeText, messageOf, noteUnknown, wantText } from './reading.ts'

const INLINE_FIELDS = new Set(['mimeType', 'data'])
const FILE_FIELDS = new Set(['mimeType', 'fileUri'])
const RESOLUTION_FIELDS = new Set(['level'])

/** `audio/…` names that mean the same format. */
const AUDIO_FORMATS = new Map([
  ['mpeg', 'mp3'],
  ['x-wav', 'wav'],
  ['wave', 'wav'],
])

/**
 * Reads bytes or a file: images, sound, and PDF or text documents. Other kinds, video among them, are carried as they came. `known` are the fields
 * that may stand beside it.
 */
export function readMedia(part: Message, known: ReadonlySet<string>, reading: Reading): Part {
  const inline = has(part, 'inlineData')
  const data = messageOf(part, inline ? 'inlineData' : 'fileData', reading)
  const mimeType = (inline ? wantText(data, 'mimeType', reading) : maybeText(data, 'mimeType', reading)) ?? ''
  const mediaType = (mimeType.split(';')[0] ?? '').trim().toLowerCase()
  const kind = mediaType.split('/')[0] ?? ''
  const source = inline ? readBytes(data, mediaType, reading) : readFile(data, mediaType, reading)
  // Only Gemini writes a signature on a picture, and only it knows what becomes of one.
  const plain = !has(part, 'thought') && !has(part, 'thoughtSignature')
  const fields = inline ? INLINE_FIELDS : FILE_FIELDS
  if (plain && kind === 'image') {
    noteUnknown(data, fields, reading)
    return { type: 'image', source, at: part.at, ...readDetail(part, known, reading) }
  }
  if (plain && (kind === 'text' || mediaType === 'application/pdf')) {
    noteUnknown(data, new Set([...fields, 'displayName']), reading)
    noteUnknown(part, known, reading)
    const title = maybeText(data, 'displayName', reading)
    const text = mediaType === 'text/plain' ? textOf(source) : undefined
    return { type: 'document', source: text ?? source, at: part.at, ...(title === undefined ? {} : { title }) }
  }
  if (plain && kind === 'audio' && source.type === 'base64') {
    noteUnknown(data, fields, reading)
    noteUnknown(part, known, reading)
    const format = mediaType.slice('audio/'.length)
    return { type: 'audio', data: source.data, format: AUDIO_FORMATS.get(format) ?? format, at: part.at }
  }
  return opaquePart(part, mediaType === '' ? 'fileData' : mediaType)
}

/** Google takes both alphabets of base64 for its `bytes`; others only the standard one. */
function readBytes(data: Message, mediaType: string, reading: Reading): MediaSource {
  const bytes = wantText(data, 'data', reading)
  const standard = /[-_]/.test(bytes) ? Buffer.from(bytes, 'base64').toString('base64') : bytes
  return { type: 'base64', mediaType, data: standard }
}

/** A web address, or a file that lies with the provider: of its Files API, or of its storage (`gs:`). */
function readFile(data: Message, mediaType: string, reading: Reading): MediaSource {
  const uri = wantText(data, 'fileUri', reading)
  const kept = !/^https?:/i.test(uri) || /\/v\d\w*\/files\/[^/?]+$/.test(uri)
  const typed = mediaType === '' ? {} : { mediaType }
  return kept ? { type: 'file', id: uri, ...typed } : { type: 'url', url: uri, ...typed }
}

/** The text of a plain document, if it is one that gives the same bytes again. */
function textOf(source: MediaSource): MediaSource | undefined {
  if (source.type !== 'base64') return undefined
  const bytes = Buffer.from(source.data, 'base64')
  const text = bytes.toString('utf8')
  return Buffer.from(text).toString('base64') === source.data ? { type: 'text', text } : undefined
}

/** Gemini 3 lets a part say at which resolution it is read: `MEDIA_RESOLUTION_LOW` is `low`. */
function readDetail(part: Message, known: ReadonlySet<string>, reading: Reading): { readonly detail?: string } {
  noteUnknown(part, new Set([...known, 'mediaResolution']), reading)
  if (!has(part, 'mediaResolution')) return {}
  const resolution = messageOf(part, 'mediaResolution', reading)
  noteUnknown(resolution, RESOLUTION_FIELDS, reading)
  const level = maybeText(resolution, 'level', reading)
    ?.replace(/^MEDIA_RESOLUTION_/, '')
    .toLowerCase()
  return level === undefined || level === 'unspecified' ? {} : { detail: level }
}
