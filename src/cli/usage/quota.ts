import { accessOptions } from '../gateway-access.ts'
import { tell } from '../tell.ts'
import { CONFIG_OPTION, EXIT, URL_OPTION, type Verb } from '../verb.ts'
import { askQuotas } from './ask-quotas.ts'
import { quotaLines, quotaRows } from './quota-bars.ts'

/** `candor usage quota`. */
export const quota: Verb = {
  name: 'quota',
  summary: 'What providers themselves say is left of windows and balances',
  args: [{ syntax: '[provider]', about: 'only this one' }],
  options: [{ flags: '--refresh', about: 'ask the providers now' }, CONFIG_OPTION, URL_OPTION],
  examples: [
    { line: 'candor usage quota', about: 'all, as they were told last' },
    { line: 'candor usage quota kimi-coding --refresh', about: 'one, asked now' },
  ],
  async run(given, desk) {
    const { print, shell } = desk
    const [provider] = given.args
    const views = await askQuotas({ provider, refresh: given.flag('refresh') }, accessOptions(given, 'none'), desk)
    if (print.json) print.document({ quotas: views })
    else if (!shell.stdout.isTTY) print.table([], quotaRows(views))
    else
      for (const line of quotaLines(views, { now: shell.clock.now(), paint: print.paint, output: shell.stdout }))
        print.line(line)
    if (views.length > 0) return EXIT.ok
    const who = provider === undefined ? 'No provider' : provider
    tell(`${who} has told what is left: not every provider does, and none does before it was asked.`, desk)
    return provider === undefined ? EXIT.ok : EXIT.absent
  },
}
