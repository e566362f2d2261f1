import { type NanoUsd, showUsd } from '../../base/money.ts'
import { inputTotal, outputTotal, type Usage } from '../../canon/usage.ts'
import type { Cost, Receipt } from '../../ledger/receipt.ts'

/** A stretch of time as people say it: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `6 days`. */
export function showDuration(ms: number): string {
  if (ms < 1) return `${Math.max(0, Math.round(ms * 10) / 10)} ms`
  if (ms < 100) return `${Math.round(ms)} ms`
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return twoUnits(seconds, 60, 'min', 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 2 * 24 * 60) return twoUnits(minutes, 60, 'h', 'min')
  return `${Math.round(minutes / 1_440)} days`
}

function twoUnits(amount: number, per: number, large: string, small: string): string {
  const rest = amount % per
  return `${Math.floor(amount / per)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`
}

/** A size: `812 bytes`, `1.5 KiB`, `32 MiB`. */
export function showBytes(bytes: number): string {
  if (bytes < 1_024) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes / 1_024
  let unit = 0
  while (value >= 1_023.95 && unit < units.length - 1) {
    value /= 1_024
    unit += 1
  }
  return `${value.toFixed(1).replace(/\.0$/, '')} ${units[unit]}`
}

/** A count with separators: `1,234,567`. */
export function showCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** Of a call that did not come to its end only what was told by then is known: it may have used more. */
export function isToldInPart({ ending }: Pick<Receipt, 'ending'>): boolean {
  return ending !== 'complete' && ending !== 'in-flight'
}

/** `120 tokens in, 45 out`, with the unknown called unknown, and `at least` before what is not all; undefined if the provider told nothing. */
export function showUsage(receipt: Pick<Receipt, 'usage' | 'ending'>): string | undefined {
  const words = usageWords(receipt.usage)
  return words !== undefined && isToldInPart(receipt) ? `at least ${words}` : words
}

function usageWords(usage: Usage | undefined): string | undefined {
  const input = usage === undefined ? undefined : inputTotal(usage)
  const output = usage === undefined ? undefined : outputTotal(usage)
  if (input === undefined && output === undefined) return undefined
  if (input === undefined) return `${showCount(output ?? 0)} tokens out, those in not told`
  const into = `${showCount(input)} token${input === 1 ? '' : 's'} in`
  return output === undefined ? `${into}, those out not told` : `${into}, ${showCount(output)} out`
}

/** What a call cost, in a few words: `$0.0042`, `at least $0.00002`, `cost unknown`, `plan`. */
export function showCost(cost: Cost): string {
  if (cost.type === 'metered') return showUsd(cost.nanoUsd as NanoUsd)
  if (cost.type === 'unknown')
    return hasBound(cost) ? `at least ${showUsd(cost.atLeastNanoUsd as NanoUsd)}` : 'cost unknown'
  return { plan: 'plan', local: 'local', free: 'free', none: 'no cost' }[cost.type]
}

/** Something is known of a cost that is not known whole. */
export function hasBound(cost: Cost): cost is Extract<Cost, { type: 'unknown' }> & { readonly atLeastNanoUsd: number } {
  return cost.type === 'unknown' && (cost.atLeastNanoUsd ?? 0) > 0
}

/** What a call counts against budgets. */
export function chargedWords({ nanoUsd, tokens, estimated }: NonNullable<Receipt['charged']>): string {
  const sum = `${showUsd(nanoUsd as NanoUsd)} and ${plural(tokens, 'token')}`
  return estimated ? `${sum}, as estimated, for what was really used is not known` : sum
}

/** A moment of local time, in parts. */
export interface TimeParts {
  /** `2026-11-29`. */
  readonly day: string
  /** `10:15:03`. */
  readonly time: string
  /** What the clock is ahead of UTC at that moment: `+01:00`. */
  readonly zone: string
}

/** A moment as a clock on the wall shows it. */
export function timeParts(ms: number): TimeParts {
  const at = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  const ahead = -at.getTimezoneOffset()
  const away = Math.abs(ahead)
  return {
    day: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
    zone: `${ahead < 0 ? '-' : '+'}${two(Math.floor(away / 60))}:${two(away % 60)}`,
  }
}

/** A moment in local time, and which: `2026-11-29 10:15:03 +01:00`. Whoever shows a date shows the zone with it. */
export function showTime(ms: number): string {
  const { day, time, zone } = timeParts(ms)
  return `${day} ${time} ${zone}`
}

/** `1 call`, `2 calls`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${showCount(count)} ${count === 1 ? one : many}`
}
