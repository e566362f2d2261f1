import { type AgedQuotaView, currentWindows } from '../../admin/quota-views.ts'
import { coolDownWords, standingOf } from '../../admin/story/health.ts'
import type { QuotaWindow } from '../../upstream/quota.ts'
import { plural, showCount, showDuration } from '../amounts.ts'
import { glued, unglued } from '../glue.ts'
import { indent, type Paint } from '../print.ts'
import { NARROW_COLUMNS } from '../table.ts'
import { oneLine, widthOf } from '../terminal-text.ts'
import { quotaBar, windowWords } from '../usage/quota-bars.ts'
import type { ProviderFacts, StatusFacts } from './facts.ts'
import type { Canvas } from './screen.ts'

/** Windows of one provider that are drawn, those with the least left first. */
const WINDOWS_SHOWN = 4
const BAR_COLUMNS = 20
const NARROW_BAR_COLUMNS = 10
const ID_COLUMNS_MAX = 24
const LANE_COLUMNS = 7

/** A line each provider: how it is and what is left, over further lines only where the terminal is too narrow for one. */
export function providerLines(facts: StatusFacts, canvas: Canvas): readonly string[] {
  const { providers, otherProviders = 0, gateway, now } = facts
  const { paint, output } = canvas
  const columns = Math.min(ID_COLUMNS_MAX, Math.max(0, ...providers.map(({ id }) => widthOf(id))))
  const lines = providers.flatMap(provider => {
    const lane = gateway === undefined ? '' : `${(provider.billing ?? '').padEnd(LANE_COLUMNS)}  `
    return packed(piecesOf(provider, now, canvas), `  ${provider.id.padEnd(columns)}  ${lane}`, canvas)
  })
  const rest =
    gateway === undefined
      ? 'How they are and what is left of quotas only a running gateway knows.'
      : `${plural(otherProviders, 'more is known and cannot', 'more are known and cannot')} be used: candor providers`
  const shown = gateway === undefined ? providers.length > 0 : otherProviders > 0
  return [...lines, ...(shown ? indent(rest, '  ', output).map(line => paint('dim', line)) : [])]
}

/** As many pieces on a line as fit; one that is wider than the line is wrapped. */
function packed(pieces: readonly string[], first: string, { output }: Canvas): readonly string[] {
  const room = output.isTTY ? output.columns - widthOf(first) : Number.POSITIVE_INFINITY
  const lines: string[] = []
  let line = ''
  for (const piece of pieces) {
    const longer = line === '' ? piece : `${line}   ${piece}`
    if (line !== '' && widthOf(longer) > room) {
      lines.push(line)
      line = piece
    } else line = longer
  }
  const rest = ' '.repeat(widthOf(first))
  return [...lines, line].flatMap((text, i) => {
    const head = i === 0 ? first : rest
    return (widthOf(text) > room ? indent(text, head, output) : [head + text]).map(unglued)
  })
}

function piecesOf(provider: ProviderFacts, now: number, canvas: Canvas): readonly string[] {
  const { paint } = canvas
  const counts = countWords(provider)
  if (provider.available === undefined) return [counts]
  const { cooling, unavailable } = provider
  if (!provider.available) return [`${paint('red', 'cannot be used')}: ${oneLine(unavailable ?? '', 300)}`, counts]
  const troubled = cooling.map(({ model, credential, ...rest }) => {
    const place = cooling.length === 1 ? oneLine(model, 80) : `${oneLine(model, 80)} (key ${oneLine(credential, 40)})`
    return `${paint('yellow', place)} ${coolDownWords(rest, now)}`
  })
  const state = cooling.length > 0 ? [...troubled, counts] : [`${stateWord(provider, paint)}${counts}`]
  return [...state, ...quotaPieces(provider.quotas, now, canvas)]
}

function stateWord(provider: ProviderFacts, paint: Paint): string {
  const standing = standingOf(provider)
  if (standing === 'failing') return `${paint('red', 'failed when it was asked last')} (${provider.lastFailure}): `
  return standing === 'well' ? `${paint('green', 'well')}: ` : ''
}

function countWords({ today, inFlight, firstByteMs }: ProviderFacts): string {
  const failed = today.failed === 0 ? '' : `, ${showCount(today.failed)} failed`
  return [
    today.calls === 0 ? 'no call today' : `${plural(today.calls, 'call')} today${failed}`,
    ...(inFlight === 0 ? [] : [`${showCount(inFlight)} in flight`]),
    ...(firstByteMs === undefined ? [] : [`first byte after ${showDuration(firstByteMs)}`]),
  ].join(', ')
}

interface Left {
  readonly view: AgedQuotaView
  readonly window: QuotaWindow
}

/** Bars of what is left, the least first. Those of the past, and those that limit nothing here, are left out. */
function quotaPieces(views: readonly AgedQuotaView[], now: number, { paint, output }: Canvas): readonly string[] {
  const several = new Set(views.map(({ credential }) => credential)).size > 1
  const bar = output.columns < NARROW_COLUMNS ? NARROW_BAR_COLUMNS : BAR_COLUMNS
  const all = views
    .filter(({ stale }) => !stale)
    .flatMap(view => currentWindows(view).map((window): Left => ({ view, window })))
    .toSorted((a, b) => percentOf(a) - percentOf(b))
  const shown = all.slice(0, WINDOWS_SHOWN).map(({ view, window }) => {
    const key = several ? ` of ${oneLine(view.credential, 40)}` : ''
    const drawn = window.remainingPercent === undefined ? '' : `${quotaBar(window.remainingPercent, bar, paint)} `
    return `${drawn}${oneLine(window.name, 40)}${key}: ${windowWords(window, now).replace(/resets in .*/, glued)}`
  })
  const hidden = all.length - shown.length
  return hidden > 0 ? [...shown, `and ${plural(hidden, 'more quota')}: candor usage quota`] : shown
}

function percentOf({ window }: Left): number {
  return window.remainingPercent ?? 100
}
