import type { LossKind } from './loss.ts'

interface Parameter {
  /** What becomes of it where a target has no words for it. The only place that decides this. */
  readonly kind: LossKind
  /** What it asks for, for docs/translation.md. */
  readonly meaning: string
  /** True: carried by name and value alone (`CanonRequest.settings`). False: part of the canonical structure. */
  readonly setting: boolean
}

const setting = (kind: LossKind, meaning: string): Parameter => ({ kind, meaning, setting: true })
const structure = (kind: LossKind, meaning: string): Parameter => ({ kind, meaning, setting: false })

/**
 * Every parameter and feature a request can carry, by the name users write in `candor-allow-loss` and `translate.allowLoss`. Which
 * protocol can say which stands in each protocol's own `parameters.ts`; together they are the translation table.
 */
export const PARAMETERS = {
  temperature: setting('semantic', 'sampling temperature'),
  top_p: setting('semantic', 'nucleus sampling'),
  top_k: setting('semantic', 'sampling from the k likeliest tokens'),
  seed: setting('semantic', 'repeatable sampling'),
  frequency_penalty: setting('semantic', 'penalty on frequent tokens'),
  presence_penalty: setting('semantic', 'penalty on tokens seen before'),
  logit_bias: setting('semantic', 'bias on single tokens'),
  logprobs: setting('semantic', 'log probabilities in the reply'),
  top_logprobs: setting('semantic', 'how many alternatives with their log probability'),
  n: setting('semantic', 'several answers at once'),
  modalities: setting('semantic', 'kinds of output: text, audio'),
  audio: setting('semantic', 'voice and format of spoken output'),
  prediction: setting('hint', 'predicted output, for speed only'),
  verbosity: setting('semantic', 'how wordy the answer shall be'),
  web_search_options: setting('semantic', "the provider's own web search"),
  service_tier: setting('hint', 'latency and price tier'),
  user: setting('hint', 'an end-user identifier'),
  safety_identifier: setting('hint', 'a hashed end-user identifier for abuse detection'),
  metadata: setting('hint', 'labels stored with the call'),
  client_metadata: setting('hint', 'what a client tells the provider about itself'),
  store: setting('hint', 'keep the reply at the provider'),
  prompt_cache_key: setting('hint', 'routing key for the prompt cache'),
  prompt_cache_retention: setting('hint', 'how long the prompt cache lives'),
  prompt_cache_options: setting('hint', 'how prompt-cache breakpoints are chosen, and how long they live'),
  cache_control: setting('hint', 'a prompt-cache breakpoint on the whole request'),
  diagnostics: setting('hint', 'an account of why the prompt cache missed'),
  eager_input_streaming: setting('hint', 'tool arguments streamed as they are written'),
  container: setting('semantic', 'a sandbox of an earlier turn'),
  context_management: setting('hint', 'automatic clearing of old context by the provider'),
  mcp_servers: setting('semantic', 'MCP servers the provider calls itself'),
  inference_geo: setting('semantic', 'where the model may run'),
  speed: setting('hint', 'fast mode'),
  previous_response_id: setting('semantic', 'an earlier reply the provider keeps, continued'),
  conversation: setting('semantic', 'a conversation the provider keeps'),
  background: setting('semantic', 'an answer worked out while nobody waits'),
  prompt: setting('semantic', 'a prompt template the provider keeps'),
  truncation: setting('hint', 'what is left out of a conversation that is too long, instead of an error'),
  max_tool_calls: setting('semantic', 'limit on calls of tools the provider runs itself'),
  include: setting('hint', 'more detail in the reply'),
  moderation: setting('semantic', "the provider's own check of input and output"),
  stream_obfuscation: setting('hint', 'padding that hides the length of stream events'),
  safety_settings: setting('semantic', 'thresholds of the content filters'),
  cached_content: setting('semantic', 'a prompt the provider keeps in its cache'),
  media_resolution: setting('hint', 'resolution at which media are read'),
  speech: setting('semantic', 'voices of spoken output'),
  image_output: setting('semantic', 'form of pictures in the answer'),
  retrieval: setting('semantic', "place and language of the provider's own search"),
  civic_answers: setting('hint', 'extra care for answers about elections'),
  betas: structure('hint', 'opt-ins to beta features (the anthropic-beta header)'),
  max_output_tokens: structure('semantic', 'limit on output tokens'),
  stop_sequences: structure('semantic', 'texts that end the answer'),
  output_format: structure('semantic', 'JSON or a JSON schema for the answer'),
  stream_usage: structure('hint', 'usage told inside the stream'),
  tools: structure('semantic', 'functions the model may call'),
  custom_tools: structure('semantic', 'tools that take free text or a grammar'),
  server_tools: structure('semantic', 'tools the provider runs itself'),
  tool_strict: structure('semantic', 'arguments that obey the schema exactly'),
  tool_choice: structure('semantic', 'which tool must or must not be called'),
  allowed_tools: structure('semantic', 'a choice bounded to some of the tools'),
  parallel_tools: structure('semantic', 'at most one tool call in a reply'),
  tool_arguments: structure('hint', 'arguments that are no JSON object (their text is kept)'),
  tool_result_media: structure('semantic', 'images and documents inside a tool result'),
  tool_result_error: structure('hint', 'the mark that a tool failed (its text is kept)'),
  reasoning: structure('semantic', 'how much to think before answering'),
  reasoning_effort: structure('hint', 'the exact effort (the nearest one the provider knows is sent)'),
  reasoning_display: structure('hint', 'how the thinking is shown'),
  reasoning_history: structure('hint', 'thinking of earlier turns, carried back'),
  images: structure('semantic', 'images in messages'),
  image_detail: structure('hint', 'resolution at which an image is read'),
  documents: structure('semantic', 'PDF and text documents in messages'),
  document_context: structure('semantic', 'text about a document beside it'),
  document_citations: structure('semantic', 'citations from documents'),
  citations_history: structure('hint', 'citations attached to text of earlier turns'),
  audio_input: structure('semantic', 'sound in messages'),
  video_input: structure('semantic', 'video in messages'),
  participant_name: structure('hint', "a participant's name on a message"),
  instructions_inside: structure('hint', 'instructions in the middle of the conversation (kept as a marked user text)'),
  cache_marks: structure('hint', 'explicit prompt-cache breakpoints'),
  opaque_parts: structure('semantic', "content only the client's own protocol knows"),
  unknown_fields: structure('semantic', 'fields no table knows'),
} as const satisfies Record<string, Parameter>

/** A name in the table. */
export type ParameterName = keyof typeof PARAMETERS

/** All names, in the table's order. */
export const PARAMETER_NAMES = Object.keys(PARAMETERS) as readonly ParameterName[]
