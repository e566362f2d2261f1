import { inputTotal, outputTotal } from '../../canon/usage.ts'
import type { Receipt } from '../../ledger/receipt.ts'
import { isToldInPart, showCost, showDuration } from '../amounts.ts'
import { glued, unglued } from '../glue.ts'
import { indent } from '../print.ts'
import { oneLine } from '../terminal-text.ts'
import type { Desk } from '../verb.ts'
import type { Answer } from './ask.ts'

/** Model, tokens, cost or plan, time, speed and what came from a cache, in one line; empty where nothing came that could be told of. */
export function footer(answer: Answer, receipt: Receipt | undefined, elapsedMs: number): string {
  if (answer.model === undefined && receipt === undefined) return ''
  const parts = [
    oneLine(answer.model ?? ''),
    ...(receipt === undefined ? [] : spentWords(receipt)),
    showDuration(receipt === undefined || receipt.totalUnknown === true ? elapsedMs : receipt.totalMs),
    ...(receipt === undefined || receipt.cache === 'hit' ? [] : [speed(receipt), cached(receipt)]),
  ]
  return parts.filter(part => part !== '').join(' · ')
}

/** Says it below an answer, broken between its parts where it does not fit. */
export function tellFooter(text: string, { print, shell }: Desk): void {
  if (text === '') return
  const whole = text.split(' · ').map(glued).join(' · ')
  for (const line of indent(whole, '', shell.stderr)) print.note(print.paintNote('dim', unglued(line)))
}

/** Tokens and cost, and that the lane was left. */
function spentWords(receipt: Receipt): readonly string[] {
  if (receipt.cache === 'hit') return ['from the cache']
  const lanes = new Set(receipt.attempts.map(({ billing }) => billing))
  const [first] = lanes
  const left = lanes.size > 1 && first !== undefined ? [`left the ${oneLine(first)} lane`] : []
  return [tokenWords(receipt), paidWords(receipt.cost), ...left]
}

/** `1.2k in / 340 out tok`; of an answer that was cut off `at least …`. */
function tokenWords(receipt: Receipt): string {
  const { usage } = receipt
  const input = usage === undefined ? undefined : inputTotal(usage)
  const output = usage === undefined ? undefined : outputTotal(usage)
  if (input === undefined && output === undefined) return 'tokens not told'
  return `${isToldInPart(receipt) ? 'at least ' : ''}${shortCount(input)} in / ${shortCount(output)} out tok`
}

/** `340`, `1.2k`, `12k`, `1.2M`; `?` for what is not known. */
export function shortCount(count: number | undefined): string {
  if (count === undefined) return '?'
  if (count < 1_000) return String(count)
  const [value, unit] = count < 999_500 ? [count / 1_000, 'k'] : [count / 1_000_000, 'M']
  return `${value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)}${unit}`
}

/** What an answer cost, or whose plan it was on. */
function paidWords(cost: Receipt['cost']): string {
  return cost.type === 'plan' ? 'on the plan' : showCost(cost)
}

/** Shorter than this the time of the answer's text tells nothing of the speed, in milliseconds. */
const SPEED_MS_MIN = 100

function speed(receipt: Receipt): string {
  const { usage, firstByteMs, totalMs, totalUnknown } = receipt
  const output = usage === undefined || isToldInPart(receipt) ? undefined : outputTotal(usage)
  if (output === undefined || firstByteMs === undefined || totalUnknown === true) return ''
  const ms = totalMs - firstByteMs
  return ms < SPEED_MS_MIN || output === 0 ? '' : `${shortCount(Math.max(1, Math.round(output / (ms / 1_000))))} tok/s`
}

function cached({ usage }: Receipt): string {
  const read = usage?.cacheRead ?? 0
  const input = usage === undefined ? undefined : inputTotal(usage)
  return read === 0 || input === undefined ? '' : `cached ${Math.floor((read / input) * 100)} %`
}
