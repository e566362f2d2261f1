import type { JsonObject } from '../../base/json-value.ts'
import type { Assumption, Loss } from '../../canon/loss.ts'
import type { CanonRequest, OutputFormat } from '../../canon/request.ts'
import { placeOf } from '../places.ts'
import { type Quirks, quirksOfModel } from '../quirks.ts'
import { type Draft, loseUnknown, lossOf, writeSettings } from '../settings.ts'
import type { EncodedRequest } from '../wire-protocol.ts'
import { openChatIds } from './call-ids.ts'
import { writeMessages } from './encode-messages.ts'
import { writeReasoning } from './encode-reasoning.ts'
import { writeTools } from './encode-tools.ts'
import { parameters } from './parameters.ts'

/** OpenAI takes no more (platform.openai.com/docs/api-reference/chat, 2026). */
const STOPS_MAX = 4

/** Writes a request for a provider, in its dialect. */
export function encodeRequest(request: CanonRequest, ofProvider: Quirks): EncodedRequest {
  const quirks = quirksOfModel(ofProvider, request.model)
  const losses: Loss[] = []
  const assumptions: Assumption[] = []
  const writing = { from: request.from, quirks, losses, assumptions, ids: openChatIds(quirks.toolIdPattern) }
  const body: Draft = { model: request.model, messages: writeMessages(request.turns, writing) }
  writeTools(request, writing, body)
  if (request.maxOutputTokens !== undefined) body[quirks.maxTokensField ?? 'max_tokens'] = request.maxOutputTokens
  writeStops(request, body, losses)
  if (request.format !== undefined) writeFormat(request.format, body, assumptions)
  writeReasoning(request.reasoning, quirks, body, losses, assumptions)
  writeSettings(request, parameters, withoutStore(quirks), body, losses)
  if (request.stream) writeStream(request, quirks, body, assumptions)
  loseUnknown(request, losses)
  return { body: body as JsonObject, losses, assumptions }
}

/** `noStore` is a refused setting by another name. */
function withoutStore(quirks: Quirks): Quirks {
  return quirks.noStore === true ? { ...quirks, refuses: [...(quirks.refuses ?? []), 'store'] } : quirks
}

function writeStops(request: CanonRequest, body: Draft, losses: Loss[]): void {
  const stops = request.stopSequences ?? []
  if (stops.length === 0) return
  body.stop = stops.slice(0, STOPS_MAX)
  if (stops.length > STOPS_MAX)
    losses.push(
      lossOf(
        'stop_sequences',
        placeOf(request, 'stop_sequences'),
        `${stops.length} stop sequences, but at most ${STOPS_MAX} are taken`,
      ),
    )
}

function writeFormat(format: OutputFormat, body: Draft, assumptions: Assumption[]): void {
  if (format.type === 'text') return
  if (format.type === 'json') {
    body.response_format = { type: 'json_object' }
    return
  }
  const name = format.name ?? 'answer'
  if (format.name === undefined)
    assumptions.push({ path: 'response_format.json_schema.name', value: name, reason: 'a schema must have a name' })
  body.response_format = {
    type: 'json_schema',
    json_schema: {
      name,
      ...(format.description === undefined ? {} : { description: format.description }),
      schema: format.schema,
      ...(format.strict === undefined ? {} : { strict: format.strict }),
    },
  }
}

function writeStream(request: CanonRequest, quirks: Quirks, body: Draft, assumptions: Assumption[]): void {
  body.stream = true
  // Usage is asked for even where the client did not: without it the call could not be accounted for.
  if (quirks.noStreamOptions !== true) body.stream_options = { include_usage: true }
  if (quirks.toolStream !== true || request.tools.length === 0) return
  body.tool_stream = true
  assumptions.push({ path: 'tool_stream', value: 'true', reason: 'lets tool arguments stream' })
}
