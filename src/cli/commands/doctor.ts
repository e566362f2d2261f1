import { rankOf } from '../../admin/doctor.ts'
import type { Check } from '../../app/doctor/check.ts'
import { CHECKS } from '../../app/doctor/checks.ts'
import { type CheckedFound, examine, plainFinding } from '../../app/doctor/examine.ts'
import { chosenChecks, severityMin } from '../doctor/choose.ts'
import { clientsCheck } from '../doctor/clients.ts'
import { type Admitted, admit, clientMachine } from '../doctor/patient.ts'
import { type Repaired, repairAll } from '../doctor/repairs.ts'
import { tellFinding, tellRepairs, verdict } from '../doctor/told.ts'
import { indent } from '../print.ts'
import type { Shell } from '../shell.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, type Given, type Verb } from '../verb.ts'

/** `candor doctor`. */
export const doctor: Verb = {
  name: 'doctor',
  summary: 'Check the installation, the configuration and the providers; changes nothing without --fix',
  args: [
    {
      syntax: '[provider]',
      about: 'a provider, or provider/model: it is asked for one token, which costs one short call',
    },
  ],
  options: [
    {
      flags: '--probe',
      about: 'ask every provider that can be used for one token with each key, and one for a stream',
    },
    { flags: '--only <ids>', about: 'only these checks, by their ids, with commas' },
    { flags: '--skip <ids>', about: 'all checks but these' },
    {
      flags: '--severity-min <level>',
      about: 'tell only findings of this severity or worse: ok, info, warning, error',
    },
    { flags: '--fix', about: 'repair what can be repaired safely (file modes, a note left behind), and look again' },
    { flags: '--dry-run', about: 'with --fix: only say what would be repaired' },
    CONFIG_OPTION,
  ],
  examples: [
    { line: 'candor doctor', about: 'everything that can be told without a call' },
    { line: 'candor doctor kimi-coding', about: 'is the key good, the plan active, the client admitted?' },
    { line: 'candor doctor --probe --json', about: 'all providers, for a script' },
    { line: 'candor doctor --only files,ledger', about: 'two checks' },
    { line: 'candor doctor --fix --dry-run', about: 'what would be repaired' },
  ],
  notes: () =>
    [
      'Checks:',
      ...[...CHECKS, CLIENTS_LINE].map(({ id, about }) => `  ${id.padEnd(12)}  ${about}`),
      '',
      'Exit code: 0 all is well, 1 an error was found, 2 the configuration cannot be used.',
    ].join('\n'),
  async run(given, desk) {
    const checks = chosenChecks(checksFor(desk.shell), given)
    const plan = planOf(given, checks)
    const admitted = await admit({ named: given.args[0], probe: plan.probe, config: given.text('config') }, desk)
    try {
      return await diagnose(admitted, checks, plan, desk)
    } finally {
      await admitted.close()
    }
  },
}

const CLIENTS_LINE = { id: 'clients', about: "agents' own settings that point here" }

function checksFor(shell: Shell): readonly Check[] {
  return CHECKS.flatMap(check =>
    // What agents are pointed at belongs with the port they are pointed at.
    check.id === 'gateway' ? [check, clientsCheck(clientMachine(shell))] : [check],
  )
}

interface Plan {
  readonly probe: boolean
  readonly fix: boolean
  readonly dryRun: boolean
  /** Findings of a lower rank are not told. */
  readonly rankMin: number
  /** Checks that ask are wanted, and nobody is asked. */
  readonly unasked: boolean
}

function planOf(given: Given, checks: readonly Check[]): Plan {
  const [probe, fix, dryRun] = [given.flag('probe'), given.flag('fix'), given.flag('dry-run')]
  const asking = checks.filter(check => check.asks === true)
  const asks = probe || given.args[0] !== undefined
  if (dryRun && !fix)
    throw new CliFault(EXIT.usage, '--dry-run belongs to --fix: without it nothing is changed anyway.')
  if (asking.length === checks.length && !asks)
    throw new CliFault(EXIT.usage, `The check "${asking[0]?.id}" makes real calls, and none may be made.`, {
      fix: ['Let it: add --probe, or name a provider.'],
    })
  return { probe, fix, dryRun, rankMin: rankOf(severityMin(given)), unasked: asking.length > 0 && !asks }
}

async function diagnose(
  { patient, again }: Admitted,
  checks: readonly Check[],
  plan: Plan,
  desk: Desk,
): Promise<number> {
  const { print } = desk
  const isTold = ({ severity }: CheckedFound) => rankOf(severity) <= plan.rankMin
  const tell = (found: CheckedFound) => {
    if (!print.json && isTold(found)) tellFinding(found, desk)
  }
  let findings = await examine(patient, checks, tell)
  const repaired = plan.fix ? await repairAll(findings, plan.dryRun) : undefined
  if (repaired !== undefined && !print.json) tellRepairs(repaired, plan.dryRun, desk)
  const touched = checks.filter(({ id }) => repaired?.some(({ check, done }) => check === id && done !== undefined))
  if (touched.length > 0) {
    const anew = await examine(await again(), touched, tell)
    findings = checks.flatMap(check =>
      (touched.includes(check) ? anew : findings).filter(each => each.check === check.id),
    )
  }
  const exit = exitOf(findings, patient.loaded.ok)
  if (print.json) print.document(documentOf(exit, checks, findings.filter(isTold), repaired))
  else for (const line of ['', ...indent(verdict(findings, plan.unasked), '', desk.shell.stdout)]) print.line(line)
  return exit
}

function documentOf(
  exit: number,
  checks: readonly Check[],
  findings: readonly CheckedFound[],
  repaired: readonly Repaired[] | undefined,
): object {
  return {
    ok: exit === EXIT.ok,
    checks: checks.map(({ id }) => id),
    findings: findings.map(plainFinding),
    ...(repaired === undefined ? {} : { repairs: repaired }),
  }
}

function exitOf(findings: readonly CheckedFound[], isConfigUsable: boolean): number {
  if (!isConfigUsable) return EXIT.usage
  return findings.some(each => each.severity === 'error') ? EXIT.finding : EXIT.ok
}
