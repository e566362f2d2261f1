import { isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { FunctionTool, Tool, ToolChoice } from '../../canon/request.ts'
import { readFunctionTool } from '../openai-reading.ts'
import { maybeArray, maybeObject, maybeText, noteUnknown, type Reading, wantObject, wantText } from '../reading.ts'
import { cacheOf } from './decode-content.ts'
import { PROTOCOL } from './protocol.ts'

const TOOL_FIELDS = new Set(['type', 'function', 'custom', 'cache_control'])
const FUNCTION_FIELDS = new Set(['name', 'description', 'parameters', 'strict'])
const CUSTOM_FIELDS = new Set(['name', 'description', 'format'])

/** Reads `tools`, and the older `functions`. */
export function readTools(body: JsonObject, reading: Reading): Tool[] {
  const tools = maybeArray(body.tools, 'tools', reading).map((tool, i) => readTool(tool, `tools[${i}]`, reading))
  const functions = maybeArray(body.functions, 'functions', reading).map((value, i) => {
    const at = `functions[${i}]`
    return readFunction(wantObject(value, at, reading), at, at, reading)
  })
  return [...tools, ...functions]
}

function readTool(value: JsonValue, at: string, reading: Reading): Tool {
  const tool = wantObject(value, at, reading)
  const cache = cacheOf(tool)
  // Many clients leave the type out where there is only one.
  const type = tool.type ?? (isObject(tool.function) ? 'function' : undefined)
  if (type === 'function') {
    noteUnknown(tool, TOOL_FIELDS, at, reading)
    const inner = `${at}.function`
    return { ...readFunction(wantObject(tool.function, inner, reading), at, inner, reading), ...cache }
  }
  if (type === 'custom') {
    noteUnknown(tool, TOOL_FIELDS, at, reading)
    const inner = `${at}.custom`
    const custom = wantObject(tool.custom, inner, reading)
    noteUnknown(custom, CUSTOM_FIELDS, inner, reading)
    const description = maybeText(custom.description, `${inner}.description`, reading)
    const format = maybeObject(custom.format, `${inner}.format`, reading)
    return {
      type: 'custom',
      name: wantText(custom.name, `${inner}.name`, reading),
      at,
      ...cache,
      ...(description === undefined ? {} : { description }),
      ...(format === undefined ? {} : { format }),
    }
  }
  const name = wantText(type, `${at}.type`, reading)
  return { type: 'opaque', protocol: PROTOCOL, name, value: tool, at, ...cache }
}

function readFunction(value: JsonObject, at: string, inner: string, reading: Reading): FunctionTool {
  noteUnknown(value, FUNCTION_FIELDS, inner, reading)
  return readFunctionTool(value, at, inner, reading)
}

/** The field that says which tool may be called. */
export function choicePlace({ tool_choice: choice }: JsonObject): 'tool_choice' | 'function_call' {
  return choice === undefined || choice === null ? 'function_call' : 'tool_choice'
}

/** Reads `tool_choice`, or the older `function_call`. */
export function readToolChoice(body: JsonObject, reading: Reading): ToolChoice | undefined {
  if (choicePlace(body) === 'tool_choice') return readChoice(body.tool_choice ?? null, 'tool_choice', reading)
  const legacy = body.function_call
  if (legacy === undefined || legacy === null) return undefined
  if (!isObject(legacy)) return readChoice(legacy, 'function_call', reading)
  return { mode: 'tool', name: wantText(legacy.name, 'function_call.name', reading) }
}

function readChoice(value: JsonValue, at: string, reading: Reading): ToolChoice | undefined {
  if (value === 'auto' || value === 'none' || value === 'required') return { mode: value }
  // Mistral's word.
  if (value === 'any') return { mode: 'required' }
  if (isObject(value)) {
    if (value.type === 'function') return readNamed(value.function, `${at}.function`, false, reading)
    if (value.type === 'custom') return readNamed(value.custom, `${at}.custom`, true, reading)
    if (value.type === 'allowed_tools') return readAllowed(value.allowed_tools, `${at}.allowed_tools`, reading)
  }
  reading.faults.push({
    path: at,
    rule: 'must be "auto", "none", "required", or name a function, a custom tool or allowed_tools',
  })
  return undefined
}

function readNamed(value: JsonValue | undefined, at: string, custom: boolean, reading: Reading): ToolChoice {
  const name = wantText(wantObject(value, at, reading).name, `${at}.name`, reading)
  return { mode: 'tool', name, ...(custom ? { custom } : {}) }
}

function readAllowed(value: JsonValue | undefined, at: string, reading: Reading): ToolChoice {
  const allowed = wantObject(value, at, reading)
  const names = maybeArray(allowed.tools, `${at}.tools`, reading).map((item, i) => {
    const path = `${at}.tools[${i}]`
    const tool = wantObject(item, path, reading)
    const inner = tool.type === 'custom' ? 'custom' : 'function'
    return wantText(wantObject(tool[inner], `${path}.${inner}`, reading).name, `${path}.${inner}.name`, reading)
  })
  return { mode: 'allowed', required: allowed.mode === 'required', names, at }
}
