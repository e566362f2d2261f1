import type { JsonObject } from '../../base/json-value.ts'
import type { CanonRequest } from '../../canon/request.ts'
import { placeOf } from '../places.ts'
import type { Quirks } from '../quirks.ts'
import { type Draft, loseUnknown, writeSettings } from '../settings.ts'
import type { EncodedRequest } from '../wire-protocol.ts'
import { writeContents } from './encode-contents.ts'
import { writeThinking } from './encode-reasoning.ts'
import { type ToolsWritten, writeTools } from './encode-tools.ts'
import { isIdle, parameters } from './parameters.ts'
import { withoutConst } from './schema.ts'
import { openWriting, type Writing } from './writing.ts'

/** Google takes no more (ai.google.dev/api/generate-content, `stopSequences`). */
const STOPS_MAX = 5

/** Writes a request for `generateContent`. The model and whether to stream go into the path. */
export function encodeRequest(request: CanonRequest, quirks: Quirks): EncodedRequest {
  const writing = openWriting(request, quirks)
  const { systemInstruction, contents } = writeContents(request.turns, writing)
  const written = writeTools(writing)
  const config = writeConfig(written, writing)
  const { tools, calling } = written
  const body: Draft = {
    ...(systemInstruction === undefined ? {} : { systemInstruction }),
    contents,
    ...(tools.length === 0 ? {} : { tools }),
    ...(calling === undefined ? {} : { toolConfig: { functionCallingConfig: calling } }),
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
  }
  const asking = { ...request, settings: request.settings.filter(setting => !isIdle(setting)) }
  writeSettings(asking, parameters, writing.quirks, body, writing.losses)
  loseUnknown(request, writing.losses)
  return { body: body as JsonObject, losses: writing.losses, assumptions: writing.assumptions }
}

function writeConfig(tools: ToolsWritten, writing: Writing): JsonObject {
  const { maxOutputTokens } = writing.request
  const thinkingConfig = writeThinking(writing)
  return {
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...writeStops(writing),
    ...writeFormat(tools, writing),
    ...(thinkingConfig === undefined ? {} : { thinkingConfig }),
  }
}

function writeStops(writing: Writing): JsonObject {
  const stops = writing.request.stopSequences ?? []
  if (stops.length > STOPS_MAX)
    writing.lose(
      'stop_sequences',
      placeOf(writing.request, 'stop_sequences'),
      `${stops.length} stop sequences, but at most ${STOPS_MAX} are taken`,
    )
  return stops.length === 0 ? {} : { stopSequences: stops.slice(0, STOPS_MAX) }
}

/**
 * The form of the answer. Gemini does not take JSON as the form where it must call a tool, nor before Gemini 3 where it may (its own error message;
 * @ai-sdk/google 4 works around both).
 */
function writeFormat(tools: ToolsWritten, writing: Writing): JsonObject {
  const { format } = writing.request
  if (format === undefined) return {}
  if (format.type === 'text') return { responseMimeType: 'text/plain' }
  const beside = tools.callable && writing.quirks.noFormatBesideTools === true
  if (beside || tools.forced) {
    const reason = beside ? 'beside tools' : 'where a tool must be called'
    writing.lose(
      'output_format',
      placeOf(writing.request, 'output_format'),
      `this model takes no form of the answer ${reason}`,
    )
    return {}
  }
  if (format.type === 'json') return { responseMimeType: 'application/json' }
  const schema = withoutConst(format.schema)
  const { description } = format
  const described = description === undefined || schema.description !== undefined ? schema : { description, ...schema }
  return { responseMimeType: 'application/json', responseJsonSchema: described }
}
