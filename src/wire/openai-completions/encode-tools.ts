import type { JsonObject, JsonValue } from '../../base/json-value.ts'
import type { Loss } from '../../canon/loss.ts'
import type { CanonRequest, FunctionTool, Tool, ToolChoice } from '../../canon/request.ts'
import { placeOf } from '../places.ts'
import type { Quirks } from '../quirks.ts'
import { withoutKeywords } from '../schema-keywords.ts'
import { type Draft, lossOf } from '../settings.ts'
import { type Writing, writeMark } from './encode-content.ts'
import { PROTOCOL } from './protocol.ts'

/** Why a tool of type `custom` is not sent. */
export const NO_CUSTOM_TOOLS = 'this provider has no tools that take free text'

/** Writes the tools, and which of them may be called. */
export function writeTools(request: CanonRequest, writing: Writing, body: Draft): void {
  const { quirks, losses } = writing
  const tools = request.tools.flatMap(tool => writeTool(tool, writing))
  if (tools.length > 0) body.tools = tools
  if (request.toolChoice !== undefined) writeChoice(request.toolChoice, request, tools.length, writing, body)
  if (request.parallelTools === undefined || tools.length === 0) return
  if (quirks.noParallelToolCalls !== true) body.parallel_tool_calls = request.parallelTools
  else if (!request.parallelTools)
    losses.push(
      lossOf('parallel_tools', placeOf(request, 'parallel_tools'), 'this provider cannot be held to one tool call'),
    )
}

function writeTool(tool: Tool, writing: Writing): JsonObject[] {
  const { quirks, losses } = writing
  if (tool.type === 'opaque') {
    if (tool.protocol === PROTOCOL) return [tool.value]
    losses.push(lossOf('server_tools', tool.at, `the tool "${tool.name}" is known to its own protocol only`))
    return []
  }
  const mark = writeMark(tool, writing)
  if (tool.type === 'function') return [{ type: 'function', function: writeFunction(tool, quirks, losses), ...mark }]
  if (quirks.noCustomTools === true) {
    losses.push(lossOf('custom_tools', tool.at, NO_CUSTOM_TOOLS))
    return []
  }
  const { name, description, format } = tool
  const custom = {
    name,
    ...(description === undefined ? {} : { description }),
    ...(format === undefined ? {} : { format }),
  }
  return [{ type: 'custom', custom, ...mark }]
}

function writeFunction(tool: FunctionTool, quirks: Quirks, losses: Loss[]): JsonObject {
  const { name, description, strict } = tool
  const parameters =
    tool.parameters === undefined ? undefined : bareSchema(tool.parameters, tool.at, quirks.schemaWithout, losses)
  if (strict === true && quirks.noStrictTools === true)
    losses.push(lossOf('tool_strict', tool.at, 'this provider does not hold arguments to their schema'))
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(strict === undefined || quirks.noStrictTools === true ? {} : { strict }),
  }
}

/** The schema without the keywords the provider refuses; each one taken out bounds the arguments no more. */
function bareSchema(
  schema: JsonObject,
  at: string,
  without: readonly string[] | undefined,
  losses: Loss[],
): JsonObject {
  const trimmed = withoutKeywords(schema, without ?? [])
  for (const path of trimmed.removed) {
    losses.push(lossOf('tool_strict', at, `this provider refuses the schema keyword at ${path}`))
  }
  return trimmed.schema
}

function writeChoice(
  choice: ToolChoice,
  request: CanonRequest,
  left: number,
  { quirks, losses }: Writing,
  body: Draft,
): void {
  const { tools } = request
  // Without tools there is nothing to choose, and OpenAI refuses the field.
  const idle = choice.mode === 'auto' || choice.mode === 'none'
  if (idle && left === 0) return
  if (!idle && quirks.noForcedToolChoice === true) {
    losses.push(lossOf('tool_choice', placeOf(request, 'tool_choice'), 'this provider cannot be made to call a tool'))
    return
  }
  const lost = quirks.noCustomTools === true ? customNames(choice, tools) : []
  if (lost.length > 0) {
    const reason = `${lost.map(name => `"${name}"`).join(', ')} cannot be called: ${NO_CUSTOM_TOOLS}`
    losses.push(lossOf('tool_choice', placeOf(request, 'tool_choice'), reason))
    return
  }
  body.tool_choice = choiceOf(choice, tools)
}

/** The tools of type `custom` that a choice names. */
function customNames(choice: ToolChoice, tools: readonly Tool[]): readonly string[] {
  if (choice.mode === 'tool') return choice.custom === true || isCustom(choice.name, tools) ? [choice.name] : []
  return choice.mode === 'allowed' ? choice.names.filter(name => isCustom(name, tools)) : []
}

function choiceOf(choice: ToolChoice, tools: readonly Tool[]): JsonValue {
  switch (choice.mode) {
    case 'tool':
      return named(choice.name, choice.custom === true || isCustom(choice.name, tools))
    case 'allowed':
      return {
        type: 'allowed_tools',
        allowed_tools: {
          mode: choice.required ? 'required' : 'auto',
          tools: choice.names.map(name => named(name, isCustom(name, tools))),
        },
      }
    default:
      return choice.mode
  }
}

function named(name: string, custom: boolean): JsonObject {
  return custom ? { type: 'custom', custom: { name } } : { type: 'function', function: { name } }
}

function isCustom(name: string, tools: readonly Tool[]): boolean {
  return tools.some(tool => tool.type === 'custom' && tool.name === name)
}
