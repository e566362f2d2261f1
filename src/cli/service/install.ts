import { chmod } from 'node:fs/promises'
import { replaceFile } from '../../app/config/edit.ts'
import { errorCode } from '../../base/error-code.ts'
import { unifiedDiff } from '../clients/diff.ts'
import { confirm } from '../confirm.ts'
import { answers, findGateway } from '../gateway-access.ts'
import { isInteractive } from '../shell.ts'
import { shown, tell } from '../tell.ts'
import { CliFault, EXIT, type Given } from '../verb.ts'
import { chooseEnvironment, type EnvironmentChoice } from './choose-env.ts'
import { withVariables } from './env-file.ts'
import type { Activity } from './manager.ts'
import { planOf, type ServiceSetting } from './setting.ts'
import { handWords, isUp, runAll } from './steps.ts'
import { tellVariables, tellWritten } from './written.ts'

/** Writes the service file, and starts the service. With `--dry-run` it only shows what it would do. */
export async function installService(given: Given, setting: ServiceSetting): Promise<number> {
  const { manager, desk } = setting
  const environment = await chooseEnvironment(given, setting)
  const plan = planOf(setting, environment.file ?? null)
  const refusal = manager.refusal(plan)
  if (refusal !== undefined) throw new CliFault(EXIT.usage, refusal)
  const text = manager.text(plan)
  const isSame = text === setting.before
  if (given.flag('dry-run')) return showOnly(text, environment, setting)
  if (!isSame) await agree(text, given, setting)
  await writeAll(text, environment, setting)
  if (!desk.print.json) tellWritten(isSame, environment, setting)
  const started = await bringUp(given.flag('start'), isSame && environment.taken.length === 0, setting)
  if (desk.print.json)
    desk.print.document({ outcome: isSame ? 'nothing' : 'written', ...documentOf(environment, setting), ...started })
  return started.exit
}

function documentOf({ file, taken, missing, leftOut }: EnvironmentChoice, { manager }: ServiceSetting): object {
  return { manager: manager.name, file: manager.file, envFile: file ?? null, taken, missing, leftOut }
}

function showOnly(text: string, environment: EnvironmentChoice, setting: ServiceSetting): number {
  const { manager, desk, before } = setting
  const { print } = desk
  if (print.json) {
    print.document({ outcome: 'shown', text, ...documentOf(environment, setting) })
    return EXIT.ok
  }
  if (before === undefined || before === text) print.raw(text)
  else print.raw(unifiedDiff({ file: manager.file, before, after: text }, new Set()))
  const place = shown(manager.file, desk)
  tell(before === text ? `${place} is like this already.` : `Nothing was written. It would be ${place}`, desk)
  if (environment.taken.length > 0)
    tell(`and ${shown(environment.file ?? '', desk)}, with ${environment.taken.join(', ')}.`, desk)
  print.note(`Then:\n${handWords([...manager.enable, ...manager.steps.start])}`)
  tellVariables(environment, setting)
  return EXIT.ok
}

/** A file that is there and differs is shown first: it may have been changed by hand. */
async function agree(text: string, given: Given, { manager, desk, before }: ServiceSetting): Promise<void> {
  if (before === undefined) return
  const { print, shell } = desk
  const diff = unifiedDiff({ file: manager.file, before, after: text }, new Set())
  for (const line of diff.trimEnd().split('\n')) print.note(line)
  if (given.flag('yes')) return
  if (!isInteractive(shell))
    throw new CliFault(EXIT.usage, 'Nothing was written: the service file would change, and there is nobody to ask.', {
      fix: ['Write it without being asked: --yes', 'Only look at it: --dry-run'],
    })
  if (!(await confirm(`Write ${shown(manager.file, desk)}?`, desk)))
    throw new CliFault(EXIT.finding, 'Nothing was written.')
}

async function writeAll(text: string, environment: EnvironmentChoice, { manager, desk, before }: ServiceSetting) {
  const { file, taken } = environment
  if (file !== undefined && taken.length > 0) {
    await write(file, withVariables(environment.before, taken, desk.shell.env))
    await chmod(file, 0o600)
  }
  if (text !== before) await write(manager.file, text)
}

async function write(file: string, text: string): Promise<void> {
  try {
    await replaceFile(file, text)
  } catch (error) {
    const code = errorCode(error)
    throw new CliFault(EXIT.finding, `${file} cannot be written (${code}).`)
  }
}

/** How far the service came. */
interface Started {
  readonly activity: Activity
  /** Commands that are left to the user. */
  readonly byHand: readonly string[]
  readonly exit: number
}

async function bringUp(start: boolean, isSame: boolean, setting: ServiceSetting): Promise<Started> {
  const { manager, run, desk } = setting
  const say = (text: string) => {
    if (!desk.print.json) tell(text, desk)
  }
  const enabled = await runAll(manager.enable, setting)
  if (!enabled.ok) {
    const byHand = [...manager.enable, ...(start ? manager.steps.start : [])]
    say(`${enabled.why} To go on where it can be reached:`)
    if (!desk.print.json) desk.print.note(handWords(byHand))
    return { activity: 'unknown', byHand: byHand.map(words => words.join(' ')), exit: EXIT.absent }
  }
  const running = await manager.activity(run)
  const hint = await manager.lingerHint(run)
  if (!start) {
    say('It was not started; it starts at the next login. Now: candor service start')
    return { activity: running, byHand: [], exit: EXIT.ok }
  }
  if (running === 'active' && isSame) {
    say('It runs.')
    return { activity: running, byHand: [], exit: EXIT.ok }
  }
  if (running !== 'active') await refuseSecond(setting)
  const step = running === 'active' ? 'restart' : 'start'
  const done = await runAll(manager.steps[step], setting)
  const activity = await manager.activity(run)
  const well = done.ok && isUp(activity)
  if (!done.ok) say(done.why)
  else if (well) say(`It was ${step}ed, and is ${activity}. See: candor service status`)
  else say(`It was ${step}ed, but is ${activity}. What it said: ${manager.logs}`)
  if (hint !== undefined) say(hint)
  return { activity, byHand: [], exit: well ? EXIT.ok : EXIT.finding }
}

/** Two gateways cannot have one data folder: the second would fail, over and over. */
async function refuseSecond({ paths, desk }: ServiceSetting): Promise<void> {
  const note = await findGateway(paths)
  if (note === undefined || !(await answers(note, desk.shell))) return
  throw new CliFault(EXIT.finding, `A gateway runs already, not as a service (process ${note.pid}, ${note.url}).`, {
    why: 'Two cannot have one data folder, so the service was written and not started.',
    fix: ['Stop the other one (Ctrl-C where it runs), then: candor service start'],
  })
}
