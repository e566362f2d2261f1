import { asArray, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { CustomTool, Tool, ToolChoice } from '../../canon/request.ts'
import { readFunctionTool } from '../openai-reading.ts'
import { maybeArray, maybeObject, maybeText, noteUnknown, type Reading, wantObject, wantText } from '../reading.ts'
import { PROTOCOL } from './protocol.ts'

const FUNCTION_FIELDS = ['type', 'name', 'description', 'parameters', 'strict']
const CUSTOM_FIELDS = ['type', 'name', 'description', 'format']
const GRAMMAR_FIELDS = new Set(['type', 'syntax', 'definition'])
const CHOICE_FIELDS = new Set(['type', 'name'])
const ALLOWED_FIELDS = new Set(['type', 'mode', 'tools'])

/** Reads `tools`. A type other than `function` and `custom` is one the provider runs itself, or a future kind, carried as it came. */
export function readTools(body: JsonObject, reading: Reading): Tool[] {
  return maybeArray(body.tools, 'tools', reading).map((tool, i) => readTool(tool, `tools[${i}]`, reading))
}

function readTool(value: JsonValue, at: string, reading: Reading): Tool {
  const tool = wantObject(value, at, reading)
  if (tool.type === 'function') {
    noteUnknown(tool, new Set([...FUNCTION_FIELDS, ...idleFields(tool)]), at, reading)
    return readFunctionTool(tool, at, at, reading)
  }
  if (tool.type === 'custom') return readCustom(tool, at, reading)
  return { type: 'opaque', protocol: PROTOCOL, name: wantText(tool.type, `${at}.type`, reading), value: tool, at }
}

/** Newer fields in the form that asks for what happens anyway: called by the model itself, loaded and answered at once. */
function idleFields(tool: JsonObject): string[] {
  const callers = asArray(tool.allowed_callers)
  return [
    ...(callers.length === 1 && callers[0] === 'direct' ? ['allowed_callers'] : []),
    ...(tool.defer_loading === false ? ['defer_loading'] : []),
    ...(tool.async === false ? ['async'] : []),
  ]
}

function readCustom(tool: JsonObject, at: string, reading: Reading): CustomTool {
  noteUnknown(tool, new Set([...CUSTOM_FIELDS, ...idleFields(tool)]), at, reading)
  const description = maybeText(tool.description, `${at}.description`, reading)
  const format = maybeObject(tool.format, `${at}.format`, reading)
  return {
    type: 'custom',
    name: wantText(tool.name, `${at}.name`, reading),
    at,
    ...(description === undefined ? {} : { description }),
    ...(format === undefined ? {} : { format: readFormat(format, `${at}.format`, reading) }),
  }
}

/** The canonical form of a grammar is that of Chat Completions, which has its two fields one level deeper. */
function readFormat(format: JsonObject, at: string, reading: Reading): JsonObject {
  if (format.type !== 'grammar') return format
  noteUnknown(format, GRAMMAR_FIELDS, at, reading)
  return { type: 'grammar', grammar: { syntax: format.syntax, definition: format.definition } }
}

/** Reads `tool_choice`. A choice of a tool the provider runs itself has no canonical form: only this protocol can carry it. */
export function readToolChoice(value: JsonValue | undefined, reading: Reading): ToolChoice | undefined {
  const at = 'tool_choice'
  if (value === undefined || value === null) return undefined
  if (value === 'auto' || value === 'none' || value === 'required') return { mode: value }
  if (!isObject(value)) {
    reading.faults.push({ path: at, rule: 'must be "auto", "none", "required", or an object that names a tool' })
    return undefined
  }
  switch (value.type) {
    case 'function':
    case 'custom':
      noteUnknown(value, CHOICE_FIELDS, at, reading)
      return {
        mode: 'tool',
        name: wantText(value.name, `${at}.name`, reading),
        ...(value.type === 'custom' ? { custom: true } : {}),
      }
    case 'allowed_tools':
      return readAllowed(value, at, reading)
    default:
      reading.unknown.push({ at, value })
      return undefined
  }
}

function readAllowed(value: JsonObject, at: string, reading: Reading): ToolChoice {
  noteUnknown(value, ALLOWED_FIELDS, at, reading)
  const names = maybeArray(value.tools, `${at}.tools`, reading).flatMap((item, i) => {
    const path = `${at}.tools[${i}]`
    const tool = wantObject(item, path, reading)
    if (tool.type === 'function' || tool.type === 'custom') return [wantText(tool.name, `${path}.name`, reading)]
    reading.unknown.push({ at: path, value: item })
    return []
  })
  return { mode: 'allowed', required: value.mode === 'required', names, at }
}
