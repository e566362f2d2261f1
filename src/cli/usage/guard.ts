import type { AgedQuotaView } from '../../admin/quota-views.ts'
import type { QuotaWindow } from '../../upstream/quota.ts'
import { accessOptions } from '../gateway-access.ts'
import { indent } from '../print.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, type Given, URL_OPTION, type Verb, wholeNumber } from '../verb.ts'
import { askQuotas } from './ask-quotas.ts'
import { windowWords } from './quota-bars.ts'

/** The exit code of `sysexits.h` for wrong usage, so that a script tells it from everything else a guard can say. */
const WRONG_USAGE = 64

/** `candor usage guard`. */
export const guard: Verb = {
  name: 'guard',
  summary: 'Tells a script by its exit code whether a provider has enough left',
  options: [
    { flags: '--provider <id>', about: 'the provider' },
    { flags: '--min-remaining <percent>', about: 'how much must be left in every window, 0 to 100' },
    { flags: '--refresh', about: 'ask the provider now' },
    CONFIG_OPTION,
    URL_OPTION,
  ],
  examples: [
    {
      line: 'candor usage guard --provider kimi-coding --min-remaining 10 && long-job',
      about: 'starts a job only with a tenth left',
    },
  ],
  notes: () =>
    [
      'Exit codes: 0 enough is left, 1 too little, 64 wrong usage, 69 not known or not reachable.',
      'With several keys of a provider it is enough if one has enough.',
    ].join('\n'),
  usageExit: WRONG_USAGE,
  run: check,
}

async function check(given: Given, desk: Desk): Promise<number> {
  const provider = given.text('provider')
  const least = wholeNumber(given, 'min-remaining', 0, 100)
  if (provider === undefined || least === undefined)
    throw new CliFault(EXIT.usage, `--${provider === undefined ? 'provider' : 'min-remaining'} is missing.`, {
      fix: ['candor usage guard --provider kimi-coding --min-remaining 10'],
    })
  const views = await askQuotas({ provider, refresh: given.flag('refresh') }, accessOptions(given, 'none'), desk)
  const verdict = judge(views, provider, least, desk.shell.clock.now())
  if (desk.print.json) desk.print.document({ provider, minRemaining: least, ...verdict })
  else for (const line of indent(verdict.why, '', desk.shell.stdout)) desk.print.line(line)
  return { enough: EXIT.ok, 'too-little': EXIT.finding, unknown: EXIT.absent }[verdict.verdict]
}

/** What a guard says, and why. */
export interface Verdict {
  readonly verdict: 'enough' | 'too-little' | 'unknown'
  /** The least that is left, of the credential that has the most. */
  readonly remainingPercent?: number
  readonly why: string
}

/** Judges by the fresh windows that limit calls. `least`: percent. `now`: milliseconds since 1970. */
export function judge(views: readonly AgedQuotaView[], provider: string, least: number, now: number): Verdict {
  const name = oneLine(provider, 60)
  const credentials = [...new Set(views.map(view => view.credential))]
  const tightest = credentials.flatMap(credential => lowest(views.filter(view => view.credential === credential)) ?? [])
  const best = tightest.toSorted((a, b) => b.remainingPercent - a.remainingPercent)[0]
  if (best === undefined) return { verdict: 'unknown', why: `${name}: ${whyUnknown(views)}` }
  const { remainingPercent } = best
  const enough = remainingPercent >= least
  const why = `${name}: ${oneLine(best.name)} window, ${windowWords(best, now)}; ${enough ? 'at least' : 'less than the'} ${least} % ${enough ? 'is left' : 'wanted'}`
  return { verdict: enough ? 'enough' : 'too-little', remainingPercent, why }
}

function whyUnknown(views: readonly AgedQuotaView[]): string {
  const fresh = views.filter(view => !view.stale).flatMap(view => view.windows.filter(({ stale }) => stale !== true))
  if (fresh.length > 0) return 'what is left is an amount, and of how much is not told'
  return views.some(view => view.windows.length > 0) ? 'what is left was told too long ago' : 'not told what is left'
}

type Measured = QuotaWindow & { readonly remainingPercent: number }

/** The window of a credential with the least left. Rates of answers' headers fill up in a minute, so they count only where nothing else was told. */
function lowest(views: readonly AgedQuotaView[]): Measured | undefined {
  const told = (source: AgedQuotaView['source']) =>
    views.filter(view => view.source === source && !view.stale).flatMap(({ windows }) => windows.flatMap(measured))
  const windows = told('endpoint').length > 0 ? told('endpoint') : told('headers')
  return windows.toSorted((a, b) => a.remainingPercent - b.remainingPercent)[0]
}

function measured(window: QuotaWindow): readonly Measured[] {
  const { remainingPercent, stale, aside } = window
  return remainingPercent === undefined || stale === true || aside === true ? [] : [{ ...window, remainingPercent }]
}
