import { oneLine } from '../terminal-text.ts'
import { CliFault, EXIT } from '../verb.ts'
import type { Activity, Command, ServiceStep } from './manager.ts'
import { notInstalled, type ServiceSetting } from './setting.ts'

/** Whether commands went well, and why not. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly why: string }

/** Runs commands of the manager one after the other, up to the first that fails. */
export async function runAll(commands: readonly Command[], { run, manager }: ServiceSetting): Promise<Outcome> {
  for (const command of commands) {
    const { code, out, err } = await run(command)
    if (code === 0) continue
    if (code === undefined) return { ok: false, why: `${manager.program} is not on this machine's search path.` }
    const said = oneLine((err.trim() || out.trim()).split('\n')[0] ?? '', 300)
    return { ok: false, why: `"${command.join(' ')}" ended with ${code}${said === '' ? '' : `: ${said}`}.` }
  }
  return { ok: true }
}

/** Commands for a person to type. */
export function handWords(commands: readonly Command[]): string {
  return commands.map(words => `  ${words.join(' ')}`).join('\n')
}

/** Starts, stops or restarts the service. Throws {@link CliFault} if it is not installed or the manager refuses. */
export async function stepService(step: ServiceStep, setting: ServiceSetting): Promise<number> {
  const { manager, run, desk, before } = setting
  const { print } = desk
  if (before === undefined) throw notInstalled()
  const running = await manager.activity(run)
  if (running === DONE_ALREADY[step]) return tellStep(step, running, true, setting)
  if (step !== 'start' && !print.json) print.note('Running calls are waited for.')
  const isDown = step === 'restart' && running === 'inactive'
  const done = await runAll(manager.steps[isDown ? 'start' : step], setting)
  if (!done.ok)
    throw new CliFault(EXIT.finding, done.why, { fix: ['See: candor service status', `What it said: ${manager.logs}`] })
  return tellStep(step, await manager.activity(run), false, setting)
}

/** Nothing is asked for what is so already: launchd would call it an error. */
const DONE_ALREADY: Readonly<Partial<Record<ServiceStep, Activity>>> = { start: 'active', stop: 'inactive' }

function tellStep(step: ServiceStep, activity: Activity, already: boolean, { desk }: ServiceSetting): number {
  const { print } = desk
  if (print.json) print.document({ step, activity })
  else print.note(`The service is ${activity}${already ? ' already' : ''}.`)
  const isWell = step === 'stop' ? activity !== 'failed' : isUp(activity)
  return isWell ? EXIT.ok : EXIT.finding
}

/** Whether a service that was told to run does, as far as can be told: a manager may say "done" of one that ended at once. */
export function isUp(activity: Activity): boolean {
  return activity === 'active' || activity === 'starting' || activity === 'unknown'
}
