import type { UsageView } from '../../admin/usage.ts'
import { usageCsv } from '../../admin/usage-csv.ts'
import { USAGE_PERIODS } from '../../admin/usage-span.ts'
import { USAGE_GROUPS } from '../../ledger/usage.ts'
import { plural, showTime } from '../amounts.ts'
import { tell } from '../tell.ts'
import { guard } from '../usage/guard.ts'
import { quota } from '../usage/quota.ts'
import { askUsage } from '../usage/usage-source.ts'
import { printUsage } from '../usage/usage-table.ts'
import { CliFault, type Desk, EXIT, URL_OPTION, type Verb } from '../verb.ts'

/** `candor usage`. */
export const usage: Verb = {
  name: 'usage',
  summary: 'Calls, tokens and cost of a day, a week, a month or any time',
  args: [{ syntax: '[period]', about: `${USAGE_PERIODS.join(', ')} (default: today)` }],
  options: [
    { flags: '--by <what>', about: `${USAGE_GROUPS.join(', ')} (default: provider)` },
    { flags: '--since <time>', about: 'in place of a period: 2026-11-01, or 2026-11-01T10:15' },
    { flags: '--until <time>', about: 'up to this time; a date is the whole day' },
    { flags: '--csv', about: 'as CSV' },
    URL_OPTION,
  ],
  examples: [
    { line: 'candor usage', about: 'today, by provider' },
    { line: 'candor usage month --by model', about: 'this month, by model' },
    {
      line: 'candor usage --since 2026-11-01 --until 2026-11-15 --by key --csv',
      about: 'two weeks by key, for a sheet',
    },
    { line: 'candor usage quota', about: 'what providers say is left' },
  ],
  notes: () =>
    [
      'Costs are those of metered calls. "plan": the subscription paid. "unpriced": calls whose cost is not known, or not all of it: of an answer that was cut off, what was told by then is in the sums, and no more.',
      "TOKENS IN counts all input; CACHED is the part of it that was read from the provider's cache.",
      'Days are those of the time zone of the gateway; budgets of keys go by days in UTC.',
    ].join('\n'),
  verbs: [quota, guard],
  async run(given, desk) {
    const { print } = desk
    const [period] = given.args
    if (given.flag('csv') && print.json) throw new CliFault(EXIT.usage, '--csv and --json are two forms of one answer.')
    const words = { since: given.text('since'), until: given.text('until'), by: given.text('by') ?? 'provider' }
    const view = await askUsage({ ...words, period }, given.text('url'), desk)
    if (print.json) print.document(view)
    else if (given.flag('csv')) print.raw(usageCsv(view.rows))
    else show(view, desk)
    if (view.fault === undefined) return EXIT.ok
    print.warn(`These sums are not all there is. ${view.fault}`)
    return EXIT.finding
  },
}

function show(view: UsageView, desk: Desk): void {
  const { print } = desk
  const { since, until, total } = view
  const from = since === undefined ? 'from the beginning' : `since ${showTime(Date.parse(since))}`
  const to = view.period === 'custom' ? ` until ${showTime(Date.parse(until))}` : ''
  tell(print.paintNote('dim', `${from}${to}; days are those of ${view.timeZone}`), desk)
  if (total.calls === 0) {
    print.note('No call has ended in this time.')
    return
  }
  printUsage(view, print)
  if (total.usageUnknown > 0)
    tell(
      `Of ${plural(total.usageUnknown, 'call')} the provider did not tell all the usage: the sums hold what was told, and there may be more.`,
      desk,
    )
}
