import type { AgedQuotaView } from '../../admin/quota-views.ts'
import type { QuotaWindow } from '../../upstream/quota.ts'
import { showCount, showDuration } from '../amounts.ts'
import { indent, type Printer } from '../print.ts'
import type { Output } from '../shell.ts'
import { oneLine, widthOf } from '../terminal-text.ts'

const BAR_COLUMNS = 20
/** Less than this is drawn as a warning, less than the next as an alarm. In percent. */
const LITTLE_PERCENT = 30
const ALARMING_PERCENT = 10

/** What quotas are drawn on. */
export interface QuotaCanvas {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly paint: Printer['paint']
  readonly output: Output
}

/** Quotas as bars for a terminal. What is stale is dimmed, with its age. */
export function quotaLines(views: readonly AgedQuotaView[], canvas: QuotaCanvas): readonly string[] {
  const { paint } = canvas
  const names = views.flatMap(view => view.windows.map(({ name }) => widthOf(oneLine(name))))
  const columns = Math.max(0, ...names)
  return views.flatMap(view => [
    heading(view, paint),
    ...view.windows.flatMap(window => windowLines(window, { ...canvas, view, columns })),
    ...(view.fault === undefined ? [] : [paint('yellow', `  not all was told: ${oneLine(view.fault)}`)]),
  ])
}

function heading(
  { provider, credential, billing, plan, source, ageMs, stale }: AgedQuotaView,
  paint: Printer['paint'],
) {
  const what = plan === undefined ? billing : `${billing}: ${oneLine(plan, 60)}`
  const from = source === 'endpoint' ? 'told' : 'told with an answer'
  const age = `${from} ${showDuration(ageMs)} ago${stale ? ', stale' : ''}`
  return `${paint('bold', provider)} ${oneLine(credential, 60)} (${what})  ${paint('dim', age)}`
}

interface Drawing extends QuotaCanvas {
  readonly view: AgedQuotaView
  /** Width of the longest window's name. */
  readonly columns: number
}

function windowLines(window: QuotaWindow, { view, now, columns, paint, output }: Drawing): readonly string[] {
  const name = oneLine(window.name)
  const pad = ' '.repeat(columns - widthOf(name))
  const { remainingPercent } = window
  const words = windowWords(window, now)
  if (view.stale || window.stale === true)
    return indent(`${words} (stale)`, `  ${name}${pad}  ${barOf(remainingPercent, BAR_COLUMNS)}  `, output).map(line =>
      paint('dim', line),
    )
  return indent(words, `  ${name}${pad}  ${quotaBar(remainingPercent, BAR_COLUMNS, paint)}  `, output)
}

/** What is left, drawn in so many columns and in the colour of how little it is; blank where the percentage is not known. */
export function quotaBar(percent: number | undefined, columns: number, paint: Printer['paint']): string {
  const bar = barOf(percent, columns)
  if (percent === undefined) return bar
  return paint(percent < ALARMING_PERCENT ? 'red' : percent < LITTLE_PERCENT ? 'yellow' : 'green', bar)
}

function barOf(percent: number | undefined, columns: number): string {
  if (percent === undefined) return ' '.repeat(columns)
  const full = Math.round((Math.min(100, Math.max(0, percent)) / 100) * columns)
  return '█'.repeat(full) + '░'.repeat(columns - full)
}

/** `63 % left, resets in 2 h 10 min`. */
export function windowWords(window: QuotaWindow, now: number): string {
  const { resetsAtMs } = window
  const reset = resetsAtMs === undefined ? [] : [resetWords(resetsAtMs - now)]
  return [...leftWords(window), ...reset].join(', ') || 'not told'
}

function leftWords({ remainingPercent, remaining, limit, unit }: QuotaWindow): readonly string[] {
  const amount = remaining === undefined || unit === 'percent' ? undefined : showAmount(remaining)
  const of = limit === undefined ? '' : ` of ${showAmount(limit)}`
  const absolute = amount === undefined ? undefined : `${amount}${of} ${oneLine(unit, 20)}`
  if (remainingPercent === undefined) return absolute === undefined ? [] : [`${absolute} left`]
  return [`${Math.floor(remainingPercent)} % left${absolute === undefined ? '' : ` (${absolute})`}`]
}

function showAmount(amount: number): string {
  return Number.isInteger(amount) ? showCount(amount) : amount.toFixed(2)
}

function resetWords(ms: number): string {
  return ms > 0 ? `resets in ${showDuration(ms)}` : 'its reset is over'
}

/** The same for programs: a row a window. */
export function quotaRows(views: readonly AgedQuotaView[]): readonly (readonly string[])[] {
  return views.flatMap(view =>
    view.windows.map(({ name, remainingPercent, remaining, unit, resetsAtMs, stale }) => [
      view.provider,
      view.credential,
      name,
      remainingPercent === undefined ? '-' : String(remainingPercent),
      remaining === undefined ? '-' : String(remaining),
      unit,
      resetsAtMs === undefined ? '-' : new Date(resetsAtMs).toISOString(),
      view.stale || stale === true ? 'stale' : 'fresh',
    ]),
  )
}
