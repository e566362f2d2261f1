import { createHash } from 'node:crypto'
import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../base/json-value.ts'
import { countTokens } from './answer.ts'
import type { Ask, OfferedTool } from './ask.ts'
import { messagesOf, partsOf } from './check.ts'
import { resultText, seenInBlocks } from './media.ts'
import { currentTurn, MEDIA_TOKENS, textOf, toolTokens } from './request-text.ts'

/** The part of a request that is asked to be cached: up to the last `cache_control` mark. */
export interface CachedPrefix {
  readonly key: string
  readonly tokens: number
}

/** Reads what matters for the answer from a Messages request. Whether it is valid is checked elsewhere. */
export function readAnthropic(body: JsonObject): Ask {
  const messages = messagesOf(body)
  const lastUser = messages.findLastIndex(message => message.role === 'user' && textOf(message.content) !== '')
  const lastAssistant = messages.findLastIndex(message => message.role === 'assistant')
  const turn = currentTurn(messages, lastUser, lastAssistant)
  const tools = asArray(body.tools).flatMap(readTool)
  const maxTokens = asNumber(body.max_tokens)
  const format = asObject(asObject(body.output_config)?.format) ?? asObject(body.output_format)
  const schema = asObject(format?.schema)
  const thinking = asString(asObject(body.thinking)?.type)
  return {
    model: asString(body.model) ?? '',
    stream: body.stream === true,
    text: textOf(messages[lastUser]?.content),
    seen: turn.filter(message => message.role === 'user').flatMap(message => seenInBlocks(message.content)),
    toolResults: turn.flatMap(toolResultsIn),
    steps: messages.slice(lastUser + 1).filter(message => partsOf(message).some(part => part.type === 'tool_use'))
      .length,
    tools,
    toolChoice: readChoice(asObject(body.tool_choice)),
    parallelTools: asObject(body.tool_choice)?.disable_parallel_tool_use !== true,
    thinks: thinking === 'enabled' || thinking === 'adaptive',
    stopSequences: asArray(body.stop_sequences).flatMap(sequence => asString(sequence) ?? []),
    inputTokens: inputTokens(body, messages, tools),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(format === undefined ? {} : { json: schema === undefined ? {} : { schema } }),
  }
}

/** The prefix marked for caching, or undefined where nothing is marked. Counted by message: a mark takes its whole message in. */
export function cachedPrefixOf(body: JsonObject): CachedPrefix | undefined {
  const messages = messagesOf(body)
  const last = messages.findLastIndex(message => asArray(message.content).some(isMarked))
  if (last < 0 && !asArray(body.system).some(isMarked) && !asArray(body.tools).some(isMarked)) return undefined
  const kept = messages.slice(0, last + 1)
  const tools = asArray(body.tools).flatMap(readTool)
  const key = createHash('sha256')
    .update(JSON.stringify([body.model, body.tools, body.system, kept]))
    .digest('hex')
  return { key, tokens: inputTokens(body, kept, tools) }
}

function inputTokens(body: JsonObject, messages: readonly JsonObject[], tools: readonly OfferedTool[]): number {
  return messages.reduce(
    (sum, message) => sum + contentTokens(message.content),
    contentTokens(body.system) + toolTokens(tools),
  )
}

function contentTokens(content: JsonValue | undefined): number {
  if (typeof content === 'string') return countTokens(content)
  return asArray(content).reduce<number>((sum, block) => sum + blockTokens(asObject(block) ?? {}), 0)
}

function blockTokens(block: JsonObject): number {
  switch (block.type) {
    case 'text':
      return countTokens(asString(block.text) ?? '')
    case 'thinking':
      return countTokens(asString(block.thinking) ?? '')
    case 'tool_use':
      return countTokens(JSON.stringify(block.input ?? {}))
    case 'tool_result':
      return contentTokens(block.content)
    default:
      return MEDIA_TOKENS
  }
}

function toolResultsIn(message: JsonObject): string[] {
  return asArray(message.content).flatMap(block => {
    const found = asObject(block)
    return found?.type === 'tool_result' ? [resultText(textOf(found.content), seenInBlocks(found.content))] : []
  })
}

/** Server tools have a `type` other than `custom` and no schema: the simulated provider does not run them. */
function readTool(tool: JsonValue): OfferedTool[] {
  const found = asObject(tool)
  const name = asString(found?.name)
  const schema = asObject(found?.input_schema)
  return name === undefined || schema === undefined ? [] : [{ name, schema }]
}

function readChoice(choice: JsonObject | undefined): Ask['toolChoice'] {
  const name = asString(choice?.name)
  if (choice?.type === 'tool' && name !== undefined) return { name }
  if (choice?.type === 'any') return 'required'
  return choice?.type === 'none' ? 'none' : 'auto'
}

function isMarked(block: JsonValue): boolean {
  return asObject(asObject(block)?.cache_control) !== undefined
}
