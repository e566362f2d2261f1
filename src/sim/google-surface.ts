import { asString, isObject, type JsonObject } from '../base/json-value.ts'
import { answerTo, countTokens, directivesIn } from './answer.ts'
import { vectorOf } from './embeddings.ts'
import { failureReply, jsonReply, streamReply } from './failure.ts'
import { contentsOf, field, googleParts, numberField, objectField, objectsField } from './google-body.ts'
import { googleChecks } from './google-checks.ts'
import { googleEnvelope, googleListEnvelope, googleRefusal } from './google-failure.ts'
import { fieldFailure } from './google-fields.ts'
import { earlierContentsOf, type GoogleNames, readGoogle } from './google-read.ts'
import { type GoogleReply, googleChunks, googleWhole } from './google-write.ts'
import type { ReceivedRequest } from './http-reader.ts'
import type { Envelope, Failure, Reply } from './reply.ts'
import { textOf } from './request-text.ts'
import type { World } from './sim-kind.ts'
import { delivery, readBody, toldOf } from './surface.ts'

/** Answers `:generateContent` and `:streamGenerateContent`; the names in the URL have been checked. */
export function answerGoogle(request: ReceivedRequest, world: World, names: GoogleNames): Reply {
  const envelope = envelopeFor(request, names.stream)
  const read = readMessage(request, 'GenerateContentRequest')
  if ('status' in read) return failureReply(read, envelope)
  const body = read.object
  const ask = readGoogle(body, names)
  for (const check of googleChecks) {
    const failure = check({ body, ask, request, world })
    if (failure !== undefined) return failureReply(failure, envelope)
  }
  const answer = answerTo(ask)
  const prefix = earlierContentsOf(body, names.model)
  const thinking = objectField(objectField(body, 'generationConfig'), 'thinkingConfig')
  const reply: GoogleReply = {
    ask,
    answer,
    requestNumber: world.requestNumber,
    showsThoughts: field(thinking, 'includeThoughts') === true && !answer.redacted && !answer.refusal,
    cachedTokens: prefix !== undefined && world.seenPrefix(prefix.key) ? prefix.tokens : 0,
    blocked: directivesIn(ask.text).has('risk'),
  }
  const told = toldOf(ask, answer)
  if (!names.stream) return { ...jsonReply(googleWhole(reply), envelope), told }
  const how = { ...delivery(answer, world), told }
  if (asksForSse(request)) return { ...streamReply(sseEvents(reply), envelope, how), told }
  const written = { items: 0 }
  return {
    status: 200,
    headers: [['content-type', 'application/json']],
    body: listItems(reply, written),
    envelope: insideList(written),
    ...how,
  }
}

/** Answers `:countTokens`: the same count the answer's usage will tell. */
export function countGoogle(request: ReceivedRequest, model: string): Reply {
  const read = readMessage(request, 'CountTokensRequest')
  if ('status' in read) return failureReply(read, googleEnvelope)
  const body = objectField(read.object, 'generateContentRequest') ?? read.object
  if (contentsOf(body).length === 0) {
    return failureReply(refused('* CountTokensRequest.contents: contents is not specified\n'), googleEnvelope)
  }
  const { inputTokens: totalTokens } = readGoogle(body, { model, stream: false })
  return jsonReply(
    { totalTokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: totalTokens }] },
    googleEnvelope,
  )
}

/** Answers `:embedContent` with a model that gives so many dimensions. */
export function embedGoogle(request: ReceivedRequest, most: number): Reply {
  const read = readMessage(request, 'EmbedContentRequest')
  if ('status' in read) return failureReply(read, googleEnvelope)
  const failure = embedFailure(read.object, most, 'EmbedContentRequest')
  if (failure !== undefined) return failureReply(failure, googleEnvelope)
  return jsonReply({ embedding: embedding(read.object, most), ...embedUsage([read.object]) }, googleEnvelope)
}

/** Answers `:batchEmbedContents`; each of its requests names the model again. */
export function embedGoogleBatch(request: ReceivedRequest, most: number, model: string): Reply {
  const read = readMessage(request, 'BatchEmbedContentsRequest')
  if ('status' in read) return failureReply(read, googleEnvelope)
  const requests = objectsField(read.object, 'requests')
  for (const [at, each] of requests.entries()) {
    const path = `BatchEmbedContentsRequest.requests[${at}]`
    const failure =
      asString(each.model) === `models/${model}`
        ? embedFailure(each, most, path)
        : refused(`* ${path}.model: unexpected model name format\n`)
    if (failure !== undefined) return failureReply(failure, googleEnvelope)
  }
  return jsonReply({ embeddings: requests.map(each => embedding(each, most)), ...embedUsage(requests) }, googleEnvelope)
}

/** How this surface tells errors to this request: a stream that is no SSE has them in a list. */
export function envelopeFor(request: ReceivedRequest, stream: boolean): Envelope {
  return stream && !asksForSse(request) ? googleListEnvelope : googleEnvelope
}

function readMessage(request: ReceivedRequest, message: string): { readonly object: JsonObject } | Failure {
  const read = readBody(request)
  if ('status' in read) return refused('Invalid JSON payload received. Unexpected token.')
  return fieldFailure(read.object, message) ?? read
}

function asksForSse(request: ReceivedRequest): boolean {
  const query = new URLSearchParams(request.query)
  return (query.get('alt') ?? query.get('$alt')) === 'sse'
}

function* sseEvents(reply: GoogleReply): Iterable<string> {
  for (const body of googleChunks(reply)) yield `data: ${JSON.stringify(body)}\r\n\r\n`
}

/** The items of the list with what stands before each; only when one is out is the next counted. */
function* listItems(reply: GoogleReply, written: { items: number }): Iterable<string> {
  for (const body of googleChunks(reply)) {
    yield `${written.items === 0 ? '[' : ',\r\n'}${JSON.stringify(body, undefined, 2)}`
    written.items += 1
  }
  yield '\n]'
}

/** An error in the middle is one more item, and the list's last. */
function insideList(written: { readonly items: number }): Envelope {
  return {
    body: googleListEnvelope.body,
    event: failure => `${written.items === 0 ? '[' : ',\r\n'}${JSON.stringify(googleEnvelope.body(failure))}\n]`,
  }
}

function embedFailure(body: JsonObject, most: number, path: string): Failure | undefined {
  if (!isObject(field(body, 'content'))) return refused(`* ${path}.content: content is not specified\n`)
  const dimensions = numberField(body, 'outputDimensionality')
  if (dimensions === undefined || (dimensions >= 1 && dimensions <= most)) return undefined
  return refused(`* ${path}.output_dimensionality: must be in the range [1, ${most}]\n`)
}

function embedding(body: JsonObject, most: number): JsonObject {
  const dimensions = numberField(body, 'outputDimensionality') ?? most
  return { values: vectorOf(embeddedText(body), dimensions) }
}

function embedUsage(bodies: readonly JsonObject[]): JsonObject {
  const tokenCount = bodies.reduce((sum, body) => sum + countTokens(embeddedText(body)), 0)
  return {
    usageMetadata: { promptTokenCount: tokenCount, promptTokensDetails: [{ modality: 'TEXT', tokenCount }] },
  }
}

function embeddedText(body: JsonObject): string {
  return textOf(googleParts(objectField(body, 'content')))
}

function refused(message: string): Failure {
  return googleRefusal(400, message)
}
