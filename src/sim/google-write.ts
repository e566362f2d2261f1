import { parseJson } from '../base/json.ts'
import type { JsonObject, JsonValue } from '../base/json-value.ts'
import type { Answer, Ask, Call } from './ask.ts'
import { demandsSignatures, thoughtSignature } from './google-signatures.ts'

/** What a reply must know beside the answer. */
export interface GoogleReply {
  readonly ask: Ask
  readonly answer: Answer
  readonly requestNumber: number
  /** `thinkingConfig.includeThoughts`, where there is something to show. */
  readonly showsThoughts: boolean
  /** Input tokens read from the prompt cache. */
  readonly cachedTokens: number
  /** The prompt is refused before any answer. */
  readonly blocked: boolean
}

/** Newer models give calls an id; those recorded did not. */
const GIVES_IDS = /^gemini-(?:3\.[1-9]|[4-9])/

/** The whole reply. */
export function googleWhole(reply: GoogleReply): JsonObject {
  if (reply.blocked) return blockedBody(reply)
  const { answer } = reply
  const parts: JsonObject[] = []
  if (reply.showsThoughts && answer.reasoning.length > 0) parts.push(thoughtPart(answer.reasoning.join('')))
  const signed = signsText(reply) ? { thoughtSignature: signatureOf(reply) } : undefined
  if (answer.text.length > 0 || signed !== undefined) parts.push({ text: answer.text.join(''), ...signed })
  parts.push(...callParts(reply))
  return chunk(reply, { parts, finished: true, textTokens: answer.outputTokens })
}

/** The bodies of a stream's events, each a whole reply of its own piece. Usage counts up from one to the next. */
export function* googleChunks(reply: GoogleReply): Iterable<JsonObject> {
  if (reply.blocked) {
    yield blockedBody(reply)
    return
  }
  const { answer } = reply
  const piece = (parts: readonly JsonObject[], textTokens: number) =>
    chunk(reply, { parts, finished: false, textTokens })
  if (reply.showsThoughts) for (const text of answer.reasoning) yield piece([thoughtPart(text)], 0)
  for (const [at, text] of answer.text.entries()) yield piece([{ text }], at + 1)
  const calls = callParts(reply)
  if (calls.length > 0) yield piece(calls, answer.outputTokens)
  // As recorded: the end has an empty text, and the signature where no call carries it.
  const last = { text: '', ...(signsText(reply) ? { thoughtSignature: signatureOf(reply) } : {}) }
  yield chunk(reply, { parts: [last], finished: true, textTokens: answer.outputTokens })
}

interface Piece {
  readonly parts: readonly JsonObject[]
  readonly finished: boolean
  readonly textTokens: number
}

function chunk(reply: GoogleReply, { parts, finished, textTokens }: Piece): JsonObject {
  const { answer } = reply
  // A candidate that was stopped for safety has no content at all; one that says nothing has no parts.
  const content = answer.refusal ? {} : { content: { ...(parts.length > 0 ? { parts } : {}), role: 'model' } }
  const candidate = { ...content, ...(finished ? ending(reply) : {}), index: 0 }
  return { candidates: [candidate], usageMetadata: usageOf(reply, textTokens), ...names(reply) }
}

function ending({ answer }: GoogleReply): JsonObject {
  if (answer.refusal) return { finishReason: 'SAFETY', safetyRatings: ratings('HIGH') }
  if (answer.stop === 'length') return { finishReason: 'MAX_TOKENS' }
  // Calls end with STOP too.
  if (answer.stop !== 'tools') return { finishReason: 'STOP' }
  return { finishReason: 'STOP', finishMessage: 'Model generated function call(s).' }
}

function blockedBody(reply: GoogleReply): JsonObject {
  return {
    promptFeedback: { blockReason: 'PROHIBITED_CONTENT', safetyRatings: ratings('HIGH') },
    usageMetadata: usageOf({ ...reply, answer: { ...reply.answer, reasoningTokens: 0 } }, 0),
    ...names(reply),
  }
}

function ratings(probability: string): JsonValue {
  return [{ category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability, blocked: true }]
}

function thoughtPart(text: string): JsonObject {
  return { text, thought: true }
}

/** Only the first call of a reply is signed. */
function callParts(reply: GoogleReply): readonly JsonObject[] {
  return reply.answer.calls.map((call, at) => ({
    functionCall: functionCall(reply, call, at),
    ...(at === 0 && signsCalls(reply) ? { thoughtSignature: signatureOf(reply) } : {}),
  }))
}

function functionCall({ ask, requestNumber }: GoogleReply, { name, input }: Call, at: number): JsonObject {
  const args = parseJson(input)
  const id = GIVES_IDS.test(ask.model) ? { id: `sim${requestNumber}x${at}` } : {}
  return { ...id, name, args: args.ok ? args.value : {} }
}

function signsCalls({ answer, ask }: GoogleReply): boolean {
  return demandsSignatures(ask.model) || answer.reasoning.length > 0
}

function signsText({ answer }: GoogleReply): boolean {
  return answer.reasoning.length > 0 && answer.calls.length === 0 && !answer.refusal
}

function signatureOf({ answer }: GoogleReply): string {
  return thoughtSignature(answer.reasoning.join(''))
}

/** Counts of zero are left out, as Protobuf does. */
function usageOf({ answer, ask, cachedTokens }: GoogleReply, textTokens: number): JsonObject {
  const details = (tokenCount: number) => [{ modality: 'TEXT', tokenCount }]
  return {
    promptTokenCount: ask.inputTokens,
    ...(textTokens > 0 ? { candidatesTokenCount: textTokens } : {}),
    totalTokenCount: ask.inputTokens + textTokens + answer.reasoningTokens,
    ...(cachedTokens > 0 ? { cachedContentTokenCount: cachedTokens, cacheTokensDetails: details(cachedTokens) } : {}),
    promptTokensDetails: details(ask.inputTokens),
    ...(answer.reasoningTokens > 0 ? { thoughtsTokenCount: answer.reasoningTokens } : {}),
  }
}

function names({ ask, requestNumber }: GoogleReply): JsonObject {
  return { modelVersion: ask.model, responseId: `sim${requestNumber}` }
}
