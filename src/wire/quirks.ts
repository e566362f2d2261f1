/**
 * How a provider's dialect differs from its protocol. Every field is optional and absent means "as the protocol says". A row in the
 * catalogue sets them; the protocol's `request.ts` obeys them. Add one only for a difference seen on the wire.
 */
export interface Quirks {
  /** The field for the output limit in Chat Completions. Absent: `max_tokens`, which nearly all compatible servers take. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens'
  /** Output limit sent when the client gave none and the protocol demands one. Absent: 8,192. */
  readonly maxTokensDefault?: number
  /** On the Responses surface: the smallest output limit taken. A smaller one is raised to it, which is told. */
  readonly maxTokensMin?: number
  /** No `developer` role: sent as `system`. */
  readonly noDeveloperRole?: boolean
  /** No `store`. */
  readonly noStore?: boolean
  /** In Chat Completions: no tools of type `custom` (free text or a grammar), which OpenAI's own server takes and few others do. */
  readonly noCustomTools?: boolean
  /** On the Responses surface: nothing is kept, as far as is known, so nothing that is kept can be asked for. */
  readonly stateless?: boolean
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
  /** In Chat Completions: replies never hold the text of reasoning. Absent: they do, as with most compatible servers. */
  readonly hidesReasoning?: boolean
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
  /** On the Gemini surface, how thinking is asked for: `thinkingLevel` or `thinkingBudget`. `none`: cannot be asked for. Absent: `level`. */
  readonly thinkingConfig?: 'level' | 'budget' | 'none'
  /** On the Gemini surface: the smallest and largest `thinkingBudget` taken, in tokens. */
  readonly thinkingBudgets?: readonly [number, number]
  /** On the Gemini surface: calls of earlier turns need no thought signature. */
  readonly unsignedCalls?: boolean
  /** On the Gemini surface: no `id` on calls and results; they belong together by name and order. */
  readonly noCallIds?: boolean
  /** On the Gemini surface: no media inside a `functionResponse`. */
  readonly noResultMedia?: boolean
  /** On the Gemini surface: no `mediaResolution` on a single part. */
  readonly noPartResolution?: boolean
  /** On the Gemini surface: JSON as the form of the answer is refused beside function tools. */
  readonly noFormatBesideTools?: boolean
  /** What holds for some models only. Each entry that fits lies over what stands before it. */
  readonly byModel?: readonly ModelQuirks[]
}

/** Quirks of the models whose id matches a regular expression. */
export interface ModelQuirks {
  readonly models: string
  readonly quirks: Omit<Quirks, 'byModel'>
}

/** The quirks as they hold for one model of the provider. */
export function quirksOfModel(quirks: Quirks, model: string): Quirks {
  if (quirks.byModel === undefined) return quirks
  const { byModel, ...common } = quirks
  let found: Quirks = common
  for (const entry of byModel) if (new RegExp(entry.models).test(model)) found = { ...found, ...entry.quirks }
  return found
}
