import { isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { CustomTool, FunctionTool, Tool, ToolChoice } from '../../canon/request.ts'
import { placeInside, placeOf } from '../places.ts'
import { withoutKeywords } from '../schema-keywords.ts'
import type { Draft } from '../settings.ts'
import { PROTOCOL } from './protocol.ts'
import type { Writing } from './writing.ts'

/** Writes the tools, and which of them may be called. */
export function writeTools(writing: Writing, body: Draft): void {
  const { request, quirks } = writing
  const tools = request.tools.flatMap(tool => writeTool(tool, writing))
  if (tools.length > 0) body.tools = tools
  const choice = request.toolChoice === undefined ? undefined : writeChoice(request.toolChoice, tools.length, writing)
  if (choice !== undefined) body.tool_choice = choice
  if (request.parallelTools === undefined || tools.length === 0) return
  if (quirks.noParallelToolCalls !== true) body.parallel_tool_calls = request.parallelTools
  else if (!request.parallelTools)
    writing.lose('parallel_tools', placeOf(request, 'parallel_tools'), 'this provider cannot be held to one tool call')
}

function writeTool(tool: Tool, writing: Writing): JsonObject[] {
  const { lose, request } = writing
  if (tool.type === 'opaque') {
    if (tool.protocol === PROTOCOL) return [tool.value]
    lose('server_tools', tool.at, `the tool "${tool.name}" is known to its own protocol only`)
    return []
  }
  if (tool.cache !== undefined)
    lose(
      'cache_marks',
      placeInside(tool, 'cache', request.from),
      'the provider chooses itself what it keeps of a prompt',
    )
  return [tool.type === 'function' ? writeFunction(tool, writing) : writeCustom(tool)]
}

/** Where a tool does not say it, this API tries to be strict (SDK type `FunctionTool`, 2026) and the other protocols are not. */
function writeFunction(tool: FunctionTool, writing: Writing): JsonObject {
  const { own, quirks, lose } = writing
  const { name, description } = tool
  const strict = tool.strict ?? (own ? undefined : false)
  if (strict === true && quirks.noStrictTools === true)
    lose('tool_strict', tool.at, 'this provider does not hold arguments to their schema')
  return {
    type: 'function',
    name,
    ...(description === undefined ? {} : { description }),
    parameters: writeSchema(tool, writing),
    ...(strict === undefined || quirks.noStrictTools === true ? {} : { strict }),
  }
}

/** The schema without the keywords the provider refuses; each one taken out bounds the arguments no more. */
function writeSchema(tool: FunctionTool, { quirks, lose }: Writing): JsonObject {
  if (tool.parameters === undefined) return { type: 'object', properties: {} }
  const { schema, removed } = withoutKeywords(tool.parameters, quirks.schemaWithout ?? [])
  for (const path of removed) lose('tool_strict', tool.at, `this provider refuses the schema keyword at ${path}`)
  return schema
}

function writeCustom({ name, description, format }: CustomTool): JsonObject {
  return {
    type: 'custom',
    name,
    ...(description === undefined ? {} : { description }),
    ...(format === undefined ? {} : { format: writeFormat(format) }),
  }
}

/** Chat Completions, whose form the canonical one is, has the fields of a grammar one level deeper. */
function writeFormat(format: JsonObject): JsonObject {
  return format.type === 'grammar' && isObject(format.grammar) ? { type: 'grammar', ...format.grammar } : format
}

function writeChoice(choice: ToolChoice, toolCount: number, writing: Writing): JsonValue | undefined {
  // Without tools there is nothing to choose.
  const idle = choice.mode === 'auto' || choice.mode === 'none'
  if (toolCount === 0) {
    if (!idle) writing.lose('tool_choice', placeOf(writing.request, 'tool_choice'), 'no tool is left')
    return undefined
  }
  if (idle || writing.quirks.noForcedToolChoice !== true) return choiceOf(choice, writing.request.tools)
  writing.lose('tool_choice', placeOf(writing.request, 'tool_choice'), 'this provider cannot be made to call a tool')
  return undefined
}

function choiceOf(choice: ToolChoice, tools: readonly Tool[]): JsonValue {
  switch (choice.mode) {
    case 'tool':
      return named(choice.name, choice.custom === true || isCustom(choice.name, tools))
    case 'allowed':
      return {
        type: 'allowed_tools',
        mode: choice.required ? 'required' : 'auto',
        tools: choice.names.map(name => named(name, isCustom(name, tools))),
      }
    default:
      return choice.mode
  }
}

function named(name: string, custom: boolean): JsonObject {
  return { type: custom ? 'custom' : 'function', name }
}

function isCustom(name: string, tools: readonly Tool[]): boolean {
  return tools.some(tool => tool.type === 'custom' && tool.name === name)
}
