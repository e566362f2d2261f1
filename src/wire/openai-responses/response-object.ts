import { isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { ReplyStart } from '../../canon/event.ts'
import type { ReplyContext } from '../wire-protocol.ts'

/** What a response repeats of its request, with the API's own defaults (SDK type `Response`, 2026). */
const REPEATED: readonly (readonly [string, JsonValue])[] = [
  ['background', false],
  ['instructions', null],
  ['max_output_tokens', null],
  ['max_tool_calls', null],
  ['metadata', {}],
  ['parallel_tool_calls', true],
  ['previous_response_id', null],
  ['prompt_cache_key', null],
  ['reasoning', { effort: null, summary: null }],
  ['safety_identifier', null],
  ['service_tier', null],
  // The API's default is to keep; nothing is kept of a reply that was translated, unless its provider was asked to.
  ['store', false],
  ['temperature', 1],
  ['text', { format: { type: 'text' } }],
  ['tool_choice', 'auto'],
  ['tools', []],
  ['top_logprobs', 0],
  ['top_p', 1],
  ['truncation', 'disabled'],
  ['user', null],
]

/** How far a response has come, beside its output. */
export interface ResponseState {
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  readonly error?: JsonObject
  readonly incompleteReason?: string
  readonly usage?: JsonObject | undefined
}

/** Writes the response object that stands in the first and last events of a stream, as JSON text. */
export type WriteResponse = (state: ResponseState, outputItems: readonly string[]) => string

/** Prepares the parts of the response that stay the same. */
export function openResponseObject(
  start: ReplyStart | undefined,
  idOtherwise: string,
  context: ReplyContext,
): WriteResponse {
  const id = JSON.stringify(start?.id || idOtherwise)
  const model = JSON.stringify(start?.model || context.model)
  const head = `{"id":${id},"object":"response","created_at":${start?.createdSeconds ?? context.createdSeconds}`
  const repeated = JSON.stringify(repeatedOf(context.asked ?? {})).slice(1)
  return ({ status, error, incompleteReason, usage }, outputItems) => {
    const incomplete = incompleteReason === undefined ? 'null' : JSON.stringify({ reason: incompleteReason })
    const faults = `"error":${JSON.stringify(error ?? null)},"incomplete_details":${incomplete}`
    const output = `"output":[${outputItems.join(',')}],"usage":${JSON.stringify(usage ?? null)}`
    return `${head},"status":"${status}",${faults},"model":${model},${output},${repeated}`
  }
}

function repeatedOf(asked: JsonObject): JsonObject {
  return Object.fromEntries(REPEATED.map(([name, otherwise]) => [name, merged(asked[name], otherwise)]))
}

/** What was asked over the default, field by field where both are objects. */
function merged(asked: JsonValue | undefined, otherwise: JsonValue): JsonValue {
  return isObject(asked) && isObject(otherwise) ? { ...otherwise, ...asked } : (asked ?? otherwise)
}
