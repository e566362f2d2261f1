import { asObject, asString, type JsonObject } from '../../base/json-value.ts'
import type { Problem, ProblemCode } from '../../canon/problem.ts'
import { encodeProblem } from './problem.ts'

/** A failure in the two forms a stream tells it in. */
export interface FailureWords {
  /** Fields of the `error` event: OpenAI sends them inside `error`, its published schema has them beside `type`; clients read either. */
  readonly event: JsonObject
  /** The `error` of the failed response. */
  readonly error: JsonObject
}

/**
 * Codes of a failed response that clients act on, where the envelope has another one. Codex gives up with the message at `invalid_prompt` and
 * says so at `server_is_overloaded`; at a code it does not know it silently asks again (codex-rs, `codex-api/src/sse/responses.rs`, 2026).
 */
const RESPONSE_CODES: Partial<Readonly<Record<ProblemCode, string>>> = {
  bad_request: 'invalid_prompt',
  content_refused: 'invalid_prompt',
  upstream_bad_request: 'invalid_prompt',
  overloaded: 'server_is_overloaded',
}

/** Says a failure inside a stream, with Candor's note. */
export function failureWords(found: Problem, requestId: string): FailureWords {
  const envelope = asObject(encodeProblem(found, requestId).error) ?? {}
  const message = withRetryHint(asString(envelope.message) ?? found.what, found)
  const { code = null, param = null, candor = null } = envelope
  return {
    event: { code, message, param, error: { ...envelope, message } },
    error: { code: RESPONSE_CODES[found.code] ?? code, message, candor },
  }
}

/** Codex waits as long as the message says, and looks for these words only. */
function withRetryHint(message: string, { code, retryAfterMs }: Problem): string {
  if (code !== 'rate_limited' || retryAfterMs === undefined) return message
  return `${message} Please try again in ${Math.ceil(retryAfterMs / 1000)}s.`
}
