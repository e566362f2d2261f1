import { PROBLEMS, type Problem, type ProblemCode } from '../canon/problem.ts'

/**
 * How a problem counts against whoever was asked. `at once`: one is enough, the next request would meet the same. `provider` and `network`: only
 * several in a row mean something, and the two are counted apart: it answered with a failure, or was never reached.
 */
export type FailureKind = 'at once' | 'provider' | 'network'

/** Longer than the longest window of a plan is a mistake, whoever says it. Milliseconds. */
const ASKED_MS_MAX = 35 * 24 * 3_600_000

/** How long, in milliseconds, a problem that counts at once keeps others away where the provider did not say. */
const AT_ONCE: Partial<Record<ProblemCode, number>> = {
  rate_limited: 2_000,
  overloaded: 5_000,
  plan_exhausted: 60_000,
  balance_exhausted: 60_000,
  plan_expired: 60_000,
  invalid_key: 60_000,
  wrong_service_key: 60_000,
  model_not_in_plan: 60_000,
  account_blocked: 60_000,
  region_blocked: 60_000,
}
const AT_ONCE_MS_MAX = 10 * 60_000

const COUNTED: Partial<Record<ProblemCode, 'provider' | 'network'>> = {
  upstream_error: 'provider',
  upstream_protocol: 'provider',
  stream_truncated: 'provider',
  unreachable: 'network',
  timeout: 'network',
}
const COUNTED_MS = 5_000
const COUNTED_MS_MAX = 5 * 60_000

/** Waits nobody asked for are longer by up to this share, so that gateways side by side do not probe at the same moment. */
const SPREAD = 0.1

/** How the problem counts; undefined if it says nothing about the provider's health, as a request that is wrong in itself. */
export function failureKind(code: ProblemCode): FailureKind | undefined {
  return AT_ONCE[code] === undefined ? COUNTED[code] : 'at once'
}

/**
 * How long the provider asked to be left alone, in milliseconds, at most 35 days. Undefined where it did not say, or named a time that is over.
 * `nowMs`: milliseconds since 1970. For a used-up plan the moment it opens again counts more than a general "retry after".
 */
export function askedWaitMs({ code, retryAfterMs, resetsAtMs }: Problem, nowMs: number): number | undefined {
  const untilReset = resetsAtMs === undefined ? undefined : resetsAtMs - nowMs
  const asked = PROBLEMS[code].blame === 'plan' ? (untilReset ?? retryAfterMs) : (retryAfterMs ?? untilReset)
  return asked === undefined || asked <= 0 ? undefined : Math.min(asked, ASKED_MS_MAX)
}

/** How long the `times`-th opening in a row lasts where the provider did not say, in milliseconds: doubled each time, up to a cap. */
export function cooldownMs(code: ProblemCode, times: number, random: () => number): number {
  const atOnceMs = AT_ONCE[code]
  const firstMs = atOnceMs ?? COUNTED_MS
  const capMs = atOnceMs === undefined ? COUNTED_MS_MAX : AT_ONCE_MS_MAX
  return Math.min(capMs, firstMs * 2 ** (times - 1)) * (1 + SPREAD * random())
}
