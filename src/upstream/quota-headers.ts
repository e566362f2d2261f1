import type { HeadersLike } from '../catalog/retry-hints.ts'
import { durationMs } from '../catalog/times.ts'
import type { QuotaWindow } from './quota.ts'
import { numberIn, percentWindow, resetIn, windowOf } from './quota-numbers.ts'

/** One counter that headers tell: the names of its fields. */
interface Counter {
  readonly name: string
  readonly unit: string
  readonly limit: string
  readonly remaining: string
  readonly reset: string
}

/** One window of a plan, told as the share that is used, 0 to 1. */
interface Share {
  readonly name: string
  readonly utilization: string
  readonly reset: string
}

/** Headers that come together. */
interface Family {
  /** One of these is there if any of the family is. */
  readonly marks: readonly string[]
  readonly counters: readonly Counter[]
  readonly shares: readonly Share[]
  /** All names that are read. */
  readonly names: readonly string[]
}

/** Anthropic: platform.claude.com/docs/en/api/rate-limits; of subscriptions as seen in anomalyco/opencode#49499. Resets are moments. */
const ANTHROPIC = family(
  ['anthropic-ratelimit-requests-remaining', 'anthropic-ratelimit-unified-5h-utilization'],
  ['requests', 'tokens', 'input-tokens', 'output-tokens'].map(name => ({
    name,
    unit: name === 'requests' ? 'requests' : 'tokens',
    limit: `anthropic-ratelimit-${name}-limit`,
    remaining: `anthropic-ratelimit-${name}-remaining`,
    reset: `anthropic-ratelimit-${name}-reset`,
  })),
  [['5h', '5 hour'] as const, ['7d', 'weekly'] as const].map(([short, name]) => ({
    name,
    utilization: `anthropic-ratelimit-unified-${short}-utilization`,
    reset: `anthropic-ratelimit-unified-${short}-reset`,
  })),
)

/**
 * OpenAI (developers.openai.com, rate limits: resets as `6m0s`) and those who copy it, such as Groq; Cerebras with the period in the name
 * (inference-docs.cerebras.ai/support/rate-limits: resets in seconds).
 */
const OPENAI = family(
  ['x-ratelimit-remaining-requests', 'x-ratelimit-remaining-tokens', 'x-ratelimit-remaining-requests-day'],
  ['requests', 'tokens', 'requests-day', 'tokens-minute'].map(name => ({
    name,
    unit: name.startsWith('requests') ? 'requests' : 'tokens',
    limit: `x-ratelimit-limit-${name}`,
    remaining: `x-ratelimit-remaining-${name}`,
    reset: `x-ratelimit-reset-${name}`,
  })),
)

/** OpenRouter (openrouter.ai/docs, limits): one counter, the reset in milliseconds since 1970. */
const OPENROUTER = family(
  ['x-ratelimit-remaining'],
  [
    {
      name: 'requests',
      unit: 'requests',
      limit: 'x-ratelimit-limit',
      remaining: 'x-ratelimit-remaining',
      reset: 'x-ratelimit-reset',
    },
  ],
)

/** `2026-09-17T09:13:32.123456789+00:00` has 35. */
const RESET_CHARS_MAX = 40

const FAMILIES = [OPENAI, ANTHROPIC, OPENROUTER]

/** The rate-limit headers of the latest answer that had any, as they came. Reused from answer to answer. */
export interface LimitHeaders {
  family: Family | undefined
  readonly values: (string | null)[]
}

/** Nothing heard yet. */
export function noLimitHeaders(): LimitHeaders {
  return { family: undefined, values: [] }
}

/** Notes the rate-limit headers, and reads nothing yet. False if there are none, which a few look-ups tell. Allocates nothing. */
export function noteLimitHeaders(noted: LimitHeaders, headers: HeadersLike): boolean {
  const found = familyOf(headers)
  if (found === undefined) return false
  noted.family = found
  for (let at = 0; at < found.names.length; at += 1) noted.values[at] = headers.get(found.names[at] ?? '')
  return true
}

/** What the noted headers say. `at`: when they came, milliseconds since 1970. Counters of a rate are those of the model that was asked. */
export function readLimitHeaders({ family: of, values }: LimitHeaders, at: number): readonly QuotaWindow[] {
  if (of === undefined) return []
  const value = (name: string) => values[of.names.indexOf(name)] ?? undefined
  const windows: QuotaWindow[] = []
  for (const { name, utilization, reset } of of.shares) {
    const used = numberIn(value(utilization))
    if (used !== undefined) windows.push(percentWindow(name, used * 100, { resetsAtMs: resetOf(value(reset), at) }))
  }
  for (const counter of of.counters) {
    const remaining = numberIn(value(counter.remaining))
    if (remaining === undefined || remaining < 0) continue
    const limit = numberIn(value(counter.limit))
    windows.push(
      windowOf(counter.name, counter.unit, { limit, remaining, resetsAtMs: resetOf(value(counter.reset), at) }),
    )
  }
  return windows
}

function familyOf(headers: HeadersLike): Family | undefined {
  for (const candidate of FAMILIES) for (const mark of candidate.marks) if (headers.get(mark) !== null) return candidate
  return undefined
}

/** A moment, seconds or milliseconds since 1970, or a duration from now. */
function resetOf(text: string | undefined, at: number): number | undefined {
  if (text === undefined || text.length > RESET_CHARS_MAX) return undefined
  const moment = resetIn(text, at)
  if (moment !== undefined) return moment
  const wait = durationMs(text)
  return wait === undefined ? undefined : resetIn(at + wait, at)
}

function family(marks: readonly string[], counters: readonly Counter[], shares: readonly Share[] = []): Family {
  const names = [
    ...counters.flatMap(({ limit, remaining, reset }) => [limit, remaining, reset]),
    ...shares.flatMap(({ utilization, reset }) => [utilization, reset]),
  ]
  return { marks, counters, shares, names }
}
