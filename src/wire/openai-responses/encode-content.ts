import type { JsonObject } from '../../base/json-value.ts'
import type { AudioPart, DocumentPart, ImagePart, OpaquePart, Part, TextPart } from '../../canon/request.ts'
import { placeInside } from '../places.ts'
import { PROTOCOL } from './protocol.ts'
import type { Writing } from './writing.ts'

/** A file must have a name; PDF is the one kind every provider with files takes. */
const FILE_NAME = 'document.pdf'

/** Writes the content of a message that is not the model's, or of a tool's result. */
export function writeInputContent(parts: readonly Part[], writing: Writing): JsonObject[] {
  return parts.flatMap(part => writeInputPart(part, writing))
}

function writeInputPart(part: Part, writing: Writing): JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      if (part.type === 'text') loseCitations(part, writing)
      return [{ type: 'input_text', text: part.text, ...breakpoint(part, writing) }]
    case 'image':
      return writeImage(part, writing)
    case 'document':
      return writeDocument(part, writing)
    case 'audio':
      return [writeAudio(part, writing)]
    case 'opaque':
      return writeOpaque(part, writing)
    // These are items of their own.
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      return []
  }
}

/** Writes a piece of the model's own message. */
export function writeOutputPart(part: Part, writing: Writing): JsonObject[] {
  if (part.type === 'refusal') return [{ type: 'refusal', refusal: part.text, ...breakpoint(part, writing) }]
  if (part.type === 'text') {
    const citations = writing.own ? part.citations : undefined
    if (!writing.own) loseCitations(part, writing)
    return [
      {
        type: 'output_text',
        text: part.text,
        ...(citations === undefined ? {} : { annotations: citations }),
        ...breakpoint(part, writing),
      },
    ]
  }
  if (part.type === 'opaque') return writeOpaque(part, writing)
  writing.lose('opaque_parts', part.at, `an assistant message cannot hold ${part.type} content`)
  return []
}

function writeOpaque(part: OpaquePart, { lose }: Writing): JsonObject[] {
  if (part.protocol === PROTOCOL) return [part.value]
  lose('opaque_parts', part.at, `"${part.name}" is known to its own protocol only`)
  return []
}

function loseCitations(part: TextPart, { request, lose }: Writing): void {
  if (part.citations !== undefined)
    lose(
      'citations_history',
      placeInside(part, 'citations', request.from),
      "the citations are in another protocol's form, or stand where none can",
    )
}

/** Only the newest models of OpenAI take breakpoints (SDK type `PromptCacheOptions`, 2026), so a foreign mark is not turned into one. */
function breakpoint(part: Part, writing: Writing): JsonObject {
  if (part.cache === undefined) return {}
  if (writing.own)
    return { prompt_cache_breakpoint: { mode: 'explicit', ...(part.cache.ttl === '1h' ? { ttl: '12h' } : {}) } }
  loseMark(part, writing)
  return {}
}

/** Notes a cache mark that has no place. */
export function loseMark(part: Part, { request, lose }: Writing): void {
  if (part.cache !== undefined)
    lose(
      'cache_marks',
      placeInside(part, 'cache', request.from),
      'the provider chooses itself what it keeps of a prompt',
    )
}

function writeImage(part: ImagePart, writing: Writing): JsonObject[] {
  const { source, detail, at } = part
  const { own, quirks, lose } = writing
  const rest = { ...(detail === undefined ? {} : { detail }), ...breakpoint(part, writing) }
  switch (source.type) {
    case 'base64':
      return [{ type: 'input_image', image_url: `data:${source.mediaType};base64,${source.data}`, ...rest }]
    case 'url':
      if (quirks.imagesInlineOnly !== true) return [{ type: 'input_image', image_url: source.url, ...rest }]
      lose('images', at, 'this provider takes images inside the request only, not by URL')
      return []
    case 'file':
      if (own) return [{ type: 'input_image', file_id: source.id, ...rest }]
      lose('images', at, "an image kept in another service's file store cannot be sent")
      return []
    case 'text':
      lose('images', at, 'a text is no image')
      return []
  }
}

function writeDocument(part: DocumentPart, writing: Writing): JsonObject[] {
  const { title, source, at } = part
  const { own, quirks, lose } = writing
  if (part.context !== undefined) lose('document_context', at, 'a file has no place for text about the document')
  if (part.citations === true) lose('document_citations', at, 'citations from a document cannot be asked for')
  const mark = breakpoint(part, writing)
  // Older models and other servers take PDF files only, but everybody takes text.
  if (source.type === 'text' && !own)
    return [{ type: 'input_text', text: title === undefined ? source.text : `${title}\n\n${source.text}`, ...mark }]
  if (quirks.noDocuments === true) {
    lose('documents', at, 'this provider takes no documents')
    return []
  }
  if (source.type === 'file' && !own) {
    lose('documents', at, "a document kept in another service's file store cannot be sent")
    return []
  }
  return [{ type: 'input_file', ...writeFile(part, writing), ...mark }]
}

function writeFile({ source, title }: DocumentPart, writing: Writing): JsonObject {
  const named = title === undefined ? {} : { filename: title }
  switch (source.type) {
    case 'file':
      return { file_id: source.id, ...named }
    case 'url':
      return { file_url: source.url, ...named }
    case 'text':
      return { file_data: `data:text/plain;base64,${Buffer.from(source.text).toString('base64')}`, ...named }
    case 'base64': {
      const file_data = `data:${source.mediaType};base64,${source.data}`
      if (title !== undefined || writing.own) return { file_data, ...named }
      writing.assume('input[].content[].filename', FILE_NAME, 'a file must have a name')
      return { filename: FILE_NAME, file_data }
    }
  }
}

function writeAudio(part: AudioPart, writing: Writing): JsonObject {
  loseMark(part, writing)
  return { type: 'input_audio', input_audio: { data: part.data, format: part.format } }
}
