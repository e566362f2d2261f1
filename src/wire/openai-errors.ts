import type { JsonObject } from '../base/json-value.ts'
import { PROBLEMS, type Problem, type ProblemCode, problem, type UpstreamWords } from '../canon/problem.ts'
import { candorNote, problemLine } from './candor-note.ts'
import { meaningOfStatus, readErrorWords } from './error-words.ts'

/** What words of `code` or `type` mean. */
export type ErrorWordTable = Readonly<Record<string, ProblemCode>>

/** What the `code` or `type` of an error says, in the words of OpenAI and of servers that copy its envelope. */
export const OPENAI_ERROR_WORDS: ErrorWordTable = {
  invalid_api_key: 'invalid_key',
  authentication_error: 'invalid_key',
  insufficient_quota: 'balance_exhausted',
  unsupported_country_region_territory: 'region_blocked',
  model_not_found: 'upstream_model_not_found',
  context_length_exceeded: 'context_too_long',
  rate_limit_exceeded: 'rate_limited',
  rate_limit_error: 'rate_limited',
  overloaded_error: 'overloaded',
  content_filter: 'content_refused',
  content_policy_violation: 'content_refused',
  network_error: 'upstream_error',
  server_error: 'upstream_error',
  insufficient_system_resource: 'overloaded',
}

/** `type` and `code` of the envelope, as OpenAI has them; where it has no such case the code is Candor's own. */
const ENVELOPE: Readonly<Record<ProblemCode, { readonly type: string; readonly code?: string }>> = {
  bad_request: { type: 'invalid_request_error' },
  body_too_large: { type: 'invalid_request_error', code: 'request_too_large' },
  unauthorized: { type: 'invalid_request_error', code: 'invalid_api_key' },
  forbidden: { type: 'invalid_request_error' },
  model_not_found: { type: 'invalid_request_error', code: 'model_not_found' },
  ambiguous_model: { type: 'invalid_request_error' },
  provider_unavailable: { type: 'server_error' },
  untranslatable: { type: 'invalid_request_error', code: 'unsupported_parameter' },
  invalid_key: { type: 'invalid_request_error', code: 'invalid_api_key' },
  wrong_service_key: { type: 'invalid_request_error', code: 'invalid_api_key' },
  client_not_admitted: { type: 'invalid_request_error' },
  account_blocked: { type: 'invalid_request_error' },
  region_blocked: { type: 'invalid_request_error', code: 'unsupported_country_region_territory' },
  upstream_refused: { type: 'invalid_request_error' },
  plan_expired: { type: 'insufficient_quota' },
  plan_exhausted: { type: 'insufficient_quota', code: 'insufficient_quota' },
  balance_exhausted: { type: 'insufficient_quota', code: 'insufficient_quota' },
  model_not_in_plan: { type: 'invalid_request_error' },
  upstream_model_not_found: { type: 'invalid_request_error', code: 'model_not_found' },
  rate_limited: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  overloaded: { type: 'server_error' },
  context_too_long: { type: 'invalid_request_error', code: 'context_length_exceeded' },
  content_refused: { type: 'invalid_request_error', code: 'content_policy_violation' },
  upstream_bad_request: { type: 'invalid_request_error' },
  upstream_error: { type: 'server_error' },
  unreachable: { type: 'server_error' },
  timeout: { type: 'server_error' },
  stream_truncated: { type: 'server_error' },
  upstream_protocol: { type: 'server_error' },
  budget_exceeded: { type: 'insufficient_quota', code: 'insufficient_quota' },
  key_rate_limited: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  draining: { type: 'server_error' },
  internal: { type: 'server_error' },
}

/**
 * Reads an error body in any envelope seen where OpenAI's is copied, or the error told inside a stream or a whole reply (status 200). What
 * the envelope's own words say counts before the status: aggregators answer with the status of an inner provider as `code`.
 */
export function readOpenaiError(status: number, body: unknown, table: ErrorWordTable): Problem {
  const words = readErrorWords(status, body)
  const said = byWord(words, table)
  // That the server failed is what every 5xx says; 503 and 504 say more.
  const code = said === undefined || (said === 'upstream_error' && status >= 500) ? byStatus(status, words) : said
  return problem(code, PROBLEMS[code].meaning, { upstream: words })
}

/** Writes OpenAI's envelope with Candor's note inside. */
export function writeOpenaiError(found: Problem, requestId: string): JsonObject {
  const { type, code } = ENVELOPE[found.code]
  return {
    error: {
      message: problemLine(found),
      type,
      param: found.paths?.[0] ?? null,
      code: code ?? found.code,
      candor: candorNote(found, requestId),
    },
  }
}

function byWord(words: UpstreamWords, table: ErrorWordTable): ProblemCode | undefined {
  for (const word of [words.code, words.type]) {
    if (word !== undefined && Object.hasOwn(table, word)) return table[word]
  }
  return undefined
}

function byStatus(status: number, words: UpstreamWords): ProblemCode {
  const told = Number(words.code)
  // Inside a reply the HTTP status says nothing; OpenRouter puts the real one into `code`.
  const real = status < 400 && told >= 400 && told < 600 ? told : status
  return meaningOfStatus(real, words)
}
