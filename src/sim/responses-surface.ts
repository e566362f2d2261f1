import { asString } from '../base/json-value.ts'
import { answerTo, directivesIn } from './answer.ts'
import { failureReply, jsonReply, openAiEnvelope, streamReply } from './failure.ts'
import type { ReceivedRequest } from './http-reader.ts'
import type { Failure, Reply } from './reply.ts'
import { responsesChecks } from './responses-checks.ts'
import { responsesEnvelope, responsesEvents, type Sequence } from './responses-events.ts'
import { itemsOf, keepReply, keptReply } from './responses-items.ts'
import { earlierItemsOf, readResponses } from './responses-read.ts'
import { shapeFailure } from './responses-shape.ts'
import { responseObject, responsesWhole } from './responses-write.ts'
import type { World } from './sim-kind.ts'
import { delivery, readBody, toldOf } from './surface.ts'

/** Answers `POST /v1/responses`. `modelFailure` refuses a model the provider does not have. */
export function answerResponses(
  request: ReceivedRequest,
  world: World,
  modelFailure: (model: string, world: World) => Failure | undefined,
): Reply {
  const read = readBody(request)
  if ('status' in read) return failureReply(read, openAiEnvelope)
  const body = read.object
  const refused = shapeFailure(body) ?? modelFailure(asString(body.model) ?? '', world)
  if (refused !== undefined) return failureReply(refused, openAiEnvelope)
  const items = itemsOf(body, world)
  if ('status' in items) return failureReply(items, openAiEnvelope)
  const ask = readResponses(body, items)
  const call = { body, ask, items, request, world }
  for (const check of responsesChecks) {
    const failure = check(call)
    if (failure !== undefined) return failureReply(failure, openAiEnvelope)
  }
  const answer = answerTo(ask)
  const prefix = earlierItemsOf(body, items)
  const reply = {
    ask,
    answer,
    body,
    requestNumber: world.requestNumber,
    createdSeconds: Math.floor(world.clock.now() / 1000),
    cachedTokens: prefix !== undefined && world.seenPrefix(prefix.key) ? prefix.tokens : 0,
    failed: directivesIn(ask.text).has('fail'),
  }
  const whole = responsesWhole(reply)
  if (body.store !== false) keepReply(whole, items, world)
  const sequence: Sequence = { next: 0 }
  const envelope = responsesEnvelope(reply, sequence)
  const told = toldOf(ask, answer)
  if (ask.stream) return { ...streamReply(responsesEvents(reply, sequence), envelope, delivery(answer, world)), told }
  return { ...jsonReply(body.background === true ? responseObject(reply, 'queued', []) : whole, envelope), told }
}

/** Answers `GET /v1/responses/{id}`: how a reply that was made in the background is fetched. */
export function fetchResponse(id: string, world: World): Reply {
  const kept = keptReply(id, world)
  if (kept !== undefined) return jsonReply(kept.reply, openAiEnvelope)
  return failureReply({ status: 404, message: `Response with id '${id}' not found.` }, openAiEnvelope)
}
