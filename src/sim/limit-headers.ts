import type { ReceivedRequest } from './http-reader.ts'
import { type KeyHeader, keyOn } from './keys.ts'
import type { HeaderLines, Reply } from './reply.ts'
import type { World } from './sim-kind.ts'

const MINUTE_MS = 60_000

/** OpenAI's counters, on every answer to a call. Names and forms: developers.openai.com, rate limits. */
export function withOpenAiLimits(reply: Reply, request: ReceivedRequest, world: World): Reply {
  const tokens = isNearlyUsedUp(request, 'bearer', world) ? 1_200 : 27_000
  return withHeaders(reply, [
    ['x-ratelimit-limit-requests', '500'],
    ['x-ratelimit-remaining-requests', '499'],
    ['x-ratelimit-reset-requests', '120ms'],
    ['x-ratelimit-limit-tokens', '30000'],
    ['x-ratelimit-remaining-tokens', String(tokens)],
    ['x-ratelimit-reset-tokens', '6m0s'],
  ])
}

/** Anthropic's counters, on every answer to a call; tokens to the thousand. Names and forms: platform.claude.com/docs/en/api/rate-limits. */
export function withAnthropicLimits(reply: Reply, request: ReceivedRequest, world: World): Reply {
  const input = isNearlyUsedUp(request, 'either', world) ? 1_000 : 28_000
  const reset = `${new Date(world.clock.now() + MINUTE_MS).toISOString().slice(0, 19)}Z`
  return withHeaders(reply, [
    ...counter('requests', 50, 49, reset),
    ...counter('input-tokens', 30_000, input, reset),
    ...counter('output-tokens', 8_000, 8_000, reset),
    ...counter('tokens', 38_000, input + 8_000, reset),
  ])
}

function counter(name: string, limit: number, remaining: number, reset: string): HeaderLines {
  return [
    [`anthropic-ratelimit-${name}-limit`, String(limit)],
    [`anthropic-ratelimit-${name}-remaining`, String(remaining)],
    [`anthropic-ratelimit-${name}-reset`, reset],
  ]
}

function withHeaders(reply: Reply, lines: HeaderLines): Reply {
  return reply.status === 200 ? { ...reply, headers: [...reply.headers, ...lines] } : reply
}

function isNearlyUsedUp(request: ReceivedRequest, where: KeyHeader, world: World): boolean {
  const key = keyOn(request, where)
  return key !== undefined && world.stateOf(key) === 'nearly-used-up'
}
