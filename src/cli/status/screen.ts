import type { Today } from '../../admin/overview.ts'
import { type NanoUsd, showUsd } from '../../base/money.ts'
import { VERSION } from '../../base/version.ts'
import type { BodyHealth } from '../../ledger/kept-bodies.ts'
import { plural, showBytes, showCount, showDuration, showTime } from '../amounts.ts'
import { glued, unglued } from '../glue.ts'
import { indent, type Paint } from '../print.ts'
import type { Output } from '../shell.ts'
import { shortPath } from '../short-path.ts'
import { oneLine } from '../terminal-text.ts'
import type { GatewayFacts, StatusFacts } from './facts.ts'
import { providerLines } from './provider-lines.ts'

/** What the screen is drawn with. */
export interface Canvas {
  readonly paint: Paint
  readonly output: Output
  readonly home: string
}

/** Longest sentence of somebody else's that is shown, in characters. */
const SENTENCE_CHARS_MAX = 300
/** Fallbacks told one by one. */
const FALLBACKS_SHOWN = 3
const TITLE_COLUMNS = 15

/** The screen, line by line. */
export function screenLines(facts: StatusFacts, canvas: Canvas): readonly string[] {
  const { paint, output } = canvas
  const row = (title: string, text: string) =>
    indent(text, paint('dim', title.padEnd(TITLE_COLUMNS)), output).map(unglued)
  const { gateway } = facts
  return [
    ...row('gateway', gateway === undefined ? goneWords(facts, paint) : gatewayWords(gateway, paint)),
    ...row('configuration', configWords(facts, canvas)),
    ...(gateway === undefined ? [] : row('now', nowWords(gateway))),
    ...row('today', todayWords(facts)),
    ...(facts.today === undefined || facts.today.calls === 0 ? [] : row('spent', spentWords(facts.today))),
    ...(gateway?.ledgerWarning === undefined ? [] : row('ledger', paint('red', oneLine(gateway.ledgerWarning, 500)))),
    ...bodyWords(gateway?.bodies, paint).flatMap(words => row('bodies', words)),
    ...section('providers', providerLines(facts, canvas)),
    ...section('', eventRows(facts, row)),
    '',
    ...indent(verdict(facts, paint), '', output),
  ]
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...(title === '' ? [] : [title]), ...lines]
}

function gatewayWords({ url, pid, version, upMs, ready, notReady }: GatewayFacts, paint: Paint): string {
  const state = ready ? paint('green', 'ready') : paint('red', `not ready (${notReady.join(', ')})`)
  const process = pid === undefined ? '' : `, ${glued(`pid ${pid}`)}`
  const other = version === VERSION ? '' : ` (this command is ${VERSION}: start the gateway again to have that)`
  return `${url} is ${state}; Candor ${oneLine(version, 40)}${other}, up ${glued(showDuration(upMs))}${process}`
}

function goneWords({ gone }: StatusFacts, paint: Paint): string {
  const last = gone === undefined ? '' : ` (${oneLine(gone, SENTENCE_CHARS_MAX)})`
  return `${paint('yellow', 'none runs')}${last}. Start it: ${glued('candor serve')}`
}

function configWords({ config, gateway, now }: StatusFacts, { paint, home }: Canvas): string {
  const { file, loadedAt, refused, warnings = [] } = config
  const name = file === undefined ? 'no file: the environment alone decides' : shortPath(file, home)
  const since = loadedAt === undefined ? '' : `, in force since ${momentWords(Date.parse(loadedAt), now)}`
  if (refused !== undefined) {
    const kept = gateway === undefined ? '' : `; what was read before stays${since}`
    return `${name} ${paint('red', 'has faults')}${kept}. See them: ${glued('candor config check')}`
  }
  const told = warnings.length === 0 ? '' : `, ${paint('yellow', plural(warnings.length, 'warning'))}: candor doctor`
  return `${name}${since}${told}`
}

function nowWords({ inFlight, lately }: GatewayFacts): string {
  const { calls, failed, firstByteMs, tokensPerSecond } = lately
  return [
    `${showCount(inFlight)} in flight`,
    `${plural(calls, 'call')} in the last minute${failed === 0 ? '' : `, ${showCount(failed)} failed`}`,
    ...(firstByteMs === undefined ? [] : [`first byte after ${showDuration(firstByteMs)}`]),
    ...(tokensPerSecond === undefined ? [] : [`${showCount(Math.round(tokensPerSecond))} tokens/s a stream`]),
  ].join('; ')
}

function todayWords({ today, ledgerFault }: StatusFacts): string {
  if (today === undefined) return ledgerFault === undefined ? 'no call was ever made' : oneLine(ledgerFault, 500)
  const { calls, failed, fallbacks, inputTokens, outputTokens, ageMs, fault } = today
  if (calls === 0) return fault === undefined ? 'no call has ended yet' : oneLine(fault, SENTENCE_CHARS_MAX)
  const old = ageMs < OLD_MS ? '' : ` (as of ${showDuration(ageMs)} ago)`
  const missing = fault === undefined ? '' : `. This is not all there is: ${oneLine(fault, SENTENCE_CHARS_MAX)}`
  const words = [
    `${plural(calls, 'call')}, ${showCount(failed)} failed, ${showCount(fallbacks)} fell back`,
    `${showCount(inputTokens)} tokens in, ${showCount(outputTokens)} out`,
  ]
  return `${words.join('; ')}${old}${missing}`
}

/** Sums younger than this are as good as new. */
const OLD_MS = 60_000

function spentWords({ costNanoUsd, lanes, unpriced }: Today): string {
  const { metered, plan, free, local } = lanes
  const others = [
    ...(plan === 0 ? [] : [`${showCount(plan)} on plans`]),
    ...(free === 0 ? [] : [`${showCount(free)} free`]),
    ...(local === 0 ? [] : [`${showCount(local)} local`]),
  ]
  const spent = `${showUsd(costNanoUsd as NanoUsd)} for ${plural(metered, 'metered call')}`
  return [
    unpriced === 0 ? spent : `at least ${spent}: the cost of ${showCount(unpriced)} is not known in full`,
    ...(others.length === 0 ? [] : [`${others.join(', ')}, which cost nothing by the call`]),
  ].join('; ')
}

/** Nothing where none are to be kept. */
function bodyWords(bodies: BodyHealth | undefined, paint: Paint): readonly string[] {
  if (bodies === undefined || bodies.keepDays === 0) return []
  const { keepDays, bytes, totalBytesMax, dropped, warning } = bodies
  const room = bytes === undefined ? '' : `, ${showBytes(bytes)} of ${showBytes(totalBytesMax)}`
  const lost = dropped === 0 ? '' : `, ${paint('yellow', `those of ${plural(dropped, 'call')} were not`)}`
  const kept = `kept for ${plural(keepDays, 'day')}${room}${lost}`
  return [warning === undefined ? kept : `${kept}; ${paint('red', oneLine(warning, 500))}`]
}

function eventRows(
  { lastError, fellBack, today, now }: StatusFacts,
  row: (title: string, text: string) => readonly string[],
): readonly string[] {
  const error =
    lastError === undefined
      ? []
      : row(
          'last error',
          `${momentWords(lastError.at, now)} ${lastError.code ?? 'interrupted'}: ${oneLine(lastError.text, SENTENCE_CHARS_MAX)} (${glued(`candor trace ${lastError.callId}`)})`,
        )
  const told = fellBack.slice(0, FALLBACKS_SHOWN)
  const more = (today?.fallbacks ?? 0) - told.length
  return [
    ...error,
    ...told.flatMap(({ at, text }) => row('fell back', `${momentWords(at, now)} ${oneLine(text, SENTENCE_CHARS_MAX)}`)),
    ...(more > 0 && told.length > 0 ? row('', `and ${plural(more, 'more call')} today`) : []),
  ]
}

/** The time of day, on another day with the date. */
function momentWords(at: number, now: number): string {
  const text = showTime(at)
  return text.slice(0, 10) === showTime(now).slice(0, 10) ? text.slice(11) : text
}

function verdict({ wrong }: StatusFacts, paint: Paint): string {
  if (wrong.length === 0) return paint('green', 'All is well.')
  return `${paint('yellow', 'Look at this:')} ${wrong.join('; ')}.`
}
