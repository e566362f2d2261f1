import { asArray, asNumber, isObject, type JsonValue } from '../../base/json-value.ts'
import type { ParameterName } from '../../canon/parameters.ts'
import type { CanonRequest } from '../../canon/request.ts'
import type { Quirks } from '../quirks.ts'
import { Cannot, type ParameterTable } from '../wire-protocol.ts'

/** What Anthropic Messages can say, after the request types of Anthropic's published SDK (2026). */
export const parameters: ParameterTable = {
  temperature: {
    path: 'temperature',
    write: value => within(value, 1, 'Anthropic takes temperatures from 0 to 1'),
    note: 'from 0 to 1',
  },
  top_p: { path: 'top_p' },
  top_k: { path: 'top_k' },
  service_tier: {
    path: 'service_tier',
    read: value => (value === 'standard_only' ? 'default' : value),
    write: writeServiceTier,
    note: '`auto` is `auto`, `default` is `standard_only`; other tiers cannot be said',
  },
  user: {
    path: 'metadata.user_id',
    write: value => (typeof value === 'string' ? value : new Cannot('Anthropic takes a text here')),
  },
  cache_control: { path: 'cache_control' },
  diagnostics: { path: 'diagnostics' },
  container: { path: 'container' },
  context_management: {
    path: 'context_management',
    write: value => (isObject(value) ? value : new Cannot('Anthropic takes another kind of orders under this name')),
  },
  mcp_servers: { path: 'mcp_servers' },
  inference_geo: { path: 'inference_geo' },
  speed: { path: 'speed' },
  max_output_tokens: { path: 'max_tokens', note: 'required: 8,192 is filled in and told where the client gave none' },
  stop_sequences: { path: 'stop_sequences', note: 'a sequence of white space only is refused' },
  output_format: { path: 'output_config.format', note: 'JSON schema only' },
  stream_usage: { path: 'usage', note: 'always told' },
  tools: { path: 'tools' },
  server_tools: { path: 'tools', note: "Anthropic's own only" },
  tool_strict: { path: 'tools[].strict' },
  tool_choice: { path: 'tool_choice' },
  allowed_tools: { path: 'tools', note: 'the list of tools is cut to the allowed ones' },
  parallel_tools: { path: 'tool_choice.disable_parallel_tool_use' },
  tool_result_media: { path: 'messages[].content[].content[]' },
  tool_result_error: { path: 'messages[].content[].is_error' },
  betas: { path: 'headers.anthropic-beta', note: 'a header; it goes on where nothing is translated' },
  reasoning: { path: 'thinking', note: 'with `output_config.effort`' },
  reasoning_effort: { path: 'output_config.effort', note: 'the nearest one the provider knows, told as a loss' },
  reasoning_display: { path: 'thinking.display' },
  reasoning_history: { path: 'messages[].content[].thinking', note: 'only what an Anthropic provider signed' },
  images: { path: 'messages[].content[].source' },
  documents: { path: 'messages[].content[].source', note: 'PDF, text, URL' },
  document_context: { path: 'messages[].content[].context' },
  document_citations: { path: 'messages[].content[].citations' },
  citations_history: { path: 'messages[].content[].citations', note: "Anthropic's own only" },
  cache_marks: { path: 'messages[].content[].cache_control' },
  opaque_parts: { path: 'messages[].content[]', note: "Anthropic's own only" },
}

/** Values that ask for what happens anyway, so that leaving them out loses nothing. */
const MEANS_NOTHING: Readonly<Partial<Record<ParameterName, (value: JsonValue) => boolean>>> = {
  temperature: value => value === 1,
  top_p: value => value === 1,
  frequency_penalty: value => value === 0,
  presence_penalty: value => value === 0,
  logit_bias: isEmptyObject,
  logprobs: value => value === false,
  top_logprobs: value => value === 0,
  n: value => value === 1,
  modalities: value => asArray(value).length === 1 && asArray(value)[0] === 'text',
  verbosity: value => value === 'medium',
  metadata: isEmptyObject,
  store: value => value === false,
  eager_input_streaming: value => value === false,
}

/** The request without the settings that cannot be said here and ask for nothing. */
export function withoutIdleSettings(request: CanonRequest, quirks: Quirks): CanonRequest {
  const settings = request.settings.filter(setting => {
    const name = setting.name as ParameterName
    const said = parameters[name] !== undefined && quirks.refuses?.includes(name) !== true
    return said || MEANS_NOTHING[name]?.(setting.value) !== true
  })
  return { ...request, settings }
}

function within(value: JsonValue, max: number, otherwise: string): JsonValue | Cannot {
  const number = asNumber(value)
  return number === undefined || number < 0 || number > max ? new Cannot(otherwise) : number
}

function writeServiceTier(value: JsonValue): JsonValue | Cannot {
  if (value === 'auto') return 'auto'
  return value === 'default' ? 'standard_only' : new Cannot('Anthropic has only the tiers auto and standard')
}

function isEmptyObject(value: JsonValue): boolean {
  return isObject(value) && Object.keys(value).length === 0
}
