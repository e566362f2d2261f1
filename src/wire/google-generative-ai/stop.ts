import type { StopReason } from '../../canon/stop.ts'

/**
 * `finishReason` of Gemini and Vertex (ai.google.dev/api/generate-content#FinishReason and the SDK's type, 2026). A word that is not here, and
 * one that names a failure of the model (`MALFORMED_FUNCTION_CALL`, `UNEXPECTED_TOOL_CALL`, `OTHER`, …), is `other`: no other protocol has
 * such a reason, so the word itself is what a client is told.
 */
const READ: Readonly<Record<string, StopReason>> = {
  STOP: 'end',
  MAX_TOKENS: 'length',
  // The limit of one request, with a token to go on from.
  CONTINUATION: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
}

/** The word for an ending that nobody gave a reason for. */
const UNSPECIFIED = 'FINISH_REASON_UNSPECIFIED'

/** The reason behind a `finishReason`. Gemini says `STOP` also where it called functions. */
export function readStop(raw: string, calledFunctions: boolean): StopReason {
  const reason = Object.hasOwn(READ, raw) ? READ[raw] : undefined
  if ((reason === 'end' || raw === '') && calledFunctions) return 'tool-calls'
  return reason ?? 'other'
}

/**
 * The `finishReason` for a reason. A refusal of any kind is `SAFETY`, the one word that Gemini's clients know for it; its text stays text.
 * A reason no table knows keeps its own word, and without one it is told as unspecified: a `STOP` would claim more than anybody said.
 */
export function writeStop(reason: StopReason, raw: string, spokenRefusal: boolean): string {
  switch (reason) {
    case 'end':
      return spokenRefusal ? 'SAFETY' : 'STOP'
    case 'stop-sequence':
    case 'tool-calls':
    case 'pause':
      return 'STOP'
    case 'length':
    case 'context-full':
      return readStop(raw, false) === 'length' ? raw : 'MAX_TOKENS'
    case 'refusal':
    case 'content-filter':
      return readStop(raw, false) === 'content-filter' ? raw : 'SAFETY'
    case 'other':
      return raw === '' ? UNSPECIFIED : raw
  }
}

/** The words for "no reason given" in `promptFeedback.blockReason`: the API's and the SDK's. */
const NOT_BLOCKED = new Set(['', 'BLOCK_REASON_UNSPECIFIED', 'BLOCKED_REASON_UNSPECIFIED'])

/** True if a `blockReason` says that the prompt was refused. */
export function isBlock(reason: string | undefined): reason is string {
  return reason !== undefined && !NOT_BLOCKED.has(reason)
}
