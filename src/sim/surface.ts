import { parseJson } from '../base/json.ts'
import { asNumber, isObject, type JsonObject } from '../base/json-value.ts'
import { answerTo } from './answer.ts'
import { cachedPrefixOf, readAnthropic } from './anthropic-read.ts'
import { anthropicEvents, anthropicWhole } from './anthropic-write.ts'
import type { Answer, Ask } from './ask.ts'
import { CHOICES_MAX, type Check, type CheckedCall } from './check.ts'
import { failureReply, jsonReply, streamReply } from './failure.ts'
import type { ReceivedRequest } from './http-reader.ts'
import { earlierTurnsOf, readOpenAi } from './openai-read.ts'
import { type OpenAiDialect, openAiEvents, openAiWhole } from './openai-write.ts'
import type { Envelope, Failure, Reply, ToldUsage } from './reply.ts'
import type { World } from './sim-kind.ts'

/** What every surface has: an envelope for its errors, and the rules that refuse a request, first refusal wins. */
interface Surface {
  readonly envelope: Envelope
  readonly checks: readonly Check[]
}

/** A Chat Completions surface. */
export interface OpenAiSurface extends Surface {
  readonly dialect: OpenAiDialect
}

/** A Messages surface. */
export interface AnthropicSurface extends Surface {
  /** Whose signatures it writes and takes. */
  readonly signer: string
  readonly callId: (name: string, index: number, requestNumber: number) => string
}

/** Answers `POST …/chat/completions`. */
export function answerOpenAi(surface: OpenAiSurface, request: ReceivedRequest, world: World): Reply {
  const { dialect, envelope } = surface
  const body = readBody(request)
  if ('status' in body) return failureReply(body, envelope)
  const ask = readOpenAi(body.object)
  const refused = refusal(surface, { body: body.object, ask, request, world })
  if (refused !== undefined) return failureReply(refused, envelope)
  const answer = answerTo(ask)
  const prefix = earlierTurnsOf(body.object)
  const reply = {
    ask,
    answer,
    dialect,
    requestNumber: world.requestNumber,
    createdSeconds: Math.floor(world.clock.now() / 1000),
    cachedTokens: prefix !== undefined && world.seenPrefix(prefix.key) ? prefix.tokens : 0,
    streamUsage: isObject(body.object.stream_options) && body.object.stream_options.include_usage === true,
    choices: Math.min(Math.max(Math.trunc(asNumber(body.object.n) ?? 1), 1), CHOICES_MAX),
  }
  const told = toldOf(ask, answer, reply.choices)
  if (!ask.stream) return { ...jsonReply(openAiWhole(reply), envelope), told }
  const events = streamReply(openAiEvents(reply), envelope, delivery(answer, world))
  return reply.streamUsage || dialect.usageOnChoice ? { ...events, told } : events
}

/** Answers `POST …/v1/messages`. */
export function answerAnthropic(surface: AnthropicSurface, request: ReceivedRequest, world: World): Reply {
  const { envelope } = surface
  const body = readBody(request)
  if ('status' in body) return failureReply(body, envelope)
  const ask = readAnthropic(body.object)
  const refused = refusal(surface, { body: body.object, ask, request, world })
  if (refused !== undefined) return failureReply(refused, envelope)
  const answer = answerTo(ask)
  const prefix = cachedPrefixOf(body.object)
  const known = prefix !== undefined && world.seenPrefix(prefix.key)
  const reply = {
    ask,
    answer,
    requestNumber: world.requestNumber,
    signer: surface.signer,
    cacheRead: known ? prefix.tokens : 0,
    cacheWrite: known ? 0 : (prefix?.tokens ?? 0),
    callId: surface.callId,
  }
  const told = toldOf(ask, answer)
  if (!ask.stream) return { ...jsonReply(anthropicWhole(reply), envelope), told }
  return { ...streamReply(anthropicEvents(reply), envelope, delivery(answer, world)), told }
}

/** Answers `POST …/v1/messages/count_tokens`: the same count the answer's usage will tell. */
export function countAnthropic(surface: AnthropicSurface, request: ReceivedRequest, world: World): Reply {
  const body = readBody(request)
  if ('status' in body) return failureReply(body, surface.envelope)
  // The call takes no max_tokens, which the rules for messages demand.
  const asMessage: JsonObject = { max_tokens: 1, ...body.object }
  const ask = readAnthropic(asMessage)
  const refused = refusal(surface, { body: asMessage, ask, request, world })
  if (refused !== undefined) return failureReply(refused, surface.envelope)
  return jsonReply({ input_tokens: ask.inputTokens }, surface.envelope)
}

function refusal(surface: Surface, call: CheckedCall): Failure | undefined {
  for (const check of surface.checks) {
    const failure = check(call)
    if (failure !== undefined) return failure
  }
  return undefined
}

/** The body as one JSON object, or the refusal of what is none. */
export function readBody(request: ReceivedRequest): { readonly object: JsonObject } | Failure {
  const read = parseJson(request.body)
  if (read.ok && isObject(read.value)) return { object: read.value }
  return { status: 400, message: 'We could not parse the JSON body of your request.' }
}

/** What an answer tells as used. Each of several choices is written anew. */
export function toldOf({ inputTokens }: Ask, answer: Answer, choices = 1): ToldUsage {
  return { inputTokens, outputTokens: (answer.outputTokens + answer.reasoningTokens) * choices }
}

/** How the events of an answer travel. */
export function delivery(answer: Answer, world: World): Pick<Reply, 'splitCharacters' | 'paceMs'> {
  return { splitCharacters: answer.splitCharacters, paceMs: answer.paceMs > 0 ? answer.paceMs : world.paceMs }
}
