/**
 * How a provider's dialect differs from its protocol. Every field is optional and absent means "as the protocol says". A row in the
 * catalogue sets them; the protocol's `request.ts` obeys them. Add one only for a difference seen on the wire.
 */
export interface Quirks {
  /** The field for the output limit in Chat Completions. Absent: `max_tokens`, which nearly all compatible servers take. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens'
  /** Output limit sent when the client gave none and the protocol demands one. Absent: 8,192. */
  readonly maxTokensDefault?: number
  /** No `developer` role: sent as `system`. */
  readonly noDeveloperRole?: boolean
  /** No `store`. */
  readonly noStore?: boolean
  /** No `strict` on tools. */
  readonly noStrictTools?: boolean
  /** No `stream_options`; usage is told without asking, or not at all. */
  readonly noStreamOptions?: boolean
  /** No `tool_choice` other than `auto` and `none`. */
  readonly noForcedToolChoice?: boolean
  /** No `parallel_tool_calls`. */
  readonly noParallelToolCalls?: boolean
  /** Settings (names of the parameter table) this provider refuses. */
  readonly refuses?: readonly string[]
  /**
   * How reasoning is asked for in Chat Completions. `effort`: `reasoning_effort`. `thinking`: `thinking: {type: enabled|disabled}`,
   * plus `reasoning_effort` if the client named one. `enable_thinking`: a boolean plus `thinking_budget`. `reasoning`: OpenRouter's
   * `reasoning: {effort | max_tokens | enabled}`. `none`: cannot be asked for.
   */
  readonly reasoning?: 'effort' | 'thinking' | 'enable_thinking' | 'reasoning' | 'none'
  /** Reasoning cannot be turned off. */
  readonly reasoningAlwaysOn?: boolean
  /** The efforts this provider knows; another is moved to the nearest and told as a loss. */
  readonly efforts?: readonly string[]
  /** The field in which earlier reasoning is sent back in Chat Completions. Absent: it is not sent, and told as a loss. */
  readonly replayReasoning?: 'reasoning_content' | 'reasoning' | 'reasoning_details'
  /** On the Anthropic surface: thinking without (or with a foreign) signature is accepted, with the signature left empty. */
  readonly unsignedThinking?: boolean
  /** On the Anthropic surface: the only thinking types taken. Absent: enabled, disabled and adaptive. */
  readonly thinkingTypes?: readonly ('enabled' | 'disabled' | 'adaptive')[]
  /** On the Anthropic surface: no `cache_control` on tools. */
  readonly noToolCacheMarks?: boolean
  /** Takes Anthropic's `cache_control` marks inside Chat Completions content parts. */
  readonly cacheMarks?: boolean
  /** Tool-call ids must match this; others are replaced by a stable 9-character one, for call and result alike. */
  readonly toolIdPattern?: string
  /** Images by `data:` URL only. */
  readonly imagesInlineOnly?: boolean
  /** No `document`/`file` parts. */
  readonly noDocuments?: boolean
  /** Sends `tool_stream: true` so that tool arguments stream (Z.AI). */
  readonly toolStream?: boolean
  /** An empty `tools` array is refused: it is left out. */
  readonly noEmptyTools?: boolean
  /** JSON-schema keywords that must not appear in tool schemas; each one taken out is told as a loss. */
  readonly schemaWithout?: readonly string[]
}
