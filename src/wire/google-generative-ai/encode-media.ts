import type { JsonObject } from '../../base/json-value.ts'
import type { AudioPart, DocumentPart, ImagePart, MediaSource, Part } from '../../canon/request.ts'
import { PROTOCOL } from './protocol.ts'
import type { Writing } from './writing.ts'

/** Kinds of a file by the ending of its address. Google takes these from the web (ai.google.dev, "File input methods"). */
const KINDS = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['bmp', 'image/bmp'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['html', 'text/html'],
  ['htm', 'text/html'],
  ['css', 'text/css'],
  ['csv', 'text/csv'],
  ['xml', 'text/xml'],
  ['rtf', 'text/rtf'],
  ['js', 'text/javascript'],
  ['json', 'application/json'],
])

/** What a `functionResponse` of Gemini 3 may hold (ai.google.dev, "Multimodal function responses"). */
const RESULT_KINDS = new Set(['image/png', 'image/jpeg', 'image/webp', 'application/pdf', 'text/plain'])

/** Image resolutions, as OpenAI calls them or Gemini's words in lower case (SDK enum `PartMediaResolutionLevel`). */
const LEVELS = new Set(['low', 'medium', 'high', 'ultra_high'])

/** Writes an image. */
export function writeImage(part: ImagePart, writing: Writing): JsonObject[] {
  const data = writeSource(part.source, 'images', part, writing)
  return data === undefined ? [] : [{ ...data, ...writeDetail(part, writing) }]
}

/** Writes a document. */
export function writeDocument(part: DocumentPart, writing: Writing): JsonObject[] {
  const { title, context, citations, at } = part
  if (writing.quirks.noDocuments === true) {
    writing.lose('documents', at, 'this provider takes no documents')
    return []
  }
  if (context !== undefined) writing.lose('document_context', at, 'Gemini has no place for text about a document')
  if (citations === true) writing.lose('document_citations', at, 'Gemini cannot be asked to cite from a document')
  const data = writeSource(part.source, 'documents', part, writing, title)
  return data === undefined ? [] : [data]
}

/** Writes sound. */
export function writeAudio(part: AudioPart): JsonObject[] {
  return [{ inlineData: { mimeType: `audio/${part.format}`, data: part.data } }]
}

/** Writes what a tool gave beside its text. Inside a result Gemini takes some kinds only, and only their bytes. */
export function writeResultMedia(part: Part, writing: Writing): JsonObject[] {
  const lost = (reason: string) => {
    writing.lose('tool_result_media', part.at, reason)
    return []
  }
  if (part.type === 'opaque') {
    writing.lose('opaque_parts', part.at, `only ${part.protocol} knows ${part.name}`)
    return []
  }
  if (part.type !== 'image' && part.type !== 'document') return lost(`a result cannot hold ${part.type} content here`)
  if (writing.quirks.noResultMedia === true) return lost('this model takes text only as the result of a tool')
  const { source } = part
  if (source.type !== 'base64') return lost('Gemini takes media in a result only inside the request')
  if (!RESULT_KINDS.has(source.mediaType)) return lost(`Gemini takes no ${source.mediaType} in a result`)
  return [{ inlineData: { mimeType: source.mediaType, data: source.data } }]
}

function writeDetail({ detail, at }: ImagePart, writing: Writing): JsonObject {
  if (detail === undefined || detail === 'auto') return {}
  if (writing.quirks.noPartResolution !== true && LEVELS.has(detail))
    return { mediaResolution: { level: `MEDIA_RESOLUTION_${detail.toUpperCase()}` } }
  writing.lose('image_detail', at, 'this model has no choice of resolution for a single image')
  return {}
}

function writeSource(
  source: MediaSource,
  parameter: 'images' | 'documents',
  { at }: Part,
  writing: Writing,
  title?: string,
): JsonObject | undefined {
  const named = title === undefined ? {} : { displayName: title }
  switch (source.type) {
    case 'base64':
      return { inlineData: { mimeType: source.mediaType, data: source.data, ...named } }
    case 'text':
      if (parameter === 'images') break
      return {
        inlineData: { mimeType: 'text/plain', data: Buffer.from(source.text).toString('base64'), ...named },
      }
    case 'file':
      if (writing.request.from !== PROTOCOL) break
      return { fileData: { ...typeOf(source.mediaType), fileUri: source.id, ...named } }
    case 'url': {
      const file = writeUrl(source.url, source.mediaType, writing)
      if (typeof file !== 'string') return { fileData: { ...file, ...named } }
      writing.lose(parameter, at, file)
      return undefined
    }
  }
  writing.lose(parameter, at, source.type === 'file' ? 'the file lies with another provider' : 'a text is no image')
  return undefined
}

function typeOf(mimeType: string | undefined): JsonObject {
  return mimeType === undefined ? {} : { mimeType }
}

/**
 * Gemini fetches https addresses itself since 2026 (ai.google.dev, "File input methods"), all but the models of before 2.5, and must be told the
 * kind. Gives the reason where it cannot.
 */
function writeUrl(url: string, mediaType: string | undefined, writing: Writing): JsonObject | string {
  if (writing.quirks.imagesInlineOnly === true) return 'this model takes files inside the request only, not by URL'
  if (!/^https:\/\//i.test(url)) return 'Gemini takes files only by an https URL'
  if (mediaType !== undefined) return { mimeType: mediaType, fileUri: url }
  const ending = /\.([a-z]+)$/i.exec(url.split(/[?#]/, 1)[0] ?? '')?.[1]?.toLowerCase()
  const mimeType = KINDS.get(ending ?? '')
  if (mimeType === undefined)
    return 'Gemini must be told the kind of a file, and neither the request nor its URL says it'
  writing.assume(
    'contents[].parts[].fileData.mimeType',
    mimeType,
    "Gemini must be told the kind; the URL's ending says it",
  )
  return { mimeType, fileUri: url }
}
