import { asArray, asNumber, asObject, asString, isObject, type JsonObject, type JsonValue } from '../base/json-value.ts'
import { invalid } from './check.ts'
import {
  invalidType,
  invalidValue,
  missingFieldIn,
  missingParameter,
  unknownFieldIn,
  unknownParameter,
} from './openai-wording.ts'
import type { Failure } from './reply.ts'
import { ownItems, typeOf } from './responses-items.ts'
import { strictSchemaFault } from './strict-schema.ts'

/** The shape of a Responses request: fields of the API as the official client, 7.x, declares them. */

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

const FIELDS: Readonly<Record<string, string>> = {
  'a boolean': 'background parallel_tool_calls store stream',
  'a decimal': 'temperature top_p',
  'an integer': 'max_output_tokens max_tool_calls top_logprobs',
  'a string':
    'instructions model previous_response_id prompt_cache_key prompt_cache_retention safety_identifier service_tier truncation user',
  'an array': 'context_management include tools',
  // `client_metadata` is no field of the official client: Codex sends it, to OpenAI too.
  'an object':
    'client_metadata metadata moderation prompt prompt_cache_options reasoning stream_options text access_programs image',
  anything: 'conversation input tool_choice',
}
const TYPE_OF_FIELD: ReadonlyMap<string, string> = new Map(
  Object.entries(FIELDS).flatMap(([type, names]) => names.split(' ').map(name => [name, type] as const)),
)

interface Shape {
  readonly fields: ReadonlySet<string>
  readonly required: readonly string[]
}

const shape = (fields: string, ...required: string[]): Shape => ({
  fields: words(`type id status ${fields}`),
  required,
})

const ITEMS: ReadonlyMap<string, Shape> = new Map([
  ['message', shape('role content phase', 'role', 'content')],
  ['function_call', shape('call_id name arguments async caller namespace', 'call_id', 'name', 'arguments')],
  ['function_call_output', shape('call_id output caller name namespace', 'call_id', 'output')],
  ['custom_tool_call', shape('call_id name input async caller namespace', 'call_id', 'name', 'input')],
  ['custom_tool_call_output', shape('call_id output caller', 'call_id', 'output')],
  ['reasoning', shape('summary content encrypted_content', 'summary')],
  ['item_reference', shape('', 'id')],
])
/** Items of tools that the provider runs: taken, never looked into. */
const OTHER_ITEMS: ReadonlySet<string> = words(
  `additional_tools apply_patch_call apply_patch_call_output code_interpreter_call compaction computer_call computer_call_output
   file_search_call image_generation_call local_shell_call local_shell_call_output mcp_approval_request mcp_approval_response mcp_call
   mcp_list_tools shell_call shell_call_output tool_search_call tool_search_output web_search_call`.trim(),
)
const ID_STARTS: Readonly<Record<string, string>> = {
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
}

const ROLES = ['assistant', 'system', 'developer', 'user'] as const
const INPUT_PARTS = ['input_text', 'input_image', 'input_file'] as const
const OUTPUT_PARTS = ['output_text', 'refusal'] as const
const PART_FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  input_text: words('type text prompt_cache_breakpoint'),
  input_image: words('type image_url file_id detail prompt_cache_breakpoint'),
  input_file: words('type file_data file_id file_url filename detail prompt_cache_breakpoint'),
  output_text: words('type text annotations logprobs'),
  refusal: words('type refusal'),
}

const TOOL_FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  function: words('type name description parameters strict defer_loading allowed_callers async output_schema'),
  custom: words('type name description format defer_loading allowed_callers async'),
}
const TOOL_TYPES = [
  ...['function', 'custom', 'mcp', 'web_search', 'web_search_preview', 'file_search', 'code_interpreter', 'computer'],
  ...['computer_use_preview', 'image_generation', 'local_shell', 'shell', 'apply_patch', 'namespace', 'tool_search'],
] as const
const INCLUDES = [
  ...['file_search_call.results', 'web_search_call.results', 'web_search_call.action.sources'],
  ...['message.input_image.image_url', 'computer_call_output.output.image_url', 'code_interpreter_call.outputs'],
  ...['reasoning.encrypted_content', 'message.output_text.logprobs'],
] as const
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
const OUTPUT_TOKENS_MIN = 16

/** The first thing wrong with the shape of a request body. */
export function shapeFailure(body: JsonObject): Failure | undefined {
  return (
    fieldFailure(body) ??
    inputFailure(body) ??
    firstOf(ownItems(body.input), (item, at) => itemFailure(item, `input[${at}]`)) ??
    firstOf(asArray(body.tools), (tool, at) => toolFailure(asObject(tool) ?? {}, `tools[${at}]`)) ??
    optionFailure(body) ??
    formatFailure(asObject(asObject(body.text)?.format))
  )
}

function fieldFailure(body: JsonObject): Failure | undefined {
  for (const [name, value] of Object.entries(body)) {
    const type = TYPE_OF_FIELD.get(name)
    if (type === undefined) return unknownParameter(name)
    if (value !== undefined && value !== null && !hasType(value, type)) return invalidType(name, value, type)
  }
  return body.model === undefined ? missingParameter('model') : undefined
}

function hasType(value: JsonValue, type: string): boolean {
  switch (type) {
    case 'a boolean':
      return typeof value === 'boolean'
    case 'a decimal':
      return typeof value === 'number'
    case 'an integer':
      return Number.isInteger(value)
    case 'a string':
      return typeof value === 'string'
    case 'an array':
      return Array.isArray(value)
    case 'an object':
      return isObject(value)
    default:
      return true
  }
}

function inputFailure({ input, previous_response_id, conversation, prompt }: JsonObject): Failure | undefined {
  if (input === undefined && (previous_response_id ?? conversation ?? prompt ?? null) === null) {
    return invalid("One of 'input', 'previous_response_id', 'prompt', or 'conversation' must be provided.", {
      param: 'input',
      code: 'missing_required_parameter',
    })
  }
  if (input === undefined || typeof input === 'string' || Array.isArray(input)) return undefined
  return invalidType('input', input, 'one of a string or array of objects')
}

function itemFailure(item: JsonObject, at: string): Failure | undefined {
  const type = typeOf(item)
  const known = ITEMS.get(type)
  if (known === undefined) {
    if (OTHER_ITEMS.has(type)) return undefined
    return type === '' ? missingParameter(`${at}.type`) : invalidValue(at, type, [...ITEMS.keys(), ...OTHER_ITEMS])
  }
  const failure = missingFieldIn(item, known.required, at) ?? unknownFieldIn(item, known.fields, at)
  if (failure !== undefined) return failure
  const id = asString(item.id)
  const start = type === 'message' ? (item.role === 'assistant' ? 'msg' : '') : (ID_STARTS[type] ?? '')
  if (id !== undefined && !id.startsWith(start)) {
    // As in continuedev/continue#11494.
    return invalid(`Invalid '${at}.id': '${id}'. Expected an ID that begins with '${start}'.`, {
      param: `${at}.id`,
      code: 'invalid_value',
    })
  }
  return type === 'message' ? messageFailure(item, at) : partsFailure(item.output, INPUT_PARTS, `${at}.output`)
}

function messageFailure(item: JsonObject, at: string): Failure | undefined {
  const role = asString(item.role) ?? ''
  if (!ROLES.some(known => known === role)) return invalidValue(`${at}.role`, item.role, ROLES)
  return partsFailure(item.content, role === 'assistant' ? OUTPUT_PARTS : INPUT_PARTS, `${at}.content`)
}

function partsFailure(content: JsonValue | undefined, types: readonly string[], at: string): Failure | undefined {
  return firstOf(asArray(content), (each, index) => {
    const part = asObject(each) ?? {}
    const type = asString(part.type) ?? ''
    const path = `${at}[${index}]`
    if (!types.includes(type)) return invalidValue(path, type, types)
    const failure = unknownFieldIn(part, PART_FIELDS[type] ?? new Set(), path)
    if (failure !== undefined) return failure
    const url = part.image_url
    if (url === undefined || url === null || typeof url === 'string') return undefined
    return invalidType(`${path}.image_url`, url, 'an image URL')
  })
}

function toolFailure(tool: JsonObject, at: string): Failure | undefined {
  const type = asString(tool.type)
  if (type === undefined) return missingParameter(`${at}.type`)
  if (!TOOL_TYPES.some(known => known === type)) return invalidValue(`${at}.type`, type, TOOL_TYPES)
  const fields = TOOL_FIELDS[type]
  if (fields === undefined) return undefined
  const failure = missingFieldIn(tool, ['name'], at) ?? unknownFieldIn(tool, fields, at)
  if (failure !== undefined || tool.strict !== true) return failure
  const fault = strictSchemaFault(asObject(tool.parameters) ?? {})
  if (fault === undefined) return undefined
  return invalid(`Invalid schema for function '${String(tool.name)}': ${fault}`, {
    param: `${at}.parameters`,
    code: 'invalid_function_parameters',
  })
}

function optionFailure(body: JsonObject): Failure | undefined {
  const limit = asNumber(body.max_output_tokens)
  if (limit !== undefined && limit < OUTPUT_TOKENS_MIN) {
    return invalid(
      `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= ${OUTPUT_TOKENS_MIN}, but got ${limit} instead.`,
      { param: 'max_output_tokens', code: 'integer_below_min_value' },
    )
  }
  const effort = asObject(body.reasoning)?.effort ?? null
  if (effort !== null && !EFFORTS.some(known => known === effort)) {
    return invalidValue('reasoning.effort', effort, EFFORTS)
  }
  if (isObject(body.stream_options)) {
    const failure = unknownFieldIn(body.stream_options, new Set(['include_obfuscation']), 'stream_options')
    if (failure !== undefined) return failure
    if (body.stream !== true) {
      return invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", {
        param: 'stream_options',
      })
    }
  }
  return firstOf(asArray(body.include), (name, at) =>
    INCLUDES.some(known => known === name) ? undefined : invalidValue(`include[${at}]`, name, INCLUDES),
  )
}

function formatFailure(format: JsonObject | undefined): Failure | undefined {
  if (format === undefined) return undefined
  const types = ['json_object', 'json_schema', 'text']
  if (!types.some(type => type === format.type)) return invalidValue('text.format.type', format.type, types)
  if (format.type !== 'json_schema') return undefined
  const failure =
    missingFieldIn(format, ['name', 'schema'], 'text.format') ??
    unknownFieldIn(format, words('type name schema description strict'), 'text.format')
  if (failure !== undefined || format.strict !== true) return failure
  const fault = strictSchemaFault(asObject(format.schema) ?? {})
  if (fault === undefined) return undefined
  return invalid(`Invalid schema for response_format '${String(format.name)}': ${fault}`, {
    param: 'text.format.schema',
    code: 'invalid_json_schema',
  })
}

function firstOf<T>(items: readonly T[], find: (item: T, at: number) => Failure | undefined): Failure | undefined {
  for (const [at, item] of items.entries()) {
    const failure = find(item, at)
    if (failure !== undefined) return failure
  }
  return undefined
}
