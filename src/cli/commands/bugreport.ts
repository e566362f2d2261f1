import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { errorCode } from '../../base/error-code.ts'
import { gather } from '../bugreport/gather.ts'
import { reportMarkdown } from '../bugreport/markdown.ts'
import { cleanReport } from '../bugreport/report.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, type Verb, wholeNumber } from '../verb.ts'

/** Calls told where nothing else is said, and most that can be. */
const CALLS_USUAL = 10
const CALLS_MAX = 200

/** `candor bugreport`. */
export const bugreport: Verb = {
  name: 'bugreport',
  summary: 'A report to post with a bug: versions, configuration, findings and calls, without secrets',
  options: [
    { flags: '--out <file>', about: 'into a new file that only you can read, in place of the standard output' },
    { flags: '--calls <n>', about: `the newest calls to tell of, 0 to ${CALLS_MAX} (default: ${CALLS_USUAL})` },
    CONFIG_OPTION,
  ],
  examples: [
    { line: 'candor bugreport --out report.md', about: 'read it, then attach it' },
    { line: 'candor bugreport --json --calls 0', about: 'for a script, without calls' },
  ],
  notes: () =>
    [
      'Taken out: keys in any form, values of headers but a few harmless ones, users and queries of URLs, hosts that are no known provider, names you gave (providers, routes, aliases, keys), your home folder.',
      'Prompts and answers are never in it, even where they are kept.',
      'What a provider wrote in an error is in it, cleaned: read it before you post it. No provider is asked, nothing is sent.',
      'Programs that the configuration takes keys from are run, so that what they print can be told from the rest.',
    ].join('\n'),
  async run(given, desk) {
    const calls = wholeNumber(given, 'calls', 0, CALLS_MAX) ?? CALLS_USUAL
    const { report, removed } = cleanReport(await gather(given.text('config'), calls, desk))
    const { print } = desk
    const out = given.text('out')
    if (out === undefined) {
      if (print.json) print.document(report)
      else print.raw(reportMarkdown(report))
    } else {
      const file = await writeNew(
        out,
        print.json ? `${JSON.stringify(report, null, 2)}\n` : reportMarkdown(report),
        desk,
      )
      if (print.json) print.document({ id: report.id, file })
      else print.line(file)
    }
    print.note(`Report ${report.id}. Taken out: ${removed.join('; ') || 'nothing had to be'}.`)
    print.note("Read it before you post it: only you know what else is nobody's business.")
    return EXIT.ok
  },
}

const OWNER_ONLY = 0o600

/** Writes a file that was not there. Gives its path. */
async function writeNew(out: string, text: string, { shell }: Desk): Promise<string> {
  const file = resolve(shell.cwd, out)
  try {
    const handle = await open(file, 'wx', OWNER_ONLY)
    await handle.writeFile(text).finally(() => handle.close())
    return file
  } catch (error) {
    const code = errorCode(error)
    const what = `${oneLine(file, 300)} cannot be written (${code}).`
    if (code !== 'EEXIST') throw new CliFault(EXIT.finding, what)
    throw new CliFault(EXIT.usage, `There is a file ${oneLine(file, 300)} already; it stays as it is.`, {
      fix: ['Name another: candor bugreport --out FILE'],
    })
  }
}
