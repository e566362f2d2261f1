import { parseJson } from '../base/json.ts'
import { isObject, type JsonObject } from '../base/json-value.ts'
import type { ParameterName } from '../canon/parameters.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { ToolCallPart } from '../canon/request.ts'
import { placeInside } from './places.ts'

/**
 * The input of a call for a protocol that takes nothing but an object. Other texts are kept in a field of their own, and that is told: a model
 * may break off in the middle of its arguments, and the next turn must still be possible. `target`: what the protocol's provider is called;
 * `from`: the client's protocol.
 */
export function argumentsObject(
  part: ToolCallPart,
  target: string,
  from: ProtocolId,
  lose: (parameter: ParameterName, at: string, reason: string) => void,
): JsonObject {
  if (part.custom) {
    lose('custom_tools', part.at, `${target} has no tools that take free text`)
    return { input: part.input }
  }
  if (part.input.trim() === '') return {}
  const read = parseJson(part.input)
  if (read.ok && isObject(read.value)) return read.value
  const at = placeInside(part, 'input', from)
  lose('tool_arguments', at, `${target} takes a JSON object only; the text is kept as its field "arguments"`)
  return { arguments: part.input }
}
