import { runningAccess } from '../gateway-access.ts'
import { type StatusFacts, wrongOf } from '../status/facts.ts'
import { factsOfRunning } from '../status/running.ts'
import { screenLines } from '../status/screen.ts'
import { type Desk, EXIT, URL_OPTION, type Verb } from '../verb.ts'

/** `candor status`. */
export const status: Verb = {
  name: 'status',
  summary: 'One screen: is the gateway well, the providers, what is left, what was spent today',
  options: [URL_OPTION],
  examples: [
    { line: 'candor status', about: 'the gateway on this machine' },
    { line: 'candor status --json', about: 'for a script: ok, and what is wrong' },
  ],
  notes: () =>
    [
      'Exit code: 0 all is well, 1 somebody should look at something, 69 no gateway runs.',
      'To look at: it takes no calls, its configuration file has faults, calls are not recorded or receipts were lost, bodies cannot be kept or removed,',
      'no provider can be used, one cools down or failed when it was asked last, one that was used today cannot be used any more, a quota is used up or',
      'less than a tenth of it is left.',
    ].join('\n'),
  async run(given, desk) {
    const facts = await factsOf(given.text('url'), desk)
    const { print, shell } = desk
    if (print.json) print.document({ ok: facts.wrong.length === 0, ...facts })
    else {
      const canvas = { paint: print.paint, output: shell.stdout, home: shell.home }
      for (const line of screenLines(facts, canvas)) print.line(line)
    }
    if (facts.gateway === undefined) return EXIT.absent
    return facts.wrong.length === 0 ? EXIT.ok : EXIT.finding
  },
}

async function factsOf(url: string | undefined, desk: Desk): Promise<StatusFacts> {
  const access = await runningAccess(url, desk)
  const facts = access === undefined ? await stopped(desk) : await factsOfRunning(access)
  return { ...facts, wrong: wrongOf(facts) }
}

/** Loaded only where no gateway runs: what reads the configuration would double the time of the usual answer. */
async function stopped({ shell }: Desk): Promise<Omit<StatusFacts, 'wrong'>> {
  const { factsOfStopped } = await import('../status/stopped.ts')
  return await factsOfStopped(shell)
}
