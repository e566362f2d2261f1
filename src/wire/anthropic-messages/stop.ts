import type { StopReason } from '../../canon/stop.ts'

/** Anthropic's `stop_reason` words (SDK type `StopReason`, 2026) and what they mean. */
const READ: Readonly<Record<string, StopReason>> = {
  end_turn: 'end',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  pause_turn: 'pause',
  refusal: 'refusal',
  model_context_window_exceeded: 'context-full',
}

/** A filter's cut is told as `refusal`: Anthropic's own filters end a reply with it. */
const WRITE: Readonly<Record<Exclude<StopReason, 'other'>, string>> = {
  end: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'context-full': 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  refusal: 'refusal',
  'content-filter': 'refusal',
  pause: 'pause_turn',
}

/** What a `stop_reason` means; a word the table does not know is `other`. */
export function readStopReason(raw: string): StopReason {
  return Object.hasOwn(READ, raw) ? (READ[raw] ?? 'other') : 'other'
}

/**
 * The `stop_reason` to write. A reason no table knows keeps the provider's own word, and is `null` if it gave none: an invented
 * `end_turn` would claim more than anybody said.
 */
export function writeStopReason(reason: StopReason, raw: string): string | null {
  if (reason === 'other') return raw === '' ? null : raw
  return WRITE[reason]
}
