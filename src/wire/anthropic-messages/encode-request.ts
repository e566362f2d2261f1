import type { JsonObject } from '../../base/json-value.ts'
import type { CanonRequest } from '../../canon/request.ts'
import { placeOf } from '../places.ts'
import type { Quirks } from '../quirks.ts'
import { type Draft, loseUnknown, writeSettings } from '../settings.ts'
import type { EncodedRequest } from '../wire-protocol.ts'
import { writeReasoning } from './encode-reasoning.ts'
import { writeToolChoice, writeTools } from './encode-tools.ts'
import { writeTurns } from './encode-turns.ts'
import { parameters, withoutIdleSettings } from './parameters.ts'
import { openWriting, type Writing } from './writing.ts'

/** Output limit sent where the client gave none; Anthropic demands one. */
const MAX_TOKENS_DEFAULT = 8192

/** Writes a request for a provider of Anthropic's Messages API. */
export function encodeRequest(request: CanonRequest, ofProvider: Quirks): EncodedRequest {
  const writing = openWriting(request, ofProvider)
  const { quirks } = writing
  const { system, messages } = writeTurns(request.turns, writing)
  const tools = writeTools(writing)
  const toolChoice = writeToolChoice(tools.length, writing)
  const stopSequences = writeStopSequences(writing)
  const { maxTokens, thinking, outputConfig } = writeOutput(writing)
  const body: Draft = {
    model: request.model,
    max_tokens: maxTokens,
    ...(system.length === 0 ? {} : { system }),
    messages,
    ...(tools.length === 0 ? {} : { tools }),
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
    ...(stopSequences.length === 0 ? {} : { stop_sequences: stopSequences }),
    ...(thinking === undefined ? {} : { thinking }),
    ...(Object.keys(outputConfig).length === 0 ? {} : { output_config: outputConfig }),
    ...(request.stream ? { stream: true } : {}),
  }
  writeSettings(withoutIdleSettings(request, quirks), parameters, quirks, body, writing.losses)
  loseUnknown(request, writing.losses)
  return { body, losses: writing.losses, assumptions: writing.assumptions }
}

/** The output limit, how much to think and the answer's form: they depend on one another. */
function writeOutput(writing: Writing): { maxTokens: number; thinking?: JsonObject; outputConfig: JsonObject } {
  const { request, quirks } = writing
  const given = request.maxOutputTokens
  const limit = given ?? quirks.maxTokensDefault ?? MAX_TOKENS_DEFAULT
  const { maxTokens, thinking, effort } = writeReasoning(limit, given !== undefined, writing)
  if (given === undefined) writing.assume('max_tokens', String(maxTokens), 'Anthropic demands an output limit')
  return {
    maxTokens,
    ...(thinking === undefined ? {} : { thinking }),
    outputConfig: { ...(effort === undefined ? {} : { effort }), ...writeFormat(writing) },
  }
}

function writeFormat(writing: Writing): JsonObject {
  const { format } = writing.request
  if (format?.type === 'json-schema') {
    // The schema's own place for what it is about: the form itself has none.
    const { description, schema } = format
    const told = description === undefined || schema.description !== undefined ? {} : { description }
    return { format: { type: 'json_schema', schema: { ...told, ...schema } } }
  }
  if (format?.type === 'json')
    writing.lose('output_format', placeOf(writing.request, 'output_format'), 'Anthropic has JSON only with a schema')
  return {}
}

/** Anthropic refuses stop sequences of white space. */
function writeStopSequences(writing: Writing): string[] {
  const sequences = writing.request.stopSequences ?? []
  const blank = sequences.some(sequence => sequence.trim() === '')
  if (blank)
    writing.lose(
      'stop_sequences',
      placeOf(writing.request, 'stop_sequences'),
      'Anthropic refuses stop sequences of white space',
    )
  return sequences.filter(sequence => sequence.trim() !== '')
}
