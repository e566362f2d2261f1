import { access } from 'node:fs/promises'
import { unifiedDiff } from '../clients/diff.ts'
import { answers, findGateway } from '../gateway-access.ts'
import { indent } from '../print.ts'
import { shown, tell } from '../tell.ts'
import { CliFault, EXIT } from '../verb.ts'
import { readEnvFile } from './env-file.ts'
import type { Activity } from './manager.ts'
import { readPrograms } from './plan.ts'
import { isOwnService, planOf, type ServiceSetting } from './setting.ts'

/** How the service stands. */
interface ServiceState {
  readonly installed: boolean
  readonly manager: string
  readonly file: string
  /** What is not as `candor service install` would have it now. */
  readonly drift: readonly string[]
  /** The change that would put it right. */
  readonly diff?: string
  readonly activity: Activity
  readonly gateway: { readonly url: string; readonly pid: number; readonly version: string } | null
  readonly envFile: string | null
  readonly logs: string
  readonly hint?: string
}

/** Tells how the service stands. Exit code 1 where something is to be done. */
export async function serviceStatus(setting: ServiceSetting): Promise<number> {
  const state = await stateOf(setting)
  const { print } = setting.desk
  if (print.json) print.document(state)
  else show(state, setting)
  const isWell = state.drift.length === 0 && state.activity === 'active' && state.gateway !== null
  return state.installed && isWell ? EXIT.ok : EXIT.finding
}

async function stateOf(setting: ServiceSetting): Promise<ServiceState> {
  const { manager, run, before, choices, paths, desk } = setting
  const drifted = before === undefined ? { drift: [] } : await driftOf(before, setting)
  const note = await findGateway(paths)
  const isThere = note !== undefined && (await answers(note, desk.shell))
  const hint = before === undefined ? undefined : await manager.lingerHint(run)
  return {
    installed: before !== undefined,
    manager: manager.name,
    file: manager.file,
    ...drifted,
    activity: await manager.activity(run),
    gateway: isThere ? { url: note.url, pid: note.pid, version: note.version } : null,
    envFile: choices.envFile,
    logs: manager.logs,
    ...(hint === undefined ? {} : { hint }),
  }
}

async function driftOf(before: string, setting: ServiceSetting): Promise<Pick<ServiceState, 'drift' | 'diff'>> {
  const { manager, choices } = setting
  const after = manager.text(planOf(setting, choices.envFile))
  const envFault = choices.envFile === null ? undefined : await envFileFault(choices.envFile)
  const gone = await missingPrograms(before)
  const words = [
    ...(isOwnService(before) ? [] : ['the file was not made by candor service install']),
    ...gone,
    ...(after === before ? [] : ['the file is not what candor service install would write now']),
    ...(envFault === undefined ? [] : [envFault]),
  ]
  return {
    drift: words,
    ...(after === before ? {} : { diff: unifiedDiff({ file: manager.file, before, after }, new Set()) }),
  }
}

async function missingPrograms(text: string): Promise<readonly string[]> {
  const programs = readPrograms(text)
  const there = await Promise.all(programs.map(isThere))
  return programs.filter((_, i) => there[i] === false).map(path => `${path} is not there any more`)
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

async function envFileFault(file: string): Promise<string | undefined> {
  try {
    return (await readEnvFile(file)) === undefined ? `there is no ${file}, and the service needs it` : undefined
  } catch (error) {
    if (error instanceof CliFault) return error.message.replace(/\.$/, '')
    throw error
  }
}

function show(state: ServiceState, { desk }: ServiceSetting): void {
  const { print, shell } = desk
  const row = (title: string, text: string) => {
    for (const line of indent(text, print.paint('dim', title.padEnd(12)), shell.stdout)) print.line(line)
  }
  if (!state.installed) row('service', 'not installed: candor service install')
  else {
    const good = state.activity === 'active' ? 'green' : 'red'
    row('service', `${print.paint(good, activityWords(state.activity))} (${state.manager})`)
    row('file', shown(state.file, desk))
    row('environment', state.envFile === null ? 'no file of variables' : shown(state.envFile, desk))
  }
  row('gateway', gatewayWords(state))
  if (state.installed) row('logs', state.logs)
  for (const [i, words] of state.drift.entries()) row(i === 0 ? 'drift' : '', words)
  if (state.drift.length > 0) row('', 'To put it right: candor service install')
  for (const line of (state.diff ?? '').trimEnd().split('\n')) if (line !== '') print.note(line)
  if (state.hint !== undefined) tell(state.hint, desk)
}

function activityWords(activity: Activity): string {
  return activity === 'unknown' ? 'installed; whether it runs is not known' : activity
}

function gatewayWords({ gateway, installed, activity }: ServiceState): string {
  if (gateway === null) return activity === 'active' ? 'does not answer yet; the logs say why' : 'does not answer'
  const alone = installed && activity === 'active' ? '' : '; not as a service'
  return `answers at ${gateway.url} (version ${gateway.version}, process ${gateway.pid})${alone}`
}
