import type { App } from '../../app/app.ts'
import { loadConfig } from '../../app/config/load.ts'
import { nearest } from '../../base/nearest.ts'
import { plural } from '../amounts.ts'
import type { Check, Finding, Patient, Severity } from '../doctor/finding.ts'
import { configCheck, environmentCheck, filesCheck, ledgerCheck, runtimeCheck } from '../doctor/machine.ts'
import { portCheck } from '../doctor/port.ts'
import { probeCheck } from '../doctor/probe.ts'
import { providersCheck } from '../doctor/providers.ts'
import { appOptions, openAside, pathsOf } from '../gateway-access.ts'
import { indent } from '../print.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, type Verb } from '../verb.ts'

/** Every check, in the order they are made and told. */
const CHECKS: readonly Check[] = [
  runtimeCheck,
  configCheck,
  filesCheck,
  ledgerCheck,
  portCheck,
  environmentCheck,
  providersCheck,
  probeCheck,
]

/** `candor doctor`. */
export const doctor: Verb = {
  name: 'doctor',
  summary: 'Check the installation, the configuration and the providers; changes nothing',
  args: [
    {
      syntax: '[provider]',
      about: 'a provider, or provider/model: it is asked for one token, which costs one short call',
    },
  ],
  options: [{ flags: '--probe', about: 'ask every provider that can be used for one token' }, CONFIG_OPTION],
  examples: [
    { line: 'candor doctor', about: 'everything that can be told without a call' },
    { line: 'candor doctor kimi-coding', about: 'is the key good, the plan active, the client admitted?' },
    { line: 'candor doctor --probe --json', about: 'all providers, for a script' },
  ],
  notes: () => 'Exit code: 0 all is well, 1 an error was found, 2 the configuration cannot be used.',
  async run(given, desk) {
    const [named] = given.args
    const patient = await examine(named, given.flag('probe'), given.text('config'), desk)
    try {
      const findings: Finding[] = []
      for (const check of CHECKS) {
        const found = await check.run(patient)
        findings.push(...found)
        if (!desk.print.json) for (const each of found) tell(each, desk)
      }
      const exit = exitOf(findings, patient)
      if (desk.print.json) desk.print.document({ ok: exit === EXIT.ok, findings })
      else desk.print.line(`\n${verdict(findings, patient)}`)
      return exit
    } finally {
      await patient.app?.close()
    }
  },
}

async function examine(
  named: string | undefined,
  probe: boolean,
  config: string | undefined,
  desk: Desk,
): Promise<Patient> {
  const paths = pathsOf(desk.shell, config)
  const loaded = await loadConfig({ file: paths.configFile, mustExist: paths.configNamed })
  const app = loaded.ok ? await openAside({ ...appOptions(desk, config), log: () => {} }) : undefined
  const slash = named?.indexOf('/') ?? -1
  const provider = slash > 0 ? named?.slice(0, slash) : named
  const model = slash > 0 ? named : undefined
  if (app !== undefined && provider !== undefined) await refuseStranger(app, provider)
  return { desk, paths, loaded, app, provider, model, probe: probe || named !== undefined }
}

async function refuseStranger(app: App, provider: string): Promise<void> {
  const ids = app.house().directory.providers.map(each => each.id)
  if (ids.includes(provider)) return
  await app.close()
  throw new CliFault(EXIT.usage, `No provider is called "${oneLine(provider, 60)}".`, {
    fix: [...nearest(provider, ids).map(id => `Did you mean: candor doctor ${id}`), 'See all: candor providers'],
  })
}

const MARKS: Readonly<Record<Severity, readonly ['green' | 'cyan' | 'yellow' | 'red', string]>> = {
  ok: ['green', 'ok'],
  info: ['cyan', 'info'],
  warning: ['yellow', 'warning'],
  error: ['red', 'error'],
}

function tell({ severity, message, path, line, column, fixHint }: Finding, { print, shell }: Desk): void {
  const [style, word] = MARKS[severity]
  const head = `${print.paint(style, word.padEnd(7))}  `
  for (const each of indent(message, head, shell.stdout)) print.line(each)
  if (line !== undefined && severity !== 'ok')
    print.line(`         at ${path}:${line}${column === undefined ? '' : `:${column}`}`)
  if (fixHint !== undefined)
    for (const each of indent(fixHint, `         ${print.paint('dim', 'fix:')} `, shell.stdout)) print.line(each)
}

function exitOf(findings: readonly Finding[], { loaded }: Patient): number {
  if (!loaded.ok) return EXIT.usage
  return findings.some(each => each.severity === 'error') ? EXIT.finding : EXIT.ok
}

function verdict(findings: readonly Finding[], { probe }: Patient): string {
  const errors = findings.filter(each => each.severity === 'error').length
  const warnings = findings.filter(each => each.severity === 'warning').length
  const unasked = probe ? '' : ' No provider was asked; candor doctor --probe does that, one short call each.'
  if (errors > 0)
    return `${plural(errors, 'error')}${warnings > 0 ? `, ${plural(warnings, 'warning')}` : ''}.${unasked}`
  return `${warnings > 0 ? `No error, ${plural(warnings, 'warning')}.` : 'All is well.'}${unasked}`
}
