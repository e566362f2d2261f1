import { asArray, asNumber, asObject, asString, type JsonValue } from '../base/json-value.ts'
import type { Envelope } from './envelope.ts'
import { durationMs, instantMs, resetInText } from './times.ts'

/** The headers of an answer, by name in lower case. */
export interface HeadersLike {
  get(name: string): string | null
}

/** When the provider says that asking again makes sense. */
export interface RetryHints {
  /** Milliseconds from now. */
  readonly retryAfterMs?: number
  /** Milliseconds since 1970. */
  readonly resetsAtMs?: number
  /** True if the answer itself asked to wait, and not merely reported the state of its counters. */
  readonly waits: boolean
}

/** Longer than the longest window of a plan is not a hint but a mistake. */
const WAIT_MAX_MS = 35 * 24 * 3_600_000

const RESET_PATHS: readonly string[] = ['resets_at', 'reset_at', 'resetsAt', 'resetAt', 'resetTime', 'reset_time']
const WAIT_PATHS: readonly string[] = ['retry_after', 'retryAfter', 'resets_in_seconds', 'retry_after_seconds']

/**
 * Collects the hints of headers, body and message, the more explicit first. `resetOffset` is the time zone of times told without one.
 */
export function readHints(headers: HeadersLike, envelope: Envelope, now: number, resetOffset = '+00:00'): RetryHints {
  const message = envelope.message ?? ''
  const resetsAtMs = bounded(resetInBody(envelope.body) ?? resetInText(message, resetOffset), now)
  const asked = retryAfter(headers, now) ?? waitInBody(envelope.body) ?? waitInText(message)
  const retryAfterMs = asked ?? counterReset(headers, now)
  return {
    ...(retryAfterMs === undefined || retryAfterMs > WAIT_MAX_MS ? {} : { retryAfterMs }),
    ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    waits: asked !== undefined,
  }
}

function bounded(instant: number | undefined, now: number): number | undefined {
  return instant !== undefined && instant > now && instant - now <= WAIT_MAX_MS ? instant : undefined
}

/** `retry-after-ms` (OpenAI), `retry-after` in seconds or as a date. */
function retryAfter(headers: HeadersLike, now: number): number | undefined {
  const ms = Number(headers.get('retry-after-ms') ?? Number.NaN)
  if (Number.isFinite(ms) && ms >= 0) return Math.ceil(ms)
  const text = headers.get('retry-after')
  if (text === null) return undefined
  const seconds = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.ceil(seconds * 1_000) : undefined
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Google's RetryInfo, or a number of seconds in one of the usual places. */
function waitInBody(body: JsonValue | undefined): number | undefined {
  for (const place of places(body)) {
    for (const detail of asArray(place['details'])) {
      const delay = asString(asObject(detail)?.['retryDelay'])
      const ms = delay === undefined ? undefined : durationMs(delay)
      if (ms !== undefined) return ms
    }
    for (const path of WAIT_PATHS) {
      const seconds = asNumber(place[path])
      if (seconds !== undefined && seconds >= 0) return Math.ceil(seconds * 1_000)
    }
  }
  return undefined
}

/** `metadata.resets_at` (OpenRouter) and its relatives: ISO 8601, seconds or milliseconds since 1970. */
function resetInBody(body: JsonValue | undefined): number | undefined {
  for (const place of places(body)) {
    for (const path of RESET_PATHS) {
      const instant = instantMs(place[path])
      if (instant !== undefined) return instant
    }
  }
  return undefined
}

function places(body: JsonValue | undefined) {
  const root = asObject(body)
  const error = asObject(root?.['error'])
  return [error, asObject(error?.['metadata']), root, asObject(root?.['metadata'])].filter(place => place !== undefined)
}

/** "retry in 120 s", "Please try again in 7m12.5s", "try again in 2 minutes". */
function waitInText(message: string): number | undefined {
  const found =
    /(?:retry|try again|wait)(?:ing)?(?: your request)? (?:in|after|for)(?: about)? ([\d.]+ ?[a-z]*(?: ?[\d.]+ ?[a-z]+)*)/i.exec(
      message,
    )?.[1]
  return found === undefined ? undefined : durationMs(found)
}

/** The counters that stand at zero, and when the last of them is refilled. They are told with every answer, so alone they ask nothing. */
function counterReset(headers: HeadersLike, now: number): number | undefined {
  const waits: number[] = []
  for (const dimension of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
    for (const [remaining, reset] of [
      [`anthropic-ratelimit-${dimension}-remaining`, `anthropic-ratelimit-${dimension}-reset`],
      [`x-ratelimit-remaining-${dimension}`, `x-ratelimit-reset-${dimension}`],
    ] as const) {
      if (Number(headers.get(remaining) ?? Number.NaN) === 0) push(waits, headers.get(reset), now)
    }
  }
  if (Number(headers.get('x-ratelimit-remaining') ?? Number.NaN) === 0)
    push(waits, headers.get('x-ratelimit-reset'), now)
  return waits.length === 0 ? undefined : Math.max(...waits)
}

/** `6m0s`, `20ms`, seconds as a number, a date, or a moment since 1970. */
function push(waits: number[], text: string | null, now: number): void {
  if (text === null) return
  const number = Number(text)
  const instant =
    Number.isFinite(number) && number < 1e9 ? undefined : instantMs(Number.isFinite(number) ? number : text)
  const wait = instant === undefined ? durationMs(text) : instant - now
  if (wait !== undefined && wait >= 0) waits.push(wait)
}
