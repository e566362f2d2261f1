import { asArray, asBoolean, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { Setting, Tool, ToolChoice } from '../../canon/request.ts'
import { noteUnknown, type Reading, wantText } from '../reading.ts'
import { PROTOCOL } from './protocol.ts'
import { cacheOf, optionalText } from './reading.ts'

const CHOICE_FIELDS = new Set(['type', 'name', 'disable_parallel_tool_use'])

/** Tools as read, with the settings that stood on single tools. */
export interface ToolsRead {
  readonly tools: readonly Tool[]
  readonly settings: readonly Setting[]
}

/** Reads `tools`. A type other than `custom` is a tool Anthropic defines, carried as it came. */
export function readTools(value: JsonValue | undefined, reading: Reading): ToolsRead {
  if (value === undefined || value === null) return { tools: [], settings: [] }
  if (!Array.isArray(value)) reading.faults.push({ path: 'tools', rule: 'must be a list' })
  const tools: Tool[] = []
  const settings: Setting[] = []
  for (const [i, tool] of asArray(value).entries()) {
    const at = `tools[${i}]`
    if (!isObject(tool)) {
      reading.faults.push({ path: at, rule: 'must be an object' })
      continue
    }
    tools.push(readTool(tool, at, reading))
    const eager = tool.eager_input_streaming
    const settingAt = `${at}.eager_input_streaming`
    if (isCustom(tool) && eager !== undefined && eager !== null)
      settings.push({ name: 'eager_input_streaming', value: eager, at: settingAt })
  }
  return { tools, settings }
}

/** Reads `tool_choice` and, from inside it, whether calls may be parallel. */
export function readToolChoice(
  value: JsonValue | undefined,
  reading: Reading,
): { readonly toolChoice?: ToolChoice; readonly parallelTools?: boolean } {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) {
    reading.faults.push({ path: 'tool_choice', rule: 'must be an object' })
    return {}
  }
  const choice = choiceOf(value, reading)
  const disabled = asBoolean(value.disable_parallel_tool_use)
  if (choice === undefined) reading.unknown.push({ at: 'tool_choice', value })
  else noteUnknown(value, CHOICE_FIELDS, 'tool_choice', reading)
  return {
    ...(choice === undefined ? {} : { toolChoice: choice }),
    ...(disabled === undefined ? {} : { parallelTools: !disabled }),
  }
}

function choiceOf(value: JsonObject, reading: Reading): ToolChoice | undefined {
  switch (value.type) {
    case 'auto':
    case 'none':
      return { mode: value.type }
    case 'any':
      return { mode: 'required' }
    case 'tool':
      return { mode: 'tool', name: wantText(value.name, 'tool_choice.name', reading) }
    default:
      return undefined
  }
}

function isCustom(tool: JsonObject): boolean {
  return tool.type === undefined || tool.type === null || tool.type === 'custom'
}

const TOOL_FIELDS = ['type', 'name', 'description', 'input_schema', 'strict', 'cache_control', 'eager_input_streaming']

function readTool(tool: JsonObject, at: string, reading: Reading): Tool {
  if (!isCustom(tool)) return { type: 'opaque', protocol: PROTOCOL, name: asString(tool.type) ?? '', value: tool, at }
  noteUnknown(tool, new Set([...TOOL_FIELDS, ...idleFields(tool)]), at, reading)
  const schema = isObject(tool.input_schema) ? tool.input_schema : undefined
  if (schema === undefined) reading.faults.push({ path: `${at}.input_schema`, rule: 'must be an object' })
  const strict = asBoolean(tool.strict)
  return {
    type: 'function',
    name: wantText(tool.name, `${at}.name`, reading),
    at,
    ...optionalText(tool, 'description'),
    ...(schema === undefined ? {} : { parameters: schema }),
    ...(strict === undefined ? {} : { strict }),
    ...cacheOf(tool),
  }
}

/** Newer fields in the form that asks for what happens anyway: called by the model itself, loaded at once. */
function idleFields(tool: JsonObject): string[] {
  const callers = asArray(tool.allowed_callers)
  return [
    ...(callers.length === 1 && callers[0] === 'direct' ? ['allowed_callers'] : []),
    ...(tool.defer_loading === false ? ['defer_loading'] : []),
    ...(Array.isArray(tool.input_examples) && tool.input_examples.length === 0 ? ['input_examples'] : []),
  ]
}
