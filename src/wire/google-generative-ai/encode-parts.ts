import type { JsonObject } from '../../base/json-value.ts'
import type { Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../../canon/request.ts'
import { argumentsObject } from '../call-arguments.ts'
import { loseSignature, placeInside } from '../places.ts'
import { writeAudio, writeDocument, writeImage, writeResultMedia } from './encode-media.ts'
import { PROTOCOL } from './protocol.ts'
import { writeResponse } from './tool-response.ts'
import type { Writing } from './writing.ts'

/** Writes one part of a turn; a part that cannot be said gives none and a loss. */
export function writePart(part: Part, writing: Writing): JsonObject[] {
  loseMark(part, writing)
  switch (part.type) {
    case 'text':
      return writeText(part, writing)
    case 'refusal':
      return part.text === '' ? [] : [{ text: part.text }]
    case 'image':
      return writeImage(part, writing)
    case 'document':
      return writeDocument(part, writing)
    case 'audio':
      return writeAudio(part)
    case 'tool-call':
      return [writeCall(part, writing)]
    case 'tool-result':
      return [writeResult(part, writing)]
    case 'reasoning':
      return writeReasoning(part, writing)
    case 'opaque':
      if (part.protocol === PROTOCOL) return [part.value]
      writing.lose('opaque_parts', part.at, `only ${part.protocol} knows ${part.name}`)
      return []
  }
}

function loseMark(part: Part, writing: Writing): void {
  if (part.cache !== undefined)
    writing.lose('cache_marks', placeInside(part, 'cache', writing.request.from), 'Gemini has no prompt-cache marks')
}

/** Gemini refuses a text part without text; nothing is lost without it. */
function writeText(part: TextPart, writing: Writing): JsonObject[] {
  if (part.citations !== undefined)
    writing.lose(
      'citations_history',
      placeInside(part, 'citations', writing.request.from),
      'citations cannot be sent back to Gemini',
    )
  return part.text === '' ? [] : [{ text: part.text }]
}

function writeCall(part: ToolCallPart, writing: Writing): JsonObject {
  const { id, name, signature } = part
  writing.calledNames.set(id, name)
  const own = (part.origin ?? writing.request.from) === PROTOCOL
  if (!own) loseSignature(part, writing.request.from, writing.lose)
  return {
    functionCall: {
      ...idOf(id, writing),
      name,
      args: argumentsObject(part, 'Gemini', writing.request.from, writing.lose),
    },
    ...(own && signature !== undefined ? { thoughtSignature: signature } : {}),
  }
}

function idOf(id: string, writing: Writing): JsonObject {
  return writing.quirks.noCallIds === true ? {} : { id }
}

/** Texts become the response; whatever else stands in the result goes beside it. */
function writeResult(part: ToolResultPart, writing: Writing): JsonObject {
  const texts: string[] = []
  const media: JsonObject[] = []
  for (const inner of part.content) {
    const text = textOf(inner)
    if (text === undefined) media.push(...writeResultMedia(inner, writing))
    else texts.push(text)
    loseMark(inner, writing)
  }
  return {
    functionResponse: {
      ...idOf(part.callId, writing),
      name: nameOf(part, writing),
      response: writeResponse({ text: texts.join('\n\n'), failed: part.failed }),
      ...(media.length === 0 ? {} : { parts: media }),
    },
  }
}

function textOf(part: Part): string | undefined {
  if (part.type === 'text' || part.type === 'refusal') return part.text
  if (part.type !== 'document' || part.source.type !== 'text') return undefined
  return part.title === undefined ? part.source.text : `${part.title}\n\n${part.source.text}`
}

function nameOf(part: ToolResultPart, writing: Writing): string {
  const name = writing.calledNames.get(part.callId)
  if (name !== undefined) return name
  const path = 'contents[].parts[].functionResponse.name'
  writing.assume(path, part.callId, 'a result must name its function, and no call of this id stands before it')
  return part.callId
}

/** Only what a Gemini provider wrote can go back to one. A signature without text stood on an empty part, behind what it signs. */
function writeReasoning(part: ReasoningPart, writing: Writing): JsonObject[] {
  if ((part.origin ?? writing.request.from) !== PROTOCOL) {
    writing.lose('reasoning_history', part.at, 'another protocol’s provider wrote it')
    return []
  }
  const { text, signature } = part
  const signed = signature === undefined ? {} : { thoughtSignature: signature }
  if (text !== '') return [{ text, thought: true, ...signed }]
  return signature === undefined ? [] : [{ text, ...signed }]
}
