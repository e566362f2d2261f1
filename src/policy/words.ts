import { type NanoUsd, showUsd } from '../base/money.ts'

/** A moment as people read it, to the minute: `2026-11-23 04:05 UTC`. */
export function showTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** A whole number with its thousands apart: `1,200,000`. */
export function showCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** A sum of a budget: `$4.20` or `1,200,000 tokens`. */
export function showAmount(amount: number, unit: 'usd' | 'tokens'): string {
  return unit === 'usd' ? showUsd(amount as NanoUsd) : `${showCount(amount)} tokens`
}
