import type { JsonObject } from '../../base/json-value.ts'
import type { FunctionTool, Tool } from '../../canon/request.ts'
import { placeInside, placeOf } from '../places.ts'
import { withoutKeywords } from '../schema-keywords.ts'
import { mark } from './encode-content.ts'
import { PROTOCOL } from './protocol.ts'
import type { Writing } from './writing.ts'

/** Writes the tools: those the request's choice allows, less those that cannot be said. */
export function writeTools(writing: Writing): JsonObject[] {
  const { tools, toolChoice } = writing.request
  const allowed = toolChoice?.mode === 'allowed' ? tools.filter(tool => isAllowed(tool, toolChoice.names)) : tools
  return allowed.flatMap(tool => writeTool(tool, writing))
}

/** Writes `tool_choice`; undefined where what happens anyway is asked for, or nothing can be called. */
export function writeToolChoice(toolCount: number, writing: Writing): JsonObject | undefined {
  const choice = choiceWords(writing)
  const one = writing.request.parallelTools === false
  if (toolCount === 0) {
    if (choice?.type === 'any' || choice?.type === 'tool')
      writing.lose('tool_choice', placeOf(writing.request, 'tool_choice'), 'no tool is left')
    return undefined
  }
  if (!one || choice?.type === 'none') return choice
  if (writing.quirks.noParallelToolCalls === true) {
    writing.lose('parallel_tools', placeOf(writing.request, 'parallel_tools'), 'this provider has no such parameter')
    return choice
  }
  return { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true }
}

function isAllowed(tool: Tool, names: readonly string[]): boolean {
  return tool.type === 'opaque' || names.includes(tool.name)
}

function choiceWords(writing: Writing): JsonObject | undefined {
  const choice = writing.request.toolChoice
  if (choice === undefined) return undefined
  if (choice.mode === 'auto' || choice.mode === 'none') return { type: choice.mode }
  if (choice.mode === 'allowed' && !choice.required) return { type: 'auto' }
  if (writing.quirks.noForcedToolChoice === true) {
    writing.lose(
      'tool_choice',
      placeOf(writing.request, 'tool_choice'),
      'this provider cannot be forced to call a tool',
    )
    return undefined
  }
  if (choice.mode !== 'tool') return { type: 'any' }
  if (choice.custom !== true) return { type: 'tool', name: choice.name }
  writing.lose('tool_choice', placeOf(writing.request, 'tool_choice'), 'Anthropic has no tools that take free text')
  return undefined
}

function writeTool(tool: Tool, writing: Writing): JsonObject[] {
  if (tool.type === 'function') return [writeFunction(tool, writing)]
  if (tool.type === 'opaque' && tool.protocol === PROTOCOL) return [tool.value]
  if (tool.type === 'custom') writing.lose('custom_tools', tool.at, 'Anthropic has no tools that take free text')
  else writing.lose('server_tools', tool.at, `only ${tool.protocol} knows ${tool.name}`)
  return []
}

function writeFunction(tool: FunctionTool, writing: Writing): JsonObject {
  const { quirks } = writing
  if (tool.strict === true && quirks.noStrictTools === true)
    writing.lose('tool_strict', tool.at, 'this provider does not know strict tools')
  if (tool.cache !== undefined && quirks.noToolCacheMarks === true)
    writing.lose(
      'cache_marks',
      placeInside(tool, 'cache', writing.request.from),
      'this provider takes no cache marks on tools',
    )
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: writeSchema(tool, writing),
    ...(tool.strict === true && quirks.noStrictTools !== true ? { strict: true } : {}),
    ...(quirks.noToolCacheMarks === true ? {} : mark(tool.cache)),
  }
}

/** The schema of arguments must say that they are an object. */
function writeSchema(tool: FunctionTool, writing: Writing): JsonObject {
  if (tool.parameters === undefined) return { type: 'object', properties: {} }
  const { schema, removed } = withoutKeywords(tool.parameters, writing.quirks.schemaWithout ?? [])
  for (const path of removed) writing.lose('tools', tool.at, `this provider refuses ${path} in a tool's schema`)
  if (schema.type !== undefined) return schema
  writing.assume(`${tool.at}.input_schema.type`, 'object', 'the schema of arguments must name its type')
  return { type: 'object', ...schema }
}
