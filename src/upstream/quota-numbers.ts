import type { JsonValue } from '../base/json-value.ts'
import { quoteText } from '../base/redact.ts'
import { instantMs } from '../catalog/times.ts'
import type { QuotaWindow } from './quota.ts'

/** Larger than any count or amount of money a provider tells, and small enough that sums of two stay exact. */
const NUMBER_MAX = 1e15
const NAME_CHARS_MAX = 60
/** No window is longer than a year: a reset further away is not one. */
const RESET_WITHIN_MS = 400 * 24 * 3_600_000
const HOUR_MINUTES = 60

/** What was told of a window. Any of it may be missing. */
export interface Told {
  readonly limit?: number | undefined
  readonly used?: number | undefined
  readonly remaining?: number | undefined
  /** Told as such, and not the quotient of the others. */
  readonly remainingPercent?: number | undefined
  readonly resetsAtMs?: number | undefined
  readonly aside?: boolean | undefined
}

/** A number, or a text that is one: many providers send counts and amounts as text. Undefined for what cannot be meant. */
export function numberIn(value: JsonValue | undefined): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,16}(?:\.\d{1,12})?$/.test(value.trim()) ? Number(value) : value
  return typeof number === 'number' && Math.abs(number) <= NUMBER_MAX ? number : undefined
}

/** A moment as {@link instantMs} reads it, also from a number written as text. Undefined where it is too far away to be a reset. */
export function resetIn(value: JsonValue | undefined, now: number): number | undefined {
  const at = instantMs(value) ?? instantMs(numberIn(value))
  return at !== undefined && at < now + RESET_WITHIN_MS ? at : undefined
}

/** A short name the provider wrote, harmless to show. Undefined for anything else. */
export function nameIn(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? quoteText(value.trim(), NAME_CHARS_MAX) : undefined
}

/** An ISO 4217 code. */
export function currencyIn(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && /^[A-Z]{3}$/.test(value) ? value : undefined
}

/** How a window of that many minutes is called everywhere here. */
export function windowName(minutes: number): string {
  const hours = minutes / HOUR_MINUTES
  if (hours === 24) return 'daily'
  if (hours === 7 * 24) return 'weekly'
  if (hours >= 28 * 24 && hours <= 31 * 24) return 'monthly'
  if (Number.isInteger(hours / 24)) return `${hours / 24} day`
  return Number.isInteger(hours) ? `${hours} hour` : `${minutes} minute`
}

/** A window of what was told. Of limit, used and remaining, two give the third; nothing else is made up. */
export function windowOf(name: string, unit: string, told: Told): QuotaWindow {
  const { limit, resetsAtMs } = told
  const remaining = told.remaining ?? difference(limit, told.used)
  const used = told.used ?? difference(limit, told.remaining)
  const percent = told.remainingPercent ?? shareOf(limit, remaining)
  return {
    name,
    unit,
    ...(limit === undefined ? {} : { limit }),
    ...(used === undefined ? {} : { used }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(percent === undefined ? {} : { remainingPercent: asPercent(percent) }),
    ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    ...(told.aside === true ? { aside: true } : {}),
  }
}

/** A window told as a share that is used, 0 to 100. */
export function percentWindow(
  name: string,
  usedPercent: number,
  told: Omit<Told, 'remainingPercent'> = {},
): QuotaWindow {
  return windowOf(name, 'percent', { ...told, remainingPercent: 100 - usedPercent })
}

function difference(limit: number | undefined, part: number | undefined): number | undefined {
  return limit === undefined || part === undefined ? undefined : rounded(limit - part)
}

function shareOf(limit: number | undefined, remaining: number | undefined): number | undefined {
  return limit === undefined || limit <= 0 || remaining === undefined ? undefined : (100 * remaining) / limit
}

/** Between 0 and 100, to the hundredth. */
function asPercent(value: number): number {
  return Math.round(Math.min(Math.max(value, 0), 100) * 100) / 100
}

/** Without the dust that differences of decimal fractions leave. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
