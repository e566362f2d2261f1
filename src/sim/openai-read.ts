import { createHash } from 'node:crypto'
import {
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asString,
  type JsonObject,
  type JsonValue,
} from '../base/json-value.ts'
import { countTokens } from './answer.ts'
import type { Ask, OfferedTool } from './ask.ts'
import { callIdsOf, messagesOf } from './check.ts'
import { resultText, seenInParts } from './media.ts'
import { currentTurn, MEDIA_TOKENS, saidUpTo, textOf, toolTokens } from './request-text.ts'

/** Reads what matters for the answer from a Chat Completions request. Whether it is valid is checked elsewhere. */
export function readOpenAi(body: JsonObject): Ask {
  const messages = messagesOf(body)
  const lastUser = messages.findLastIndex(message => message.role === 'user' && textOf(message.content) !== '')
  const lastAssistant = messages.findLastIndex(message => message.role === 'assistant')
  const turn = currentTurn(messages, lastUser, lastAssistant)
  const tools = asArray(body.tools).flatMap(readTool)
  const maxTokens = asNumber(body.max_completion_tokens) ?? asNumber(body.max_tokens)
  const format = asObject(body.response_format)
  const schema = asObject(asObject(format?.json_schema)?.schema)
  const ask: Ask = {
    model: asString(body.model) ?? '',
    stream: body.stream === true,
    text: saidUpTo(messages, lastUser),
    seen: turn.filter(message => message.role === 'user').flatMap(message => seenInParts(message.content)),
    toolResults: turn
      .filter(message => message.role === 'tool')
      .map(message => resultText(textOf(message.content), seenInParts(message.content))),
    steps: messages.slice(lastUser + 1).filter(message => callIdsOf(message).length > 0).length,
    tools,
    toolChoice: readChoice(body.tool_choice),
    parallelTools: asBoolean(body.parallel_tool_calls) ?? true,
    thinks: wantsThinking(body),
    stopSequences: typeof body.stop === 'string' ? [body.stop] : asArray(body.stop).flatMap(s => asString(s) ?? []),
    inputTokens: messages.reduce((sum, message) => sum + tokensOf(message), 0) + toolTokens(tools),
  }
  return {
    ...ask,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(format === undefined || format.type === 'text' ? {} : { json: schema === undefined ? {} : { schema } }),
  }
}

/** Tokens of one message: its text, its calls, and a fixed sum for each part that is no text. */
function tokensOf(message: JsonObject): number {
  const media = asArray(message.content).filter(part => asString(asObject(part)?.text) === undefined).length
  const calls = asArray(message.tool_calls).map(call => asString(asObject(asObject(call)?.function)?.arguments) ?? '')
  return countTokens(textOf(message.content)) + media * MEDIA_TOKENS + calls.reduce((n, c) => n + countTokens(c), 0)
}

/** The conversation but for its last message, if it is long enough to be found in a prompt cache. */
export function earlierTurnsOf(body: JsonObject): { readonly key: string; readonly tokens: number } | undefined {
  const earlier = messagesOf(body).slice(0, -1)
  if (earlier.length < 2) return undefined
  const key = createHash('sha256')
    .update(JSON.stringify([body.model, earlier]))
    .digest('hex')
  return { key, tokens: earlier.reduce((sum, message) => sum + tokensOf(message), 0) }
}

/** Kimi and Moonshot take `thinking`, all of them `reasoning_effort`. */
function wantsThinking(body: JsonObject): boolean {
  const kind = asString(asObject(body.thinking)?.type)
  const effort = asString(body.reasoning_effort)
  return (kind !== undefined && kind !== 'disabled') || (effort !== undefined && effort !== 'none')
}

function readTool(tool: JsonValue): OfferedTool[] {
  const definition = asObject(asObject(tool)?.function)
  const name = asString(definition?.name)
  return name === undefined ? [] : [{ name, schema: asObject(definition?.parameters) ?? {} }]
}

function readChoice(choice: JsonValue | undefined): Ask['toolChoice'] {
  if (choice === 'none' || choice === 'required') return choice
  const name = asString(asObject(asObject(choice)?.function)?.name)
  return name === undefined ? 'auto' : { name }
}
