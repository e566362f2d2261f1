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
import { resultText, seenInParts } from './media.ts'
import { currentTurn, MEDIA_TOKENS, saidUpTo, textOf, toolTokens } from './request-text.ts'
import { ANSWERED_BY, isWritten, typeOf } from './responses-items.ts'

/** Reads what matters for the answer from a Responses request and the items it stands for. Whether they are valid is checked elsewhere. */
export function readResponses(body: JsonObject, items: readonly JsonObject[]): Ask {
  const lastUser = items.findLastIndex(item => item.role === 'user' && textOf(item.content) !== '')
  const turn = currentTurn(items, lastUser, items.findLastIndex(isWritten))
  const tools = offered(body)
  const maxTokens = asNumber(body.max_output_tokens)
  const format = asObject(asObject(body.text)?.format)
  const schema = asObject(format?.schema)
  return {
    model: asString(body.model) ?? '',
    stream: body.stream === true,
    text: saidUpTo(items, lastUser),
    seen: turn.filter(item => item.role === 'user').flatMap(item => seenInParts(item.content)),
    toolResults: turn.flatMap(toolResultIn),
    steps: countSteps(items.slice(lastUser + 1)),
    tools,
    toolChoice: readChoice(body.tool_choice),
    parallelTools: asBoolean(body.parallel_tool_calls) ?? true,
    thinks: wantsReasoning(body),
    stopSequences: [],
    inputTokens:
      countTokens(asString(body.instructions) ?? '') +
      items.reduce((sum, item) => sum + tokensOf(item), 0) +
      toolTokens(tools),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(format === undefined || format.type === 'text' ? {} : { json: schema === undefined ? {} : { schema } }),
  }
}

/** The conversation but for its last item, if it is long enough to be found in a prompt cache. */
export function earlierItemsOf(
  body: JsonObject,
  items: readonly JsonObject[],
): { readonly key: string; readonly tokens: number } | undefined {
  const earlier = items.slice(0, -1)
  if (earlier.length < 2) return undefined
  const key = createHash('sha256')
    .update(JSON.stringify([body.model, body.instructions, earlier]))
    .digest('hex')
  return { key, tokens: earlier.reduce((sum, item) => sum + tokensOf(item), 0) }
}

function tokensOf(item: JsonObject): number {
  const media = seenInParts(item.content).length + seenInParts(item.output).length
  const words = [textOf(item.content), textOf(item.output), textOf(item.summary), item.arguments, item.input]
  return words.reduce<number>((sum, text) => sum + countTokens(asString(text) ?? ''), media * MEDIA_TOKENS)
}

function toolResultIn(item: JsonObject): string[] {
  if (![...ANSWERED_BY.values()].includes(typeOf(item))) return []
  return [resultText(textOf(item.output), seenInParts(item.output))]
}

/** Calls in a row are one reply. */
function countSteps(items: readonly JsonObject[]): number {
  const calls = items.filter(item => typeOf(item) !== 'reasoning').map(item => ANSWERED_BY.has(typeOf(item)))
  return calls.filter((isCall, at) => isCall && calls[at - 1] !== true).length
}

/** The tools the model may call: with `allowed_tools` only those named there. Server tools are not run. */
function offered(body: JsonObject): readonly OfferedTool[] {
  const tools = asArray(body.tools).flatMap(readTool)
  const choice = asObject(body.tool_choice)
  if (choice?.type !== 'allowed_tools') return tools
  const names = asArray(choice.tools).map(tool => asString(asObject(tool)?.name))
  return tools.filter(tool => names.includes(tool.name))
}

function readTool(tool: JsonValue): OfferedTool[] {
  const found = asObject(tool)
  const name = asString(found?.name)
  if (name === undefined) return []
  if (found?.type === 'custom') return [{ name, schema: {}, custom: true }]
  return found?.type === 'function' ? [{ name, schema: asObject(found.parameters) ?? {} }] : []
}

function readChoice(choice: JsonValue | undefined): Ask['toolChoice'] {
  const found = asObject(choice)
  const mode = found?.type === 'allowed_tools' ? found.mode : choice
  if (mode === 'none' || mode === 'required') return mode
  const name = asString(found?.name)
  return name === undefined ? 'auto' : { name }
}

function wantsReasoning(body: JsonObject): boolean {
  const reasoning = asObject(body.reasoning)
  return reasoning !== undefined && reasoning.effort !== 'none'
}
