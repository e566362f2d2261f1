import type { JsonObject } from '../../base/json-value.ts'
import type { FunctionTool, Tool, ToolChoice } from '../../canon/request.ts'
import type { Reading } from '../reading.ts'
import { PROTOCOL } from './protocol.ts'
import {
  fieldOf,
  has,
  type Message,
  maybeBoolean,
  maybeObject,
  maybeText,
  messageOf,
  messagesOf,
  noteUnknown,
  pathOf,
  textsOf,
  wantText,
} from './reading.ts'
import { fromOpenApi } from './schema.ts'

const FUNCTION_FIELDS = ['name', 'description', 'parameters', 'parametersJsonSchema']
const CONFIG_FIELDS = ['functionCallingConfig', 'retrievalConfig']
const CALLING_FIELDS = ['mode', 'allowedFunctionNames']

/** Reads `tools`. Each entry may hold functions and, under its own name, each tool that Google runs itself; those are carried as they came. */
export function readTools(body: Message, strict: boolean, reading: Reading): Tool[] {
  return messagesOf(body, 'tools', reading).flatMap(entry => [
    ...messagesOf(entry, 'functionDeclarations', reading).map(one => readFunction(one, strict, reading)),
    ...Object.keys(entry.fields)
      .filter(name => name !== 'functionDeclarations')
      .map((name): Tool => {
        const value = { [name]: entry.fields[name] }
        return { type: 'opaque', protocol: PROTOCOL, name, value, at: pathOf(entry, name) }
      }),
  ])
}

function readFunction(declaration: Message, strict: boolean, reading: Reading): FunctionTool {
  noteUnknown(declaration, new Set([...FUNCTION_FIELDS, ...idleFields(declaration)]), reading)
  const description = maybeText(declaration, 'description', reading)
  const parameters = readParameters(declaration, reading)
  return {
    type: 'function',
    name: wantText(declaration, 'name', reading),
    at: declaration.at,
    ...(description === undefined || description === '' ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(strict ? { strict } : {}),
  }
}

/** `behavior` in the form that asks for what happens anyway. */
function idleFields(declaration: Message): string[] {
  const behavior = fieldOf(declaration, 'behavior')
  return behavior === 'BLOCKING' || behavior === 'UNSPECIFIED' ? ['behavior'] : []
}

function readParameters(declaration: Message, reading: Reading): JsonObject | undefined {
  const whole = maybeObject(declaration, 'parametersJsonSchema', reading)
  const part = maybeObject(declaration, 'parameters', reading)
  if (whole !== undefined && part !== undefined) {
    const path = pathOf(declaration, 'parametersJsonSchema')
    reading.faults.push({ path, rule: 'cannot stand beside "parameters"' })
  }
  return whole ?? (part === undefined ? undefined : fromOpenApi(part))
}

/** `toolConfig` as read. `strict`: arguments are held to their schema, for all tools. */
export interface CallingRead {
  readonly toolChoice?: ToolChoice
  readonly strict: boolean
}

/** Reads how tools may be called. */
export function readCalling(config: Message, reading: Reading): CallingRead {
  const told = maybeBoolean(config, 'includeServerSideToolInvocations', reading)
  const known = told === false ? [...CONFIG_FIELDS, 'includeServerSideToolInvocations'] : CONFIG_FIELDS
  noteUnknown(config, new Set(known), reading)
  if (!has(config, 'functionCallingConfig')) return { strict: false }
  const calling = messageOf(config, 'functionCallingConfig', reading)
  const pieces = maybeBoolean(calling, 'streamFunctionCallArguments', reading)
  const fields = pieces === false ? [...CALLING_FIELDS, 'streamFunctionCallArguments'] : CALLING_FIELDS
  noteUnknown(calling, new Set(fields), reading)
  const mode = maybeText(calling, 'mode', reading) ?? 'AUTO'
  const names = textsOf(calling, 'allowedFunctionNames', reading)
  const toolChoice = readChoice(mode, names, calling, reading)
  return { ...(toolChoice === undefined ? {} : { toolChoice }), strict: mode === 'VALIDATED' }
}

function readChoice(
  mode: string,
  names: readonly string[],
  calling: Message,
  reading: Reading,
): ToolChoice | undefined {
  const [only, ...others] = names
  const at = pathOf(calling, 'allowedFunctionNames')
  switch (mode) {
    case 'NONE':
      return { mode: 'none' }
    case 'ANY':
      if (only === undefined) return { mode: 'required' }
      return others.length === 0 ? { mode: 'tool', name: only } : { mode: 'allowed', required: true, names, at }
    case 'AUTO':
    case 'VALIDATED':
    case 'MODE_UNSPECIFIED':
      return only === undefined ? { mode: 'auto' } : { mode: 'allowed', required: false, names, at }
    default:
      reading.faults.push({ path: pathOf(calling, 'mode'), rule: 'must be AUTO, ANY, NONE or VALIDATED' })
      return undefined
  }
}
