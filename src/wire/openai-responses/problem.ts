import type { JsonObject } from '../../base/json-value.ts'
import type { Problem } from '../../canon/problem.ts'
import { type ErrorWordTable, OPENAI_ERROR_WORDS, readOpenaiError, writeOpenaiError } from '../openai-errors.ts'

/**
 * Words that only Responses have: codes of a failed response (SDK type `ResponseError`, 2026), those that Codex acts on, and Z.AI's, whose
 * Responses surface fails with them inside a stream.
 */
const WORDS: ErrorWordTable = {
  ...OPENAI_ERROR_WORDS,
  invalid_prompt: 'upstream_bad_request',
  server_is_overloaded: 'overloaded',
  slow_down: 'overloaded',
  usage_limit_reached: 'plan_exhausted',
  usage_not_included: 'model_not_in_plan',
  permission_denied: 'upstream_refused',
  vector_store_timeout: 'upstream_error',
  bio_policy: 'content_refused',
  misalignment_policy_violation: 'content_refused',
  image_content_policy_violation: 'content_refused',
  invalid_image: 'upstream_bad_request',
  invalid_image_format: 'upstream_bad_request',
  invalid_image_mode: 'upstream_bad_request',
  invalid_image_url: 'upstream_bad_request',
  invalid_base64_image: 'upstream_bad_request',
  image_too_large: 'upstream_bad_request',
  image_too_small: 'upstream_bad_request',
  image_parse_error: 'upstream_bad_request',
  image_file_too_large: 'upstream_bad_request',
  image_file_not_found: 'upstream_bad_request',
  unsupported_image_media_type: 'upstream_bad_request',
  empty_image_file: 'upstream_bad_request',
  failed_to_download_image: 'upstream_bad_request',
}

/** Inside a stream no status says more than this type. */
const STREAM_WORDS: ErrorWordTable = { ...WORDS, invalid_request_error: 'upstream_bad_request' }

/** Reads an error body, or the error told inside a stream or a failed response (status 200). */
export function decodeProblem(status: number, body: unknown): Problem {
  return readOpenaiError(status, body, status < 400 ? STREAM_WORDS : WORDS)
}

/** Writes OpenAI's envelope with Candor's note inside. */
export function encodeProblem(found: Problem, requestId: string): JsonObject {
  return writeOpenaiError(found, requestId)
}
