import type { JsonObject } from '../../base/json-value.ts'
import { PROBLEMS, type Problem, type ProblemCode, problem, type UpstreamWords } from '../../canon/problem.ts'
import { candorNote, problemLine } from '../candor-note.ts'
import { meaningOfStatus, readErrorWords } from '../error-words.ts'
import { meaningOfNotFound } from '../not-found.ts'

/** What Anthropic's error types mean (platform.claude.com/docs/en/api/errors, 2026). */
const BY_TYPE: Readonly<Record<string, ProblemCode>> = {
  authentication_error: 'invalid_key',
  billing_error: 'balance_exhausted',
  permission_error: 'account_blocked',
  not_found_error: 'upstream_model_not_found',
  request_too_large: 'context_too_long',
  rate_limit_error: 'rate_limited',
  timeout_error: 'timeout',
  overloaded_error: 'overloaded',
  api_error: 'upstream_error',
  invalid_request_error: 'upstream_bad_request',
}

/** Anthropic's own wording; clients match it to start compacting the conversation. */
const TOO_LONG = 'prompt is too long'

const WRITE_TYPE: Readonly<Record<ProblemCode, string>> = {
  bad_request: 'invalid_request_error',
  body_too_large: 'request_too_large',
  unauthorized: 'authentication_error',
  forbidden: 'permission_error',
  model_not_found: 'not_found_error',
  ambiguous_model: 'invalid_request_error',
  provider_unavailable: 'overloaded_error',
  untranslatable: 'invalid_request_error',
  invalid_key: 'authentication_error',
  wrong_service_key: 'authentication_error',
  client_not_admitted: 'permission_error',
  account_blocked: 'permission_error',
  region_blocked: 'permission_error',
  upstream_refused: 'permission_error',
  plan_expired: 'billing_error',
  plan_exhausted: 'rate_limit_error',
  balance_exhausted: 'billing_error',
  model_not_in_plan: 'permission_error',
  upstream_model_not_found: 'not_found_error',
  rate_limited: 'rate_limit_error',
  overloaded: 'overloaded_error',
  context_too_long: 'invalid_request_error',
  content_refused: 'invalid_request_error',
  upstream_bad_request: 'invalid_request_error',
  upstream_error: 'api_error',
  unreachable: 'api_error',
  timeout: 'timeout_error',
  stream_truncated: 'api_error',
  upstream_protocol: 'api_error',
  budget_exceeded: 'billing_error',
  key_rate_limited: 'rate_limit_error',
  draining: 'overloaded_error',
  internal: 'api_error',
}

/** Anthropic's own status (platform.claude.com/docs/en/api/errors, 2026); its SDK throws `OverloadedError` for this one only. */
export const STATUSES: Readonly<Partial<Record<ProblemCode, number>>> = { overloaded: 529 }

/**
 * Reads an error body, or the error told inside a stream (status 200). The envelope's type counts before the status: a surface behind a
 * proxy may answer 500 with a type that says more.
 */
export function decodeProblem(status: number, body: unknown): Problem {
  const words = readErrorWords(status, body)
  const code = codeFor(status, words)
  return problem(code, PROBLEMS[code].meaning, { upstream: words })
}

/** Writes Anthropic's envelope. A full context begins with the words Anthropic's clients look for. */
export function encodeProblem(found: Problem, requestId: string): JsonObject {
  return {
    type: 'error',
    error: { type: WRITE_TYPE[found.code], message: messageFor(found), candor: candorNote(found, requestId) },
    request_id: requestId,
  }
}

function codeFor(status: number, words: UpstreamWords): ProblemCode {
  if (words.message?.toLowerCase().includes(TOO_LONG) === true) return 'context_too_long'
  const byType = words.type !== undefined && Object.hasOwn(BY_TYPE, words.type) ? BY_TYPE[words.type] : undefined
  if (byType === 'upstream_model_not_found') return meaningOfNotFound(words)
  return byType ?? meaningOfStatus(status, words)
}

function messageFor(found: Problem): string {
  const said = found.upstream?.message ?? ''
  const at = said.toLowerCase().indexOf(TOO_LONG)
  if (found.code !== 'context_too_long') return problemLine(found)
  return at < 0 ? `${TOO_LONG}: ${problemLine(found)}` : `${said.slice(at)} (${found.what})`
}
