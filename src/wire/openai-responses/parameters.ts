import { asArray } from '../../base/json-value.ts'
import type { Setting } from '../../canon/request.ts'
import { Cannot, type ParameterTable } from '../wire-protocol.ts'
import { SEALED_REASONING, TEXT_LOGPROBS } from './item-types.ts'

/** What Responses can say, after the request types of OpenAI's published SDK (2026), and `client_metadata`, which Codex sends. */
export const parameters: ParameterTable = {
  temperature: { path: 'temperature' },
  top_p: { path: 'top_p' },
  logprobs: {
    path: 'include',
    read: value => asArray(value).includes(TEXT_LOGPROBS),
    note: `\`${TEXT_LOGPROBS}\``,
  },
  top_logprobs: { path: 'top_logprobs' },
  verbosity: { path: 'text.verbosity' },
  service_tier: { path: 'service_tier' },
  user: { path: 'user' },
  safety_identifier: { path: 'safety_identifier' },
  metadata: { path: 'metadata' },
  client_metadata: { path: 'client_metadata' },
  store: {
    path: 'store',
    note: 'translated requests say `false` unless the client asks to keep the reply; `false` asks nothing of others, which keep nothing',
  },
  prompt_cache_key: { path: 'prompt_cache_key' },
  prompt_cache_retention: { path: 'prompt_cache_retention' },
  prompt_cache_options: { path: 'prompt_cache_options' },
  context_management: {
    path: 'context_management',
    write: value => (Array.isArray(value) ? value : new Cannot('OpenAI takes another kind of orders under this name')),
  },
  previous_response_id: { path: 'previous_response_id' },
  conversation: { path: 'conversation' },
  background: { path: 'background' },
  prompt: { path: 'prompt' },
  truncation: { path: 'truncation', note: '`disabled` is what happens everywhere' },
  max_tool_calls: { path: 'max_tool_calls' },
  include: {
    path: 'include',
    read: value => asArray(value).filter(item => item !== SEALED_REASONING && item !== TEXT_LOGPROBS),
    note: `\`${SEALED_REASONING}\` asks nothing of others, whose reasoning is carried anyway`,
  },
  moderation: { path: 'moderation' },
  stream_obfuscation: { path: 'stream_options.include_obfuscation' },
  max_output_tokens: { path: 'max_output_tokens', note: 'raised to what the provider takes, and told' },
  output_format: { path: 'text.format' },
  stream_usage: { path: 'usage', note: 'always told' },
  tools: { path: 'tools' },
  custom_tools: { path: 'tools' },
  server_tools: { path: 'tools', note: "this protocol's own only" },
  tool_strict: {
    path: 'tools[].strict',
    note: 'said as `false` where the client did not say it: the default here is strict',
  },
  tool_choice: { path: 'tool_choice' },
  allowed_tools: { path: 'tool_choice.tools' },
  parallel_tools: { path: 'parallel_tool_calls' },
  tool_arguments: { path: 'input[].arguments' },
  tool_result_media: { path: 'input[].output[]' },
  reasoning: { path: 'reasoning', note: 'a token budget becomes an effort' },
  reasoning_effort: { path: 'reasoning.effort', note: 'the nearest one the provider knows, told as a loss' },
  reasoning_display: { path: 'reasoning.summary', note: 'the only protocol with a choice of length' },
  reasoning_history: { path: 'input[].encrypted_content', note: 'only what a Responses provider wrote' },
  images: { path: 'input[].content[].image_url' },
  image_detail: { path: 'input[].content[].detail' },
  documents: { path: 'input[].content[].file_data', note: 'inline, by URL, or as text' },
  citations_history: { path: 'input[].content[].annotations', note: "this protocol's own only" },
  audio_input: { path: 'input[].content[].input_audio' },
  instructions_inside: { path: 'input[].role' },
  cache_marks: { path: 'input[].content[].prompt_cache_breakpoint', note: "this protocol's own only" },
  opaque_parts: { path: 'input[]', note: "this protocol's own only" },
}

/** Values that ask for what happens anyway. Many clients always send them; a target without the parameter loses nothing. */
const NEUTRAL: Readonly<Record<string, string>> = {
  logprobs: 'false',
  top_logprobs: '0',
  verbosity: '"medium"',
  metadata: '{}',
  client_metadata: '{}',
  store: 'false',
  context_management: '[]',
  background: 'false',
  truncation: '"disabled"',
  include: '[]',
  stream_obfuscation: 'false',
}

/** True for a setting that every provider obeys without being told. */
export function isNeutral({ name, value }: Setting): boolean {
  return NEUTRAL[name] === JSON.stringify(value)
}
