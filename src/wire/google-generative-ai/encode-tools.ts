import type { JsonObject } from '../../base/json-value.ts'
import type { FunctionTool } from '../../canon/request.ts'
import { placeInside, placeOf } from '../places.ts'
import { withoutKeywords } from '../schema-keywords.ts'
import { PROTOCOL } from './protocol.ts'
import type { Writing } from './writing.ts'

/** `tools` and the part of `toolConfig` that says how they may be called. */
export interface ToolsWritten {
  readonly tools: readonly JsonObject[]
  readonly calling?: JsonObject
  /** There is a function the model may call. */
  readonly callable: boolean
  /** The model must call one. */
  readonly forced: boolean
}

/** Writes the tools. All functions stand in one entry, before the tools that Google runs itself. */
export function writeTools(writing: Writing): ToolsWritten {
  const functions: JsonObject[] = []
  const others: JsonObject[] = []
  let strict = 0
  for (const tool of writing.request.tools) {
    if (tool.cache !== undefined)
      writing.lose('cache_marks', placeInside(tool, 'cache', writing.request.from), 'Gemini has no prompt-cache marks')
    if (tool.type === 'function') {
      functions.push(writeFunction(tool, writing))
      if (isStrict(tool, writing)) strict += 1
    } else if (tool.type === 'custom') writing.lose('custom_tools', tool.at, 'Gemini has no tools that take free text')
    else if (tool.protocol === PROTOCOL) others.push(tool.value)
    else writing.lose('server_tools', tool.at, `only ${tool.protocol} knows ${tool.name}`)
  }
  const calling = writeCalling(functions.length > 0, strict > 0, writing)
  const mode = calling?.mode
  if (mode === 'VALIDATED' && strict < functions.length)
    writing.assume('toolConfig.functionCallingConfig.mode', mode, 'holds all tools to their schemas, not only some')
  loseParallel(functions.length > 0 && mode !== 'NONE', writing)
  return {
    tools: [...(functions.length === 0 ? [] : [{ functionDeclarations: functions }]), ...others],
    ...(calling === undefined ? {} : { calling }),
    callable: functions.length > 0,
    forced: mode === 'ANY',
  }
}

/**
 * The schema goes as `parametersJsonSchema`, which takes JSON Schema as it is; `parameters` knows only a part of OpenAPI, and what it does not know
 * would be lost. @google/genai 3.1 documents it without a restriction, and @ai-sdk/google 4 sends it for every model.
 */
function writeFunction(tool: FunctionTool, writing: Writing): JsonObject {
  const schema = tool.parameters === undefined ? undefined : bareSchema(tool, tool.parameters, writing)
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    ...(schema === undefined ? {} : { parametersJsonSchema: schema }),
  }
}

/** The schema without the keywords the provider refuses; each one taken out bounds the arguments no more. */
function bareSchema(tool: FunctionTool, parameters: JsonObject, writing: Writing): JsonObject {
  const { schema, removed } = withoutKeywords(parameters, writing.quirks.schemaWithout ?? [])
  for (const path of removed)
    writing.lose('tool_strict', tool.at, `this provider refuses the schema keyword at ${path}`)
  return schema
}

function isStrict(tool: FunctionTool, writing: Writing): boolean {
  if (tool.strict !== true) return false
  if (writing.quirks.noStrictTools !== true) return true
  writing.lose('tool_strict', tool.at, 'this provider does not hold arguments to their schema')
  return false
}

/** `functionCallingConfig`. Forced calls obey their schema anyway; `VALIDATED` says the same of calls the model is free to make. */
function writeCalling(callable: boolean, strict: boolean, writing: Writing): JsonObject | undefined {
  const choice = writing.request.toolChoice
  const free = strict ? 'VALIDATED' : 'AUTO'
  const forced =
    choice?.mode === 'required' || choice?.mode === 'tool' || (choice?.mode === 'allowed' && choice.required)
  if (!callable) {
    if (forced) writing.lose('tool_choice', placeOf(writing.request, 'tool_choice'), 'no tool is left')
    return undefined
  }
  if (forced && writing.quirks.noForcedToolChoice === true) {
    writing.lose(
      'tool_choice',
      placeOf(writing.request, 'tool_choice'),
      'this provider cannot be forced to call a tool',
    )
    return undefined
  }
  switch (choice?.mode) {
    case undefined:
      return strict ? { mode: free } : undefined
    case 'auto':
      return { mode: free }
    case 'none':
      return { mode: 'NONE' }
    case 'required':
      return { mode: 'ANY' }
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] }
    case 'allowed':
      // Names may stand only beside these two modes.
      return { mode: choice.required ? 'ANY' : 'VALIDATED', allowedFunctionNames: choice.names }
  }
}

function loseParallel(callable: boolean, writing: Writing): void {
  if (callable && writing.request.parallelTools === false)
    writing.lose('parallel_tools', placeOf(writing.request, 'parallel_tools'), 'Gemini cannot be held to one tool call')
}
