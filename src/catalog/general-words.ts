import type { ProblemCode } from '../canon/problem.ts'

/**
 * Words for the kind of an error that mean the same wherever they are used. A provider that uses one otherwise has a sign of its own. That
 * something was not found means the model only where the other words do not name another thing (signs.ts).
 */
const WORDS: Readonly<Partial<Record<ProblemCode, readonly string[]>>> = {
  invalid_key: [
    'invalid_api_key',
    'incorrect_api_key',
    'wrong_api_key',
    'api_key_invalid',
    'authentication_error',
    'invalid_authentication_error',
    'authenticationerror',
    'autherror',
    'authentication',
    'unauthenticated',
    'unauthorized',
    'invalidapikey',
    'unrecognizedclientexception',
    'invalidsignatureexception',
    'expiredtokenexception',
  ],
  account_blocked: ['permission_error', 'permission_denied_error', 'permission_denied', 'account_deactivated'],
  region_blocked: ['unsupported_country_region_territory', 'regionerror'],
  balance_exhausted: [
    'insufficient_quota',
    'insufficient_balance',
    'billing_error',
    'billing_hard_limit_reached',
    'credit_balance_exhausted',
    'exceeded_current_quota_error',
    'payment_required',
    'organization_spend_limit_exceeded',
    'project_spend_limit_exceeded',
    'organization_usage_limit_exceeded',
    'creditserror',
  ],
  plan_exhausted: ['usage_limit_reached', 'gousagelimiterror', 'subscription_sharing_usage_limit_exceeded'],
  upstream_model_not_found: ['model_not_found', 'deploymentnotfound', 'resource_not_found_error', 'notfounderror'],
  rate_limited: [
    'rate_limit_error',
    'rate_limit_exceeded',
    'rate_limit_reached_error',
    'ratelimiterror',
    'too_many_requests',
    'throttlingexception',
    'throttling',
    'resource_exhausted',
  ],
  overloaded: [
    'overloaded_error',
    'engine_overloaded_error',
    'server_overloaded',
    'serveroverloaded',
    'serviceunavailableexception',
    'unavailable_error',
    'unavailable',
    'slow_down',
    'capacity_exceeded',
  ],
  context_too_long: [
    'context_length_exceeded',
    'request_too_large',
    'exceed_context_size_error',
    'model_context_window_exceeded',
  ],
  content_refused: [
    'content_filter',
    'content_policy_violation',
    'data_inspection_failed',
    'responsibleaipolicyviolation',
    'sensitivecontentdetected',
    'moderation_blocked',
  ],
  timeout: ['timeout_error', 'deadline_exceeded', 'request_timeout'],
  upstream_error: ['api_error', 'server_error', 'internal_server_error', 'internal_error', 'internal'],
}

/** Words so general that they count only where the status tells nothing: inside a stream that began as a success. */
const WEAK_WORDS: Readonly<Partial<Record<ProblemCode, readonly string[]>>> = {
  upstream_bad_request: [
    'invalid_request_error',
    'invalid_argument',
    'bad_request',
    'badrequesterror',
    'validationexception',
    'unsupported_parameter',
    'invalid_prompt',
  ],
  upstream_model_not_found: ['not_found_error', 'not_found'],
}

const strong = indexed(WORDS)
const weak = indexed(WEAK_WORDS)

/** The meaning of an envelope's `type` or `code`, if the word alone tells it. */
export function meaningOf(word: string): ProblemCode | undefined {
  return strong.get(word.toLowerCase())
}

/** The same for the words that count only where nothing else does. */
export function weakMeaningOf(word: string): ProblemCode | undefined {
  return weak.get(word.toLowerCase())
}

function indexed(table: Readonly<Partial<Record<ProblemCode, readonly string[]>>>): ReadonlyMap<string, ProblemCode> {
  const entries = Object.entries(table) as [ProblemCode, readonly string[]][]
  return new Map(entries.flatMap(([code, words]) => words.map(word => [word, code] as const)))
}
