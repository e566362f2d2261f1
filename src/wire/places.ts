import type { ParameterName } from '../canon/parameters.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { CanonRequest, Part, PlacedName, ReasoningWish, ToolCallPart } from '../canon/request.ts'

const PLACED_NAMES: readonly PlacedName[] = ['stop_sequences', 'output_format', 'tool_choice', 'parallel_tools']

/** Where each protocol says what has no `at` of its own. A name without a place cannot be said there. */
const PLACES: Readonly<Record<ProtocolId, Readonly<Partial<Record<PlacedName, string>>>>> = {
  'openai-completions': {
    stop_sequences: 'stop',
    output_format: 'response_format',
    tool_choice: 'tool_choice',
    parallel_tools: 'parallel_tool_calls',
  },
  'openai-responses': {
    output_format: 'text.format',
    tool_choice: 'tool_choice',
    parallel_tools: 'parallel_tool_calls',
  },
  'anthropic-messages': {
    stop_sequences: 'stop_sequences',
    output_format: 'output_config.format',
    tool_choice: 'tool_choice',
    parallel_tools: 'tool_choice.disable_parallel_tool_use',
  },
  'google-generative-ai': {
    stop_sequences: 'generationConfig.stopSequences',
    output_format: 'generationConfig.responseJsonSchema',
    tool_choice: 'toolConfig.functionCallingConfig',
  },
}

/** What stands in a part or tool and may be lost without it. */
type Piece = keyof NonNullable<Part['places']>

/** The field in which each protocol has them. Where another protocol's provider signed a call, that is its id (call-ids.ts). */
const FIELDS: Readonly<Record<ProtocolId, Readonly<Record<Piece, string>>>> = {
  'openai-completions': {
    cache: 'cache_control',
    citations: 'annotations',
    signature: 'id',
    input: 'function.arguments',
  },
  'openai-responses': {
    cache: 'prompt_cache_breakpoint',
    citations: 'annotations',
    signature: 'call_id',
    input: 'arguments',
  },
  'anthropic-messages': { cache: 'cache_control', citations: 'citations', signature: 'id', input: 'input' },
  'google-generative-ai': {
    cache: 'cache_control',
    citations: 'citations',
    signature: 'thoughtSignature',
    input: 'functionCall.args',
  },
}

/** Where the client said it, for a loss. */
export function placeOf(request: CanonRequest, name: PlacedName): string {
  return request.places?.[name] ?? PLACES[request.from][name] ?? name
}

/** Where the client put the cache mark, citations, signature or arguments of a part or tool, for a loss. */
export function placeInside(part: Pick<Part, 'at' | 'places'>, piece: Piece, from: ProtocolId): string {
  return part.places?.[piece] ?? `${part.at}.${FIELDS[from][piece]}`
}

/** Where the client said how much effort to think with, for a loss. */
export function effortPlace(wish: ReasoningWish): string {
  return wish.places?.effort ?? wish.at
}

/** Tells that a call goes without what its provider signed it with. A call that is not signed loses nothing. */
export function loseSignature(
  call: ToolCallPart,
  from: ProtocolId,
  lose: (parameter: ParameterName, at: string, reason: string) => void,
): void {
  if (call.signature !== undefined)
    lose('reasoning_history', placeInside(call, 'signature', from), "the call carries another provider's signature")
}

/** The request with what it says elsewhere than at its protocol's usual place. `found` may name more than was said. */
export function withPlaces(request: CanonRequest, found: Readonly<Partial<Record<PlacedName, string>>>): CanonRequest {
  const said: Readonly<Record<PlacedName, unknown>> = {
    stop_sequences: request.stopSequences,
    output_format: request.format,
    tool_choice: request.toolChoice,
    parallel_tools: request.parallelTools,
  }
  const places: Partial<Record<PlacedName, string>> = {}
  for (const name of PLACED_NAMES) {
    const at = found[name]
    if (at !== undefined && said[name] !== undefined && at !== PLACES[request.from][name]) places[name] = at
  }
  return Object.keys(places).length === 0 ? request : { ...request, places }
}
