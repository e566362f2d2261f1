import type { ParameterTable } from '../wire-protocol.ts'

/**
 * What Chat Completions can say: OpenAI's own fields, and those of the dialects that many compatible servers share (`top_k`, the
 * `reasoning_content` of earlier turns, `cache_control`). A provider that refuses one says so in its row (`quirks.refuses`).
 */
export const parameters: ParameterTable = {
  temperature: { path: 'temperature' },
  top_p: { path: 'top_p' },
  top_k: { path: 'top_k', note: 'not by OpenAI itself; most compatible servers take it' },
  seed: { path: 'seed' },
  frequency_penalty: { path: 'frequency_penalty' },
  presence_penalty: { path: 'presence_penalty' },
  logit_bias: { path: 'logit_bias' },
  logprobs: { path: 'logprobs' },
  top_logprobs: { path: 'top_logprobs' },
  n: { path: 'n' },
  modalities: { path: 'modalities' },
  audio: { path: 'audio' },
  prediction: { path: 'prediction' },
  verbosity: { path: 'verbosity' },
  web_search_options: { path: 'web_search_options' },
  service_tier: { path: 'service_tier' },
  user: { path: 'user' },
  safety_identifier: { path: 'safety_identifier' },
  metadata: { path: 'metadata' },
  store: { path: 'store' },
  prompt_cache_key: { path: 'prompt_cache_key' },
  prompt_cache_retention: { path: 'prompt_cache_retention' },
  max_output_tokens: {
    path: 'max_tokens',
    note: '`max_completion_tokens` where the provider wants that; both are read',
  },
  stop_sequences: { path: 'stop', note: 'at most four' },
  output_format: { path: 'response_format' },
  stream_usage: { path: 'stream_options.include_usage', note: 'always asked for in translated streams' },
  tools: { path: 'tools', note: 'the older `functions` are read too' },
  custom_tools: { path: 'tools[].custom' },
  tool_strict: { path: 'tools[].function.strict' },
  tool_choice: { path: 'tool_choice', note: 'the older `function_call` is read too' },
  allowed_tools: { path: 'tool_choice.allowed_tools' },
  parallel_tools: { path: 'parallel_tool_calls' },
  tool_arguments: { path: 'messages[].tool_calls[].function.arguments' },
  reasoning: {
    path: 'reasoning_effort',
    note: 'or `thinking`, `enable_thinking`, `reasoning`, as the provider wants; a token budget becomes an effort where only efforts exist',
  },
  reasoning_effort: { path: 'reasoning_effort', note: 'the nearest one the provider knows, told as a loss' },
  reasoning_display: {
    path: 'reasoning.exclude',
    note: 'hidden only in the `reasoning` dialect; shown without being asked for',
  },
  reasoning_history: {
    path: 'messages[].reasoning_content',
    note: 'where the provider takes it back; signed or encrypted thinking only as `reasoning_details`',
  },
  images: { path: 'messages[].content[].image_url' },
  image_detail: { path: 'messages[].content[].image_url.detail' },
  documents: { path: 'messages[].content[].file', note: 'inline or as text, not by URL' },
  audio_input: { path: 'messages[].content[].input_audio' },
  participant_name: { path: 'messages[].name' },
  instructions_inside: { path: 'messages[].role' },
  cache_marks: { path: 'messages[].content[].cache_control', note: 'only where the provider takes them' },
}
