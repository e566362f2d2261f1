import type { JsonValue } from '../base/json-value.ts'

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** `34.4s`, `6m0s`, `7m12.5s`, `120 seconds`, `2 minutes`, `1 hour`; a bare number is seconds. In milliseconds, rounded up. */
export function durationMs(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase().replace(/\.$/, '')
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return Math.ceil(Number(trimmed) * 1_000)
  let total: number | undefined
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?) ?([a-z]+)/g)) {
    const scale = UNIT_MS[shortUnit(unit ?? '')]
    if (scale !== undefined) total = (total ?? 0) + Number(amount) * scale
  }
  return total === undefined ? undefined : Math.ceil(total)
}

function shortUnit(unit: string): string {
  if (/^(?:ms|msec|milliseconds?)$/.test(unit)) return 'ms'
  return /^(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?)$/.test(unit) ? unit.slice(0, 1) : unit
}

/** A moment as JSON tells it: ISO 8601, or seconds or milliseconds since 1970. Undefined for anything else. */
export function instantMs(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value < 1e9 ? undefined : Math.round(value < 1e11 ? value * 1_000 : value)
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d/.test(value)) return undefined
  const instant = Date.parse(value)
  return Number.isNaN(instant) ? undefined : instant
}

const RESET =
  /reset(?:s)?(?: again)?(?: at| on|:)? (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(?:\.\d+)? ?(Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d)?/i

/**
 * "It will reset at 2026-08-03 23:59:59 +0800 CST", "Your limit will reset at 2026-01-02 03:04:05". A time without an offset is read at
 * `resetOffset`.
 */
export function resetInText(message: string, resetOffset: string): number | undefined {
  const found = RESET.exec(message)
  if (found === null) return undefined
  const [, day, time, told] = found
  const offset = told === undefined ? resetOffset : /\d/.test(told) ? told.replace(/(\d\d):?(\d\d)$/, '$1:$2') : 'Z'
  const instant = Date.parse(`${day}T${time}${offset}`)
  return Number.isNaN(instant) ? undefined : instant
}
