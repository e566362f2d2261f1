import { type Problem, problem } from '../canon/problem.ts'
import type { LeaseTake, RateTake, Remaining, TakeResult } from '../shared/counters.ts'
import { showCount } from './words.ts'

/** One limit of a key, as it is taken for a call. */
export interface Limit {
  readonly name: 'requests' | 'input-tokens' | 'output-tokens' | 'concurrency'
  /** As the key has it: a minute, or at the same time. */
  readonly size: number
  readonly take: RateTake | LeaseTake
}

/** When a call ends nobody knows, so those above the concurrency are told to come back so soon. */
const COME_BACK_MS = 1_000

/** `key_rate_limited`, with when to ask again; without, where the call can never pass. */
export function refusal(keyName: string, limit: Limit, refused: Extract<TakeResult, { ok: false }>): Problem {
  const what = `The gateway key "${keyName}" is limited to ${sizeOf(limit)}.`
  const raise = 'Or have the limit raised by whoever runs the gateway (`candor keys limit`).'
  if (refused.retryAfterMs === Number.POSITIVE_INFINITY)
    return problem('key_rate_limited', what, {
      why: `This call alone may use ${unitsOf(limit)}, so it can never pass.`,
      fix: [smaller(limit), raise],
    })
  const retryAfterMs = limit.name === 'concurrency' ? COME_BACK_MS : refused.retryAfterMs
  return problem('key_rate_limited', what, {
    why: usedUp(limit, refused.remaining),
    fix: [`Ask again in ${Math.ceil(retryAfterMs / 1_000)} s.`, raise],
    retryAfterMs,
  })
}

function sizeOf({ name, size }: Limit): string {
  return name === 'concurrency'
    ? `${showCount(size)} calls at the same time`
    : `${showCount(size)} ${name.replace('-', ' ')} per minute`
}

function unitsOf({ name, take }: Limit): string {
  return `${showCount('units' in take ? take.units : 1)} ${name.replace('-', ' ')}`
}

function smaller({ name }: Limit): string {
  return name === 'output-tokens'
    ? 'Allow fewer output tokens in the request: without a limit there, the most the model can write counts.'
    : 'Send a shorter request.'
}

function usedUp(limit: Limit, { remaining }: Remaining): string {
  if (limit.name === 'concurrency') return 'As many calls with this key are running.'
  if (limit.name === 'requests') return 'The limit is used up for now.'
  return `This call may use ${unitsOf(limit)}, and ${showCount(remaining)} are left for now.`
}

/**
 * The `ratelimit-…` headers: every limit in `ratelimit-policy`, as draft-ietf-httpapi-ratelimit-headers-09 writes it, and one of them in the three
 * headers of that draft's versions up to 06, which most clients read. A rate is told as what may come at once and the seconds in which that much
 * comes anew.
 */
export function rateHeaders(
  limits: readonly Limit[],
  shown: Limit,
  { limit, remaining, resetMs }: Remaining,
): Record<string, string> {
  const headers: Record<string, string> = {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-policy': limits.map(policyItem).join(', '),
  }
  // Nobody knows when calls end.
  if (shown.name !== 'concurrency') headers['ratelimit-reset'] = String(Math.ceil(resetMs / 1_000))
  return headers
}

function policyItem({ name, size, take }: Limit): string {
  if (!('burst' in take)) return `"${name}";q=${size};qu="concurrent-requests"`
  const seconds = Math.ceil((take.burst * 60) / take.perMinute)
  return `"${name}";q=${take.burst};w=${seconds}${name === 'requests' ? '' : ';qu="tokens"'}`
}
