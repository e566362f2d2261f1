import type { JsonObject } from '../../base/json-value.ts'
import type { Assumption, Loss } from '../../canon/loss.ts'
import type { ProtocolId } from '../../canon/protocol.ts'
import type { DocumentPart, ImagePart, Part } from '../../canon/request.ts'
import type { CallIds } from '../call-ids.ts'
import { placeInside } from '../places.ts'
import type { Quirks } from '../quirks.ts'
import { lossOf } from '../settings.ts'
import { PROTOCOL } from './protocol.ts'

/** What the writers of a request share. */
export interface Writing {
  /** The protocol the request was read from. */
  readonly from: ProtocolId
  readonly quirks: Quirks
  readonly losses: Loss[]
  readonly assumptions: Assumption[]
  readonly ids: CallIds
}

/**
 * Writes the content of a message that is not the model's. Text alone becomes one text, since many servers take no list; texts are
 * set apart by an empty line, as parts of a list would be.
 */
export function writeContent(parts: readonly Part[], writing: Writing): string | JsonObject[] {
  const written = parts.flatMap(part => writePart(part, writing))
  const plain = written.every(part => part.type === 'text' && part.cache_control === undefined)
  return plain ? written.map(part => part.text).join('\n\n') : written
}

function writePart(part: Part, writing: Writing): JsonObject[] {
  const { losses } = writing
  switch (part.type) {
    case 'text':
      loseCitations(part, writing)
      return [{ type: 'text', text: part.text, ...writeMark(part, writing) }]
    case 'image':
      return writeImage(part, writing)
    case 'document':
      return writeDocument(part, writing)
    case 'audio':
      return [
        { type: 'input_audio', input_audio: { data: part.data, format: part.format }, ...writeMark(part, writing) },
      ]
    case 'opaque':
      if (part.protocol === PROTOCOL) return [part.value]
      losses.push(lossOf('opaque_parts', part.at, `"${part.name}" is known to its own protocol only`))
      return []
    case 'refusal':
      writeMark(part, writing)
      return [{ type: 'text', text: part.text }]
    // These stand in fields or messages of their own.
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      return []
  }
}

/** A cache mark, where the provider takes one. */
export function writeMark(
  marked: Pick<Part, 'at' | 'cache' | 'places'>,
  { from, quirks, losses }: Writing,
): { readonly cache_control?: JsonObject } {
  if (marked.cache === undefined) return {}
  if (quirks.cacheMarks === true) return { cache_control: marked.cache }
  losses.push(lossOf('cache_marks', placeInside(marked, 'cache', from), 'this provider takes no cache marks'))
  return {}
}

/** Citations of earlier turns have no field in a request. */
export function loseCitations(part: Part, { from, losses }: Writing): void {
  if (part.type === 'text' && part.citations !== undefined)
    losses.push(
      lossOf(
        'citations_history',
        placeInside(part, 'citations', from),
        'citations cannot be sent back in Chat Completions',
      ),
    )
}

function writeImage(part: ImagePart, writing: Writing): JsonObject[] {
  const { source } = part
  const { losses, quirks } = writing
  if (source.type === 'file' || source.type === 'text') {
    losses.push(lossOf('images', part.at, "an image kept in another service's file store cannot be sent"))
    return []
  }
  if (source.type === 'url' && quirks.imagesInlineOnly === true) {
    losses.push(lossOf('images', part.at, 'this provider takes images inside the request only, not by URL'))
    return []
  }
  const url = source.type === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`
  const detail = part.detail === undefined ? {} : { detail: part.detail }
  return [{ type: 'image_url', image_url: { url, ...detail }, ...writeMark(part, writing) }]
}

function writeDocument(part: DocumentPart, writing: Writing): JsonObject[] {
  const { source, title, at } = part
  const { losses, assumptions, quirks } = writing
  if (part.context !== undefined)
    losses.push(lossOf('document_context', at, 'a file part has no place for text about the document'))
  if (part.citations === true)
    losses.push(lossOf('document_citations', at, 'citations from a document cannot be asked for'))
  if (source.type === 'text') {
    const text = title === undefined ? source.text : `${title}\n\n${source.text}`
    return [{ type: 'text', text, ...writeMark(part, writing) }]
  }
  const obstacle = documentObstacle(source.type, quirks)
  if (obstacle !== undefined || source.type !== 'base64') {
    losses.push(lossOf('documents', at, obstacle ?? 'this kind of document cannot be sent'))
    return []
  }
  const filename = title ?? 'document.pdf'
  if (title === undefined)
    assumptions.push({ path: 'messages[].content[].file.filename', value: filename, reason: 'a file must have a name' })
  const file_data = `data:${source.mediaType};base64,${source.data}`
  return [{ type: 'file', file: { filename, file_data }, ...writeMark(part, writing) }]
}

function documentObstacle(source: string, quirks: Quirks): string | undefined {
  if (quirks.noDocuments === true) return 'this provider takes no documents'
  if (source === 'url') return 'a document cannot be sent by URL'
  return source === 'file' ? "a document kept in another service's file store cannot be sent" : undefined
}
