import type { JsonObject } from '../../base/json-value.ts'
import type { ParameterName } from '../../canon/parameters.ts'
import type {
  DocumentPart,
  ImagePart,
  MediaSource,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../canon/request.ts'
import { argumentsObject } from '../call-arguments.ts'
import { loseSignature, placeInside } from '../places.ts'
import { PROTOCOL } from './protocol.ts'
import type { Writing } from './writing.ts'

/** A content block as written. */
export type Block = JsonObject

/** Writes one part of a message; a part that cannot be said gives no block and a loss. */
export function writePart(part: Part, writing: Writing): Block[] {
  switch (part.type) {
    case 'text':
      return writeText(part, writing)
    case 'refusal':
      return writeText({ ...part, type: 'text' }, writing)
    case 'image':
      return writeImage(part, writing)
    case 'document':
      return writeDocument(part, writing)
    case 'audio':
      return left('audio_input', part.at, 'Anthropic takes no sound', writing)
    case 'tool-call':
      return [writeToolCall(part, writing)]
    case 'tool-result':
      return [writeToolResult(part, writing)]
    case 'reasoning':
      return writeReasoning(part, writing)
    case 'opaque':
      return part.protocol === PROTOCOL
        ? [part.value]
        : left('opaque_parts', part.at, `only ${part.protocol} knows ${part.name}`, writing)
  }
}

/** Anthropic refuses text blocks of white space; nothing is lost without them but a cache mark. */
function writeText(part: TextPart, writing: Writing): Block[] {
  const { from } = writing.request
  if (part.text.trim() === '') {
    return part.cache === undefined
      ? []
      : left('cache_marks', placeInside(part, 'cache', from), 'an empty text cannot carry a mark', writing)
  }
  const own = from === PROTOCOL
  if (part.citations !== undefined && !own)
    writing.lose(
      'citations_history',
      placeInside(part, 'citations', from),
      'the citations are in another protocol’s form',
    )
  return [
    {
      type: 'text',
      text: part.text,
      ...(part.citations !== undefined && own ? { citations: part.citations } : {}),
      ...mark(part.cache),
    },
  ]
}

function writeImage(part: ImagePart, writing: Writing): Block[] {
  if (part.detail !== undefined && part.detail !== 'auto')
    writing.lose('image_detail', part.at, 'Anthropic has no choice of resolution')
  const source = writeSource(part.source, 'images', part.at, writing)
  return source === undefined ? [] : [{ type: 'image', source, ...mark(part.cache) }]
}

function writeDocument(part: DocumentPart, writing: Writing): Block[] {
  if (writing.quirks.noDocuments === true)
    return left('documents', part.at, 'this provider takes no documents', writing)
  const source = writeSource(part.source, 'documents', part.at, writing)
  if (source === undefined) return []
  return [
    {
      type: 'document',
      source,
      ...(part.title === undefined ? {} : { title: part.title }),
      ...(part.context === undefined ? {} : { context: part.context }),
      ...(part.citations === true ? { citations: { enabled: true } } : {}),
      ...mark(part.cache),
    },
  ]
}

function writeSource(
  source: MediaSource,
  parameter: 'images' | 'documents',
  at: string,
  writing: Writing,
): JsonObject | undefined {
  const cannot = (reason: string) => {
    writing.lose(parameter, at, reason)
    return undefined
  }
  switch (source.type) {
    case 'base64':
      return (
        writeBytes(source.mediaType, source.data, parameter) ?? cannot(`Anthropic does not take ${source.mediaType}`)
      )
    case 'url':
      return parameter === 'images' && writing.quirks.imagesInlineOnly === true
        ? cannot('this provider takes images only inline')
        : { type: 'url', url: source.url }
    case 'file':
      return writing.request.from === PROTOCOL
        ? { type: 'file', file_id: source.id }
        : cannot('the file lies with another provider')
    case 'text':
      return parameter === 'documents' ? plainText(source.text) : cannot('a text is no image')
  }
}

/** Documents inline are PDF or plain text; images are what the provider makes of them. */
function writeBytes(mediaType: string, data: string, parameter: 'images' | 'documents'): JsonObject | undefined {
  if (parameter === 'images' || mediaType === 'application/pdf') return { type: 'base64', media_type: mediaType, data }
  return mediaType.startsWith('text/') ? plainText(Buffer.from(data, 'base64').toString('utf8')) : undefined
}

function plainText(data: string): JsonObject {
  return { type: 'text', media_type: 'text/plain', data }
}

function writeToolCall(part: ToolCallPart, writing: Writing): Block {
  loseSignature(part, writing.request.from, writing.lose)
  return {
    type: 'tool_use',
    id: writing.ids.forCall(part.id, part.custom),
    name: part.name,
    input: argumentsObject(part, 'Anthropic', writing.request.from, writing.lose),
    ...mark(part.cache),
  }
}

function writeToolResult(part: ToolResultPart, writing: Writing): Block {
  const content = part.content.flatMap(inner => writePart(inner, writing))
  return {
    type: 'tool_result',
    tool_use_id: writing.ids.forResult(part.callId, false).id,
    ...(content.length === 0 ? {} : { content }),
    ...(part.failed ? { is_error: true } : {}),
    ...mark(part.cache),
  }
}

/** Only what an Anthropic provider signed can go back to one; others refuse a signature they did not make. */
function writeReasoning(part: ReasoningPart, writing: Writing): Block[] {
  const own = (part.origin ?? writing.request.from) === PROTOCOL
  if (own && part.redacted !== undefined) return [{ type: 'redacted_thinking', data: part.redacted }]
  if (own && part.signature !== undefined) return [{ type: 'thinking', thinking: part.text, signature: part.signature }]
  if (writing.quirks.unsignedThinking === true && part.text !== '')
    return [{ type: 'thinking', thinking: part.text, signature: '' }]
  const reason = own ? 'thinking without its signature is refused' : 'another protocol’s provider wrote it'
  return left('reasoning_history', part.at, reason, writing)
}

function left(parameter: ParameterName, at: string, reason: string, writing: Writing): Block[] {
  writing.lose(parameter, at, reason)
  return []
}

/** The prompt-cache mark as a field. */
export function mark(cache: JsonObject | undefined): JsonObject {
  return cache === undefined ? {} : { cache_control: cache }
}
