import type { JsonObject, JsonValue } from '../../base/json-value.ts'
import type { CanonRequest, OutputFormat } from '../../canon/request.ts'
import { placeOf } from '../places.ts'
import { type Quirks, quirksOfModel } from '../quirks.ts'
import { STATE_FIELDS } from '../retarget-body.ts'
import { type Draft, loseUnknown, lossOf, writeSettings } from '../settings.ts'
import type { EncodedRequest } from '../wire-protocol.ts'
import { writeConversation } from './encode-items.ts'
import { mayReason, writeReasoningWish } from './encode-reasoning.ts'
import { writeTools } from './encode-tools.ts'
import { SEALED_REASONING, TEXT_LOGPROBS } from './item-types.ts'
import { parameters } from './parameters.ts'
import { openWriting, type Writing } from './writing.ts'

/** Writes a request for a provider of the Responses API. */
export function encodeRequest(request: CanonRequest, ofProvider: Quirks): EncodedRequest {
  const quirks = quirksOfModel(ofProvider, request.model)
  const writing = openWriting(request, quirks)
  const { losses, assumptions } = writing
  const body: Draft = { model: request.model, ...writeConversation(writing) }
  writeTools(writing, body)
  writeLimit(writing, body)
  if ((request.stopSequences ?? []).length > 0)
    losses.push(
      lossOf('stop_sequences', placeOf(request, 'stop_sequences'), 'the target protocol has no such parameter'),
    )
  const format = writeFormat(request.format, writing)
  if (format !== undefined) body.text = { format }
  const reasoning = writeReasoningWish(writing)
  if (reasoning !== undefined) body.reasoning = reasoning
  writeSettings(plainSettings(request), parameters, refusing(quirks, request), body, losses)
  writeInclude(writing, body)
  writeStore(writing, body)
  if (request.stream) body.stream = true
  loseUnknown(request, losses)
  return { body: body as JsonObject, losses, assumptions }
}

/** Clients ask for one token to see whether a model answers: that must not fail where the provider wants a few more. */
function writeLimit({ request, quirks, assume }: Writing, body: Draft): void {
  const { maxOutputTokens: limit } = request
  if (limit === undefined) return
  const least = quirks.maxTokensMin ?? limit
  body.max_output_tokens = Math.max(limit, least)
  if (limit < least) assume('max_output_tokens', String(least), 'the provider takes no less')
}

/** Log probabilities are asked for in `include`, among other things. */
function plainSettings(request: CanonRequest): CanonRequest {
  return { ...request, settings: request.settings.filter(setting => setting.name !== 'logprobs') }
}

/** Quirks that are refused settings by another name. */
function refusing(quirks: Quirks, request: CanonRequest): Quirks {
  const refuses = [
    ...(quirks.refuses ?? []),
    ...(quirks.noStore === true ? ['store'] : []),
    ...(quirks.noStreamOptions === true ? ['stream_obfuscation'] : []),
    ...(quirks.stateless === true ? memories(request) : []),
  ]
  return { ...quirks, refuses }
}

/** The settings of a request that ask a provider to keep something, or for what it kept. `false` asks for neither. */
function memories({ settings }: CanonRequest): string[] {
  return settings
    .filter(({ name, value }) => STATE_FIELDS.some(field => field === name) && value !== false)
    .map(({ name }) => name)
}

function writeFormat(format: OutputFormat | undefined, writing: Writing): JsonObject | undefined {
  if (format === undefined || format.type === 'text') return undefined
  if (format.type === 'json') return { type: 'json_object' }
  const name = format.name ?? 'answer'
  if (format.name === undefined) writing.assume('text.format.name', name, 'a schema must have a name')
  return {
    type: 'json_schema',
    name,
    ...(format.description === undefined ? {} : { description: format.description }),
    schema: format.schema,
    ...(format.strict === undefined ? {} : { strict: format.strict }),
  }
}

/** Asks for log probabilities, and for reasoning in the form that can be given back to a provider that keeps nothing. */
function writeInclude(writing: Writing, body: Draft): void {
  const { request, quirks, losses, assume } = writing
  const refused = (name: string) => quirks.refuses?.includes(name) === true
  const include: JsonValue[] = Array.isArray(body.include) ? [...body.include] : []
  const logprobs = request.settings.find(setting => setting.name === 'logprobs')
  if (logprobs?.value === true) {
    if (refused('logprobs') || refused('include'))
      losses.push(lossOf('logprobs', logprobs.at, 'this provider refuses the parameter'))
    else include.push(TEXT_LOGPROBS)
  }
  if (mayReason(writing) && !refused('include')) {
    include.push(SEALED_REASONING)
    assume('include', SEALED_REASONING, 'without it the reasoning could not be given back with the next turn')
  }
  if (include.length > 0) body.include = include
}

/** A provider of this protocol keeps every reply unless told not to; the client's protocol asks for no such thing unless it says so. */
function writeStore({ request, quirks, assume }: Writing, body: Draft): void {
  const silent = quirks.noStore === true || quirks.refuses?.includes('store') === true
  if (silent || request.settings.some(setting => setting.name === 'store')) return
  body.store = false
  assume('store', 'false', 'the provider would keep the conversation, and the client did not ask for that')
}
