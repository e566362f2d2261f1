import { parseJson } from '../base/json.ts'
import { isObject, type JsonObject } from '../base/json-value.ts'
import type { ParameterName } from '../canon/parameters.ts'
import type { ToolCallPart } from '../canon/request.ts'

/**
 * The input of a call for a protocol that takes nothing but an object. Other texts are kept in a field of their own, and that is a loss: no tool
 * ever saw them so. `target`: what the protocol's provider is called.
 */
export function argumentsObject(
  part: ToolCallPart,
  target: string,
  lose: (parameter: ParameterName, at: string, reason: string) => void,
): JsonObject {
  if (part.custom) {
    lose('custom_tools', part.at, `${target} has no tools that take free text`)
    return { input: part.input }
  }
  if (part.input.trim() === '') return {}
  const read = parseJson(part.input)
  if (read.ok && isObject(read.value)) return read.value
  lose('opaque_parts', part.at, 'the arguments are not a JSON object')
  return { arguments: part.input }
}
