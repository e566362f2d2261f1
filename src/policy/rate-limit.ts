import { assert } from '../base/assert.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import type { Counters, Remaining } from '../shared/counters.ts'
import { usedTokens } from './charge.ts'
import { ADMITTED, type Admission, type CallFacts, type Policy } from './policy.ts'
import { type Limit, rateHeaders, refusal } from './rate-limit-words.ts'

/** Configuration of the policy. The limits stand in the keys. */
export interface RateLimitConfig {
  readonly counters: Counters
}

/** Longer than a call takes by default: only the lease of a call whose process died ends by itself. */
const LEASE_MS = 2 * 3_600_000

/** So many requests may always come at once, where the rate has them in a minute. */
const REQUESTS_AT_ONCE_MIN = 60

/**
 * Holds each key to its requests, input tokens and output tokens per minute and to its calls at the same time. Tokens are taken as estimated and
 * corrected by what the call used; where no provider took it they are given back, where that is not known the estimate stays. A request counts in any
 * case. Refuses with `key_rate_limited`, taking nothing.
 */
export function rateLimitPolicy({ counters }: RateLimitConfig): Policy {
  return {
    name: 'rate-limit',
    async admit(call) {
      const { key } = call
      if (key === undefined || !isLimited(key)) return ADMITTED
      const limits = limitsOf(key, call)
      if (limits.length === 0) return ADMITTED
      const taken = await counters.take(limits.map(limit => limit.take))
      if (taken.ok) return admission(limits, taken.remaining, counters)
      const limit = limits[taken.refused]
      assert(limit !== undefined, 'counters name what they refused')
      return {
        admit: false,
        problem: refusal(key.name, limit, taken),
        headers: rateHeaders(limits, limit, taken.remaining),
      }
    },
  }
}

function isLimited({ limits }: GatewayKey): boolean {
  const { requestsPerMinute, inputTokensPerMinute, outputTokensPerMinute, concurrency } = limits
  return (requestsPerMinute ?? inputTokensPerMinute ?? outputTokensPerMinute ?? concurrency) !== undefined
}

/** Tokens come first: that a call can never pass must be said before that it cannot pass now. A name that means no model will use none. */
function limitsOf({ id, limits }: GatewayKey, call: CallFacts): Limit[] {
  const { requestsPerMinute, inputTokensPerMinute, outputTokensPerMinute, concurrency } = limits
  const found: Limit[] = []
  const counted = call.targets.length > 0
  if (counted && inputTokensPerMinute !== undefined)
    found.push(rate(id, 'input-tokens', inputTokensPerMinute, call.estimate().inputTokens))
  if (counted && outputTokensPerMinute !== undefined)
    found.push(rate(id, 'output-tokens', outputTokensPerMinute, call.estimate().outputTokens))
  if (requestsPerMinute !== undefined) found.push(rate(id, 'requests', requestsPerMinute, 1))
  if (concurrency !== undefined) {
    const name = `key:${id}:concurrency`
    found.push({
      name: 'concurrency',
      size: concurrency,
      take: { name, holder: call.id, most: concurrency, ttlMs: LEASE_MS },
    })
  }
  return found
}

function rate(id: string, name: Exclude<Limit['name'], 'concurrency'>, perMinute: number, units: number): Limit {
  const burst = name === 'requests' ? requestsAtOnce(perMinute) : perMinute
  return { name, size: perMinute, take: { name: `key:${id}:${name}`, units, perMinute, burst } }
}

/**
 * How many requests may come at once: all of a minute's where that is up to 60; of more a quarter, but at least 60. Agents call in bursts, and small
 * limits must let them; a large limit is there for the provider's sake. Tokens may all come at once, since one call may need as many.
 */
function requestsAtOnce(perMinute: number): number {
  return Math.min(perMinute, Math.max(REQUESTS_AT_ONCE_MIN, Math.ceil(perMinute / 4)))
}

function admission(limits: readonly Limit[], remaining: readonly Remaining[], counters: Counters): Admission {
  const [limit, left] = mostTelling(limits, remaining)
  return {
    admit: true,
    headers: rateHeaders(limits, limit, left),
    settle(outcome) {
      for (const { name, take } of limits) {
        if ('holder' in take) void counters.release(take.name, take.holder)
        else if (name !== 'requests') {
          const used = usedTokens(outcome)[name === 'input-tokens' ? 'input' : 'output'] ?? take.units
          if (used !== take.units) void counters.adjust({ ...take, units: used - take.units })
        }
      }
    },
  }
}

/**
 * The limit shown in the headers that have room for one: requests, which is what clients read there; without such a limit the tokens of which the
 * smaller share is left; else the calls at the same time.
 */
function mostTelling(limits: readonly Limit[], remaining: readonly Remaining[]): readonly [Limit, Remaining] {
  const rank = ([{ name }, { limit, remaining: left }]: readonly [Limit, Remaining]): number => {
    if (name === 'requests') return -1
    return name === 'concurrency' ? 2 : left / limit
  }
  const pairs = limits.flatMap((limit, index) => {
    const left = remaining[index]
    return left === undefined ? [] : [[limit, left] as const]
  })
  const first = pairs.toSorted((a, b) => rank(a) - rank(b))[0]
  assert(first !== undefined, 'counters tell what is left of everything taken')
  return first
}
