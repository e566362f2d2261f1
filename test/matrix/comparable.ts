import { isObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import type { CanonRequest } from '../../src/canon/request.ts'
import { meaningOf } from './meaning.ts'
import { leavesOf, matches } from './paths.ts'

/**
 * What a filled-in value, told as an assumption under this path, changes in the meaning of the request. A path that is not here changes
 * nothing of it.
 */
const ASSUMED: Readonly<Record<string, string>> = {
  max_tokens: 'maxOutputTokens',
  'toolConfig.functionCallingConfig.mode': 'tools[].strict',
  'output_config.effort': 'reasoning',
  'thinking.budget_tokens': 'reasoning',
  'reasoning.effort': 'reasoning',
  reasoning_effort: 'reasoning',
  thinking_budget: 'reasoning',
  'generationConfig.thinkingConfig.thinkingLevel': 'reasoning',
  'generationConfig.thinkingConfig.includeThoughts': 'reasoning.show',
  'contents[].parts[].fileData.mimeType': 'turns[].parts[].source.mediaType',
  'messages[].content[].file.filename': 'turns[].parts[].title',
  'input[].content[].filename': 'turns[].parts[].title',
}

/** What may be otherwise though nothing is lost. */
const LABELS: readonly string[] = [
  // A label on the schema, which Anthropic and Gemini do not have; both are strict anyway.
  'format.name',
  'format.strict',
  // The kind of a file at an address, which only Gemini must be told.
  'turns[].parts[].source.mediaType',
  'streamUsage',
]

/**
 * What a request asks for, with all that may be worded otherwise on a way where nothing is lost brought into one form. `assumed`
 * are the paths of what was filled in on the way.
 */
export function comparable(request: CanonRequest, assumed: readonly string[]): Record<string, JsonValue> {
  const meaning = meaningOf(request)
  const left = [...LABELS, ...strictness(meaning), ...assumed.flatMap(path => ASSUMED[path] ?? [])]
  const whole = {
    ...meaning,
    ...cutTools(meaning),
    parallelTools: boundsCalls(meaning) ? false : null,
    reasoning: plainReasoning(meaning.reasoning),
    turns: plainTurns(meaning.turns),
    format: plainFormat(meaning.format),
  }
  const leaves = leavesOf(whole).filter(({ path }) => !left.some(pattern => matches(path, pattern)))
  return Object.fromEntries(leaves.map(({ path, value }) => [path, value]))
}

/** Calls that a Gemini model is made to make obey their schemas anyway, and calls it may not make need not. */
function strictness({ toolChoice }: Record<string, JsonValue>): readonly string[] {
  const free = !isObject(toolChoice) || toolChoice.mode === 'auto' || toolChoice.required === false
  return free ? [] : ['tools[].strict']
}

/** Thinking that is left to the model and shown is what Chat Completions asks for by saying nothing. */
function plainReasoning(reasoning: JsonValue | undefined): JsonValue {
  if (!isObject(reasoning)) return null
  const { mode, effort, budgetTokens, show } = reasoning
  const asks = mode !== 'adaptive' || effort !== undefined || budgetTokens !== undefined || show === 'omitted'
  return asks ? reasoning : null
}

/** Several calls at once are what happens anyway, and where none may be made there is nothing to bound. */
function boundsCalls({ parallelTools, toolChoice }: Record<string, JsonValue>): boolean {
  return parallelTools === false && !(isObject(toolChoice) && toolChoice.mode === 'none')
}

/** A choice bounded to some tools is the same as having no others. */
function cutTools({ toolChoice, tools }: Record<string, JsonValue>): Record<string, JsonValue> {
  if (!isObject(toolChoice) || toolChoice.mode === 'auto') return { toolChoice: null }
  if (toolChoice.mode !== 'allowed') return {}
  const allowed = objectsIn(tools).filter(
    ({ name }) => name !== undefined && objectList(toolChoice.names).includes(name),
  )
  return { toolChoice: toolChoice.required === true ? { mode: 'required' } : null, tools: allowed }
}

/** A description that has no place of its own stands in the schema. */
function plainFormat(format: JsonValue | undefined): JsonValue {
  if (!isObject(format)) return null
  const { description, schema, ...rest } = format
  if (!isObject(schema)) return format
  return { ...rest, schema: { ...(description === undefined ? {} : { description }), ...schema } }
}

/** Two protocols have one kind of instructions only, and take them together. */
function plainTurns(turns: JsonValue | undefined): JsonValue {
  const number = openNumbers()
  const merged: { role: JsonValue; name?: JsonValue; parts: JsonObject[] }[] = []
  for (const { role: told, name, parts } of objectsIn(turns)) {
    const role = told === 'developer' ? 'system' : (told ?? null)
    const last = merged.at(-1)
    const own = objectsIn(parts).map(part => number(plainPart(part)))
    if (last?.role === role && role === 'system') last.parts.push(...own)
    else merged.push({ role, ...(name === undefined ? {} : { name }), parts: own })
  }
  return merged.map(turn => ({ ...turn, parts: joinedTexts(turn.parts) }))
}

/** Where a protocol has no refusals or text documents, they are text. */
function plainPart(part: JsonObject): JsonObject {
  if (part.type === 'refusal') return { ...part, type: 'text' }
  if (part.type === 'tool-result') return { ...part, content: joinedTexts(objectsIn(part.content).map(plainPart)) }
  const { type, source, title, cache } = part
  if (type !== 'document' || !isObject(source) || source.type !== 'text') return part
  const text = title === undefined ? source.text : `${title}\n\n${source.text}`
  return { type: 'text', text, ...(cache === undefined ? {} : { cache }) }
}

/** Many servers take one text only, so neighbouring texts are one with empty lines between them. */
function joinedTexts(parts: readonly JsonObject[]): JsonObject[] {
  const joined: JsonObject[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (isPlainText(last) && isPlainText(part))
      joined[joined.length - 1] = { type: 'text', text: `${last.text}\n\n${part.text}` }
    else joined.push(part)
  }
  return joined
}

function isPlainText(part: JsonObject | undefined): part is JsonObject {
  return part?.type === 'text' && part.cache === undefined && part.citations === undefined
}

/** Ids that repeat or do not fit are replaced, so calls are known by their place: a result belongs to the earliest call of its id without one. */
function openNumbers(): (part: JsonObject) => JsonObject {
  const waiting: { id: JsonValue | undefined; number: number }[] = []
  let calls = 0
  return part => {
    if (part.type === 'tool-call') {
      calls += 1
      waiting.push({ id: part.id, number: calls })
      return { ...part, id: calls }
    }
    const place = part.type === 'tool-result' ? waiting.findIndex(({ id }) => id === part.callId) : -1
    const [call] = place < 0 ? [] : waiting.splice(place, 1)
    return call === undefined ? part : { ...part, callId: call.number }
  }
}

function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return objectList(value).filter(isObject)
}

function objectList(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}
