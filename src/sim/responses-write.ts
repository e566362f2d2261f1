import {
  asArray,
  asBoolean,
  asObject,
  asString,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../base/json-value.ts'
import type { Answer, Ask, Call } from './ask.ts'
import { seal } from './seal.ts'

/** Who seals the reasoning here. */
export const SIGNER = 'openai'
/** How sealed reasoning begins at the real provider. */
export const SEAL_MARK = 'gAAAAAB'

const REFUSAL = 'I cannot help with that.'

/** What a reply must know beside the answer. */
export interface ResponsesReply {
  readonly ask: Ask
  readonly answer: Answer
  /** The request's body: a reply repeats much of it. */
  readonly body: JsonObject
  readonly requestNumber: number
  /** Seconds since 1970. */
  readonly createdSeconds: number
  /** Input tokens read from the prompt cache. */
  readonly cachedTokens: number
  /** `[[fail]]`. */
  readonly failed: boolean
}

/** How a reply stands. */
export type ReplyStatus = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed'

/** The whole reply. */
export function responsesWhole(reply: ResponsesReply): JsonObject {
  return responseObject(reply, endOf(reply), reply.failed ? [] : outputItems(reply))
}

/** How a reply ends. */
export function endOf({ answer, failed }: ResponsesReply): ReplyStatus {
  if (failed) return 'failed'
  return answer.stop === 'length' ? 'incomplete' : 'completed'
}

/** Error of a reply that fails. */
const FAILURE: JsonObject = {
  code: 'server_error',
  message: 'The server had an error processing your request. Sorry about that! You can retry your request.',
}

/** The `response` object with this status and output; usage stands there only where it has ended well. */
export function responseObject(reply: ResponsesReply, status: ReplyStatus, output: readonly JsonObject[]): JsonObject {
  const { ask, body, createdSeconds } = reply
  const open = status === 'in_progress' || status === 'queued'
  return {
    id: replyId(reply),
    object: 'response',
    created_at: createdSeconds,
    status,
    background: body.background === true,
    completed_at: status === 'completed' ? createdSeconds : null,
    error: status === 'failed' ? FAILURE : null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    model: ask.model,
    output,
    parallel_tool_calls: ask.parallelTools,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    prompt_cache_retention: body.prompt_cache_retention ?? null,
    reasoning: { effort: null, summary: null, ...asObject(body.reasoning) },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: open ? (body.service_tier ?? 'auto') : 'default',
    store: asBoolean(body.store) ?? true,
    temperature: body.temperature ?? 1,
    text: { format: { type: 'text' }, verbosity: 'medium', ...asObject(body.text) },
    tool_choice: body.tool_choice ?? 'auto',
    tools: asArray(body.tools).map(toolShown),
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    usage: open || status === 'failed' ? null : usageOf(reply),
    user: body.user ?? null,
    metadata: body.metadata ?? {},
  }
}

/** The finished items of the reply, in order. */
export function outputItems(reply: ResponsesReply): readonly JsonObject[] {
  const { answer } = reply
  const items: JsonObject[] = []
  if (answer.reasoning.length > 0) items.push(reasoningItem(reply, answer.reasoning.join('')))
  if (answer.text.length > 0 || answer.refusal) items.push(messageItem(reply, items.length))
  for (const [at, call] of answer.calls.entries()) items.push(callItem(reply, call, at, items.length))
  return items
}

/** The reasoning item with this text; without any it is the item as it opens, whose seal is not the one to send back. */
export function reasoningItem(reply: ResponsesReply, text: string): JsonObject {
  const sealed = asArray(reply.body.include).includes('reasoning.encrypted_content')
  return {
    id: `rs_${stem(reply)}x0`,
    type: 'reasoning',
    summary: text !== '' && summarises(reply) ? [{ type: 'summary_text', text }] : [],
    ...(sealed ? { encrypted_content: seal(SIGNER, text, SEAL_MARK) } : {}),
  }
}

/** True where the reasoning is told in words too. */
export function summarises({ answer, body }: ResponsesReply): boolean {
  const reasoning = asObject(body.reasoning)
  const asked = asString(reasoning?.summary) ?? asString(reasoning?.generate_summary)
  return asked !== undefined && !answer.redacted
}

/** What the message's only part says. */
export function messageText({ answer }: ResponsesReply): string {
  return answer.refusal ? REFUSAL : answer.text.join('')
}

/** The part of the message with this text. */
export function messagePart({ answer }: ResponsesReply, text: string): JsonObject {
  if (answer.refusal) return { type: 'refusal', refusal: text }
  return { type: 'output_text', annotations: [], logprobs: [], text }
}

function messageItem(reply: ResponsesReply, at: number): JsonObject {
  return {
    id: `msg_${stem(reply)}x${at}`,
    type: 'message',
    status: reply.answer.stop === 'length' ? 'incomplete' : 'completed',
    content: [messagePart(reply, messageText(reply))],
    role: 'assistant',
  }
}

function callItem(reply: ResponsesReply, call: Call, index: number, at: number): JsonObject {
  const call_id = `call_${stem(reply)}x${index}`
  const { name, input } = call
  if (call.custom === true) {
    return { id: `ctc_${stem(reply)}x${at}`, type: 'custom_tool_call', status: 'completed', call_id, input, name }
  }
  return { id: `fc_${stem(reply)}x${at}`, type: 'function_call', status: 'completed', arguments: input, call_id, name }
}

function usageOf({ answer, ask, cachedTokens }: ResponsesReply): JsonObject {
  const output = answer.outputTokens + answer.reasoningTokens
  return {
    input_tokens: ask.inputTokens,
    input_tokens_details: { cached_tokens: cachedTokens },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: answer.reasoningTokens },
    total_tokens: ask.inputTokens + output,
  }
}

/** A function comes back with what it was not given: `strict` is on unless it was refused. */
function toolShown(tool: JsonValue): JsonValue {
  if (!isObject(tool) || tool.type !== 'function') return tool
  return { ...tool, description: tool.description ?? null, strict: asBoolean(tool.strict) ?? true }
}

function replyId(reply: ResponsesReply): string {
  return `resp_${stem(reply)}`
}

function stem(reply: ResponsesReply): string {
  return `sim${reply.requestNumber}`
}
