import { readFileSync } from 'node:fs'
import type { ProblemCode } from '../../src/canon/problem.ts'

/** One known failure of a provider, with bodies built in that provider's own envelopes. */
export interface ErrorRow {
  readonly provider: string
  readonly class: string
  /** Null: any; the tests use 200. */
  readonly status: number | null
  readonly match: Readonly<Record<string, unknown>>
  readonly cases: readonly { readonly body: string; readonly code?: ProblemCode }[]
}

/** What the facts' classes are called here. */
export const CODE_OF_CLASS: Readonly<Record<string, ProblemCode>> = {
  account_banned: 'account_blocked',
  auth_invalid: 'invalid_key',
  auth_wrong_service: 'wrong_service_key',
  balance_exhausted: 'balance_exhausted',
  client_not_admitted: 'client_not_admitted',
  content_filter: 'content_refused',
  context_overflow: 'context_too_long',
  invalid_request: 'upstream_bad_request',
  model_not_found: 'upstream_model_not_found',
  model_not_in_plan: 'model_not_in_plan',
  overloaded: 'overloaded',
  plan_inactive: 'plan_expired',
  plan_window_exhausted: 'plan_exhausted',
  rate_limited: 'rate_limited',
  region_blocked: 'region_blocked',
  timeout: 'timeout',
  upstream_error: 'upstream_error',
}

/** The project's own copy of the facts. */
export const ERROR_ROWS: readonly ErrorRow[] = JSON.parse(
  readFileSync(new URL('../fixtures/catalog/error-rows.json', import.meta.url), 'utf8'),
)
