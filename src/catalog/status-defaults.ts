import type { ProblemCode } from '../canon/problem.ts'

const DEFAULTS: Readonly<Record<number, ProblemCode>> = {
  401: 'invalid_key',
  402: 'balance_exhausted',
  // Region, client list, ban, missing right: a bare 403 may be each, so it is called none of them.
  403: 'upstream_refused',
  // If the words name nothing else: they are asked afterwards (signs.ts).
  404: 'upstream_model_not_found',
  408: 'timeout',
  409: 'upstream_error',
  413: 'context_too_long',
  424: 'upstream_error',
  425: 'rate_limited',
  429: 'rate_limited',
  451: 'region_blocked',
  498: 'overloaded',
  503: 'overloaded',
  504: 'timeout',
  524: 'timeout',
  529: 'overloaded',
}

/** What a status alone says. `waits`: the provider said how long to wait. `plan`: the target is a subscription. */
export function meaningOfStatus(
  status: number,
  about: { readonly waits: boolean; readonly plan: boolean },
): ProblemCode {
  if (status === 402 && about.waits) return 'rate_limited'
  if (status === 402 && about.plan) return 'plan_expired'
  const known = DEFAULTS[status]
  if (known !== undefined) return known
  return status >= 400 && status < 500 ? 'upstream_bad_request' : 'upstream_error'
}
