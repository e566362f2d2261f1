import type { JsonObject } from '../base/json-value.ts'
import type { Answer, Ask } from './ask.ts'

/** How a provider's Chat Completions differ from OpenAI's. */
export interface OpenAiDialect {
  /** `data:` without a space behind it, as Kimi sends (seen by third parties). */
  readonly tightData: boolean
  /** Id of the n-th call of a reply. */
  callId(name: string, index: number, requestNumber: number): string
  /** What else stands on the n-th call of a reply, as Google's signatures do. */
  callFields?(index: number): JsonObject
  /** Moonshot: usage stands on the finishing choice too, cached tokens also at the top of usage. */
  readonly usageOnChoice: boolean
  /** How a refusal is told: in `refusal`, or by the finish reason `content_filter`. */
  readonly refusal: 'field' | 'content_filter'
}

/** What a reply must know beside the answer. */
export interface OpenAiReply {
  readonly ask: Ask
  readonly answer: Answer
  readonly dialect: OpenAiDialect
  readonly requestNumber: number
  /** Seconds since 1970. */
  readonly createdSeconds: number
  /** Input tokens read from the prompt cache. */
  readonly cachedTokens: number
  /** `stream_options.include_usage`. */
  readonly streamUsage: boolean
  /** `n`. */
  readonly choices: number
}

const REFUSAL = 'I cannot help with that.'

/** The whole reply. */
export function openAiWhole(reply: OpenAiReply): JsonObject {
  const { answer, ask, dialect } = reply
  const refused = answer.refusal && dialect.refusal === 'field'
  const text = answer.text.join('')
  const message: JsonObject = {
    role: 'assistant',
    content: refused || (text === '' && answer.calls.length > 0) ? null : text,
    ...(dialect.refusal === 'field' ? { refusal: refused ? REFUSAL : null } : {}),
    ...(answer.reasoning.length > 0 ? { reasoning_content: answer.reasoning.join('') } : {}),
    ...(answer.calls.length > 0 ? { tool_calls: answer.calls.map((_, at) => wholeCall(reply, at)) } : {}),
  }
  return {
    id: idOf(reply),
    object: 'chat.completion',
    created: reply.createdSeconds,
    model: ask.model,
    choices: Array.from({ length: reply.choices }, (_, index) => ({
      index,
      message,
      logprobs: null,
      finish_reason: finishReason(reply),
    })),
    usage: usageOf(reply),
  }
}

/** The stream's events in wire form, `[DONE]` included. Pieces of parallel calls come interleaved, as some providers send them. */
export function* openAiEvents(reply: OpenAiReply): Iterable<string> {
  const data = reply.dialect.tightData ? 'data:' : 'data: '
  const before = `${data}{"id":"${idOf(reply)}","object":"chat.completion.chunk","created":${reply.createdSeconds},"model":${JSON.stringify(reply.ask.model)},"choices":[{"index":`
  const usageField = reply.streamUsage ? ',"usage":null' : ''
  const after = `,"logprobs":null,"finish_reason":null}]${usageField}}\n\n`
  const everyChoice = Array.from({ length: reply.choices }, (_, index) => index)
  for (const delta of deltas(reply)) {
    for (const index of everyChoice) yield `${before}${index},"delta":${delta}${after}`
  }
  const finish = JSON.stringify(finishReason(reply))
  const choiceUsage = reply.dialect.usageOnChoice ? `,"usage":${JSON.stringify(usageOf(reply))}` : ''
  for (const index of everyChoice) {
    yield `${before}${index},"delta":{},"logprobs":null,"finish_reason":${finish}${choiceUsage}}]${usageField}}\n\n`
  }
  if (reply.streamUsage) yield `${data}${JSON.stringify(usageChunk(reply))}\n\n`
  yield `${data}[DONE]\n\n`
}

function* deltas(reply: OpenAiReply): Iterable<string> {
  const { answer, dialect } = reply
  yield '{"role":"assistant","content":""}'
  for (const piece of answer.reasoning) yield `{"reasoning_content":${JSON.stringify(piece)}}`
  for (const piece of answer.text) yield `{"content":${JSON.stringify(piece)}}`
  if (answer.refusal && dialect.refusal === 'field') yield `{"refusal":${JSON.stringify(REFUSAL)}}`
  for (const [at] of answer.calls.entries()) yield JSON.stringify({ tool_calls: [callStart(reply, at)] })
  yield* interleaved(answer.calls.map((call, index) => inputDeltas(call.input, index)))
}

/** Arguments in pieces of a few characters: a reader that wants whole JSON in one chunk must fail here. */
function inputDeltas(input: string, index: number): string[] {
  const parts = input.match(/[\s\S]{1,12}/gu) ?? []
  return parts.map(part => JSON.stringify({ tool_calls: [{ index, function: { arguments: part } }] }))
}

function* interleaved(lists: readonly (readonly string[])[]): Iterable<string> {
  const longest = Math.max(0, ...lists.map(list => list.length))
  for (let at = 0; at < longest; at += 1) {
    for (const list of lists) {
      const item = list[at]
      if (item !== undefined) yield item
    }
  }
}

function callStart(reply: OpenAiReply, index: number): JsonObject {
  const name = reply.answer.calls[index]?.name ?? ''
  const id = reply.dialect.callId(name, index, reply.requestNumber)
  return { index, id, type: 'function', function: { name, arguments: '' }, ...reply.dialect.callFields?.(index) }
}

function wholeCall(reply: OpenAiReply, index: number): JsonObject {
  const { index: _place, ...start } = callStart(reply, index)
  const call = reply.answer.calls[index]
  return { ...start, function: { name: call?.name ?? '', arguments: call?.input ?? '' } }
}

function finishReason(reply: OpenAiReply): string {
  switch (reply.answer.stop) {
    case 'tools':
      return 'tool_calls'
    case 'length':
      return 'length'
    case 'refusal':
      return reply.dialect.refusal === 'field' ? 'stop' : 'content_filter'
    default:
      return 'stop'
  }
}

function usageOf(reply: OpenAiReply): JsonObject {
  const { answer, ask, cachedTokens, dialect } = reply
  const completion = (answer.outputTokens + answer.reasoningTokens) * reply.choices
  return {
    prompt_tokens: ask.inputTokens,
    completion_tokens: completion,
    total_tokens: ask.inputTokens + completion,
    ...(dialect.usageOnChoice ? { cached_tokens: cachedTokens } : {}),
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: answer.reasoningTokens * reply.choices },
  }
}

function usageChunk(reply: OpenAiReply): JsonObject {
  return {
    id: idOf(reply),
    object: 'chat.completion.chunk',
    created: reply.createdSeconds,
    model: reply.ask.model,
    choices: [],
    usage: usageOf(reply),
  }
}

function idOf(reply: OpenAiReply): string {
  return `chatcmpl-sim${reply.requestNumber}`
}
