import { createHash } from 'node:crypto'
import { asArray, asString, isObject, type JsonObject, type JsonValue } from '../base/json-value.ts'
import { countTokens } from './answer.ts'
import type { Ask, OfferedTool } from './ask.ts'
import {
  contentsOf,
  field,
  googleParts,
  isModel,
  numberField,
  objectField,
  objectsField,
  partsWith,
} from './google-body.ts'
import { resultText, type Seen, seenAt, seenInline } from './media.ts'
import { currentTurn, MEDIA_TOKENS, textOf, toolTokens } from './request-text.ts'

/** What stands in the URL and not in the body. */
export interface GoogleNames {
  readonly model: string
  readonly stream: boolean
}

/** Reads what matters for the answer from a request. Whether it is valid is checked elsewhere. */
export function readGoogle(body: JsonObject, names: GoogleNames): Ask {
  const contents = contentsOf(body)
  const lastUser = contents.findLastIndex(content => !isModel(content) && textOf(googleParts(content)) !== '')
  const turn = currentTurn(contents, lastUser, contents.findLastIndex(isModel))
  const config = objectField(body, 'generationConfig')
  const calling = objectField(objectField(body, 'toolConfig'), 'functionCallingConfig')
  const tools = offered(body, calling)
  const maxTokens = numberField(config, 'maxOutputTokens')
  const schema = objectField(config, 'responseJsonSchema') ?? objectField(config, 'responseSchema')
  const isJson = field(config, 'responseMimeType') === 'application/json'
  return {
    ...names,
    text: textOf(googleParts(contents[lastUser])),
    seen: turn.filter(content => !isModel(content)).flatMap(content => seenInGoogle(googleParts(content))),
    toolResults: turn.flatMap(content => partsWith(content, 'functionResponse').map(saidBy)),
    steps: contents.slice(lastUser + 1).filter(content => partsWith(content, 'functionCall').length > 0).length,
    tools,
    toolChoice: readChoice(calling),
    parallelTools: true,
    thinks: wantsThoughts(objectField(config, 'thinkingConfig')),
    stopSequences: asArray(field(config, 'stopSequences')).flatMap(sequence => asString(sequence) ?? []),
    inputTokens: inputTokens(body, contents) + toolTokens(tools),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(isJson ? { json: schema === undefined ? {} : { schema: plainSchema(schema) } } : {}),
  }
}

/** Tokens of a request's contents and system instruction. */
export function inputTokens(body: JsonObject, contents: readonly JsonObject[]): number {
  const said = [...contents.flatMap(googleParts), ...googleParts(objectField(body, 'systemInstruction'))]
  return said.reduce((sum, part) => sum + tokensOf(part), 0)
}

/** The conversation but for its last content, if it is long enough to be found in a prompt cache. */
export function earlierContentsOf(
  body: JsonObject,
  model: string,
): { readonly key: string; readonly tokens: number } | undefined {
  const earlier = contentsOf(body).slice(0, -1)
  if (earlier.length < 2) return undefined
  const key = createHash('sha256')
    .update(JSON.stringify([model, field(body, 'systemInstruction') ?? null, earlier]))
    .digest('hex')
  return { key, tokens: inputTokens({}, earlier) }
}

function tokensOf(part: JsonObject): number {
  const call = objectField(part, 'functionCall')
  if (call !== undefined) return countTokens(JSON.stringify(call.args ?? {}))
  if (objectField(part, 'functionResponse') !== undefined) return countTokens(saidBy(part))
  return asString(part.text) === undefined ? MEDIA_TOKENS : countTokens(asString(part.text) ?? '')
}

/** The text of a function's response: what stands alone in `output`, `result` or `error`, else the whole object. */
function saidBy(part: JsonObject): string {
  const result = objectField(part, 'functionResponse')
  const response = objectField(result, 'response') ?? {}
  const [only, ...more] = Object.entries(response)
  const named = only !== undefined && more.length === 0 && ['output', 'result', 'error'].includes(only[0])
  const text = named ? asString(only[1]) : undefined
  return resultText(text ?? JSON.stringify(response), seenInGoogle(objectsField(result, 'parts')))
}

function seenInGoogle(parts: readonly JsonObject[]): readonly Seen[] {
  return parts.flatMap(part => {
    const inline = objectField(part, 'inlineData')
    if (inline !== undefined) return [seenInline(asString(field(inline, 'mimeType')), asString(inline.data))]
    const file = objectField(part, 'fileData')
    return file === undefined ? [] : [seenAt(asString(field(file, 'fileUri')))]
  })
}

/** The functions the model may call: only the allowed ones where some are named. Server tools are not run. */
function offered(body: JsonObject, calling: JsonObject | undefined): readonly OfferedTool[] {
  const allowed = asArray(field(calling, 'allowedFunctionNames'))
  return objectsField(body, 'tools')
    .flatMap(tool => objectsField(tool, 'functionDeclarations'))
    .map(declared => ({ name: asString(declared.name) ?? '', schema: parametersOf(declared) }))
    .filter(tool => allowed.length === 0 || allowed.includes(tool.name))
}

function parametersOf(declared: JsonObject): JsonObject {
  const parameters = objectField(declared, 'parameters')
  return objectField(declared, 'parametersJsonSchema') ?? (parameters === undefined ? {} : plainSchema(parameters))
}

function readChoice(calling: JsonObject | undefined): Ask['toolChoice'] {
  const mode = asString(calling?.mode)?.toUpperCase()
  if (mode === 'NONE') return 'none'
  return mode === 'ANY' ? 'required' : 'auto'
}

function wantsThoughts(thinking: JsonObject | undefined): boolean {
  const budget = numberField(thinking, 'thinkingBudget')
  if (budget !== undefined) return budget !== 0
  return field(thinking, 'includeThoughts') === true || field(thinking, 'thinkingLevel') !== undefined
}

/** Google's schema dialect as JSON Schema: type names in small letters. */
function plainSchema(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, plainValue(key, value ?? null)]))
}

function plainValue(key: string, value: JsonValue): JsonValue {
  if (key === 'type' && typeof value === 'string') return value.toLowerCase()
  if (Array.isArray(value)) return value.map(each => (isObject(each) ? plainSchema(each) : each))
  return isObject(value) ? plainSchema(value) : value
}
