import { showDuration } from '../../src/admin/story/amounts.ts'

/** How amounts are written, everywhere in the dashboard. What is not known is never shown as nothing: callers say it in words. */

/** A stretch of time, as the command line says it: `1.9 s`, `42 s`, `3 min 5 s`, `2 h 10 min`, `6 days`. Below a second in whole milliseconds. */
export function duration(ms: number): string {
  return ms < 999.5 ? `${Math.max(0, Math.round(ms))} ms` : showDuration(ms)
}

/** How long ago: `just now`, `3 min 5 s ago`. */
export function ago(ms: number, now: number): string {
  return now - ms < 1_500 ? 'just now' : `${duration(now - ms)} ago`
}

/** A count with separators: `1,234,567`. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** `1 call`, `2 calls`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** A count where there is little room: `0.4`, `812`, `12.4k`, `3.1M`. */
export function shortCount(value: number): string {
  if (value < 10) return String(Math.round(value * 10) / 10)
  if (value < 10_000) return count(Math.round(value))
  if (value < 1_000_000) return `${(value / 1_000).toFixed(value < 100_000 ? 1 : 0)}k`
  return `${(value / 1_000_000).toFixed(1)}M`
}

/** Money, from billionths of a US dollar: `$0.0042`, `$12.30`. Small sums keep two digits that say something. */
export function usd(nanoUsd: number): string {
  const dollars = nanoUsd / 1e9
  if (dollars === 0) return '$0.00'
  const size = Math.abs(dollars)
  if (size >= 1)
    return `${dollars < 0 ? '-' : ''}$${size.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
  const digits = Math.min(9, Math.max(2, 1 - Math.floor(Math.log10(size))))
  return `$${dollars.toFixed(digits)}`
}

/** A share of a hundred: `63 %`, `0.4 %`. */
export function percent(value: number): string {
  return `${value > 0 && value < 10 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} %`
}

/** The time of day here: `10:15:03`. */
export function timeOfDay(ms: number): string {
  const at = new Date(ms)
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(part => String(part).padStart(2, '0')).join(':')
}

/** The time of day of a moment of today here, of any other moment the date too. */
export function timeHere(ms: number): string {
  return new Date(ms).toDateString() === new Date().toDateString() ? timeOfDay(ms) : moment(ms)
}

/** A moment here: `2026-11-29 10:15:03`. */
export function moment(ms: number): string {
  const at = new Date(ms)
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(part => String(part).padStart(2, '0')).join('-')
  return `${day} ${timeOfDay(ms)}`
}
