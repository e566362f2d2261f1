import type { StopReason } from '../../canon/stop.ts'

/**
 * `finish_reason` of OpenAI and of the dialects seen on the wire (Mistral `model_length`, Z.AI `sensitive` and
 * `model_context_window_exceeded`, TGI `eos_token`, …).
 */
const REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  end: 'end',
  end_turn: 'end',
  eos: 'end',
  eos_token: 'end',
  stop_sequence: 'stop-sequence',
  length: 'length',
  max_tokens: 'length',
  model_length: 'context-full',
  model_context_window_exceeded: 'context-full',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  sensitive: 'content-filter',
  refusal: 'refusal',
}

/** Words that stand in `finish_reason` but say that the provider broke off: the answer is not complete. */
const FAILURES: ReadonlySet<string> = new Set(['error', 'network_error', 'insufficient_system_resource'])

/** The reason behind a `finish_reason`. A model that called tools stopped for them, even where the provider only says `stop`. */
export function readStop(raw: string, calledTools: boolean): StopReason {
  const reason = Object.hasOwn(REASONS, raw) ? REASONS[raw] : undefined
  if (reason === 'end' && calledTools) return 'tool-calls'
  return reason ?? 'other'
}

/** True if the word is a reason, not a text that a model could have been told to stop at. */
export function isReason(word: string): boolean {
  return word === '' || Object.hasOwn(REASONS, word)
}

/** True if the word means that the provider broke off. */
export function isBreak(raw: string): boolean {
  return FAILURES.has(raw)
}

/**
 * The `finish_reason` for a reason. OpenAI ends a spoken refusal with `stop` and the text in `refusal`; one without words is what its
 * `content_filter` stands for. A reason no table knows keeps its own word.
 */
export function writeStop(reason: StopReason, raw: string, spokenRefusal: boolean): string {
  switch (reason) {
    case 'end':
    case 'stop-sequence':
    case 'pause':
      return 'stop'
    case 'length':
    case 'context-full':
      return 'length'
    case 'tool-calls':
      return 'tool_calls'
    case 'refusal':
      return spokenRefusal ? 'stop' : 'content_filter'
    case 'content-filter':
      return 'content_filter'
    case 'other':
      return raw === '' ? 'stop' : raw
  }
}
