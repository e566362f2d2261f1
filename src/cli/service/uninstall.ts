import { rm } from 'node:fs/promises'
import { shown, tell } from '../tell.ts'
import { CliFault, EXIT, type Given } from '../verb.ts'
import { isOwnEnvFile } from './env-file.ts'
import { isOwnService, notInstalled, type ServiceSetting } from './setting.ts'
import { handWords, runAll } from './steps.ts'

/** Stops the service and removes its file; the file of variables only with `--purge`, and only if Candor made it. */
export async function uninstallService(given: Given, setting: ServiceSetting): Promise<number> {
  const { manager, desk, before, envFile } = setting
  const { print } = desk
  const isOwn = await isOwnEnvFile(envFile)
  const purge = given.flag('purge') && isOwn === true
  if (before === undefined && !purge) throw notInstalled()
  if (before !== undefined && !isOwnService(before))
    throw new CliFault(EXIT.finding, `${manager.file} was not made by candor service install. It was not touched.`)
  if (!print.json && before !== undefined) print.note('Stopping it; running calls are waited for.')
  const stopped = before === undefined ? { ok: true as const } : await runAll(manager.disable, setting)
  const removed = [...(before === undefined ? [] : [manager.file]), ...(purge ? [envFile] : [])]
  for (const file of removed) await rm(file)
  if (before !== undefined) await runAll(manager.forget, setting)
  const kept = isOwn === undefined || purge ? null : envFile
  if (print.json) print.document({ removed, kept, ...(stopped.ok ? {} : { notStopped: stopped.why }) })
  else {
    for (const file of removed) tell(`Removed: ${shown(file, desk)}`, desk)
    if (!stopped.ok) tell(`${stopped.why} It may still run:`, desk)
    if (!stopped.ok) print.note(handWords(manager.disable))
    if (kept !== null) tell(keptWords(shown(kept, desk), isOwn === true), desk)
    print.note('The configuration, the receipts and the keys of the gateway stay.')
  }
  return EXIT.ok
}

function keptWords(file: string, isOwn: boolean): string {
  return isOwn
    ? `Kept, since it holds keys: ${file}. To remove it too: candor service uninstall --purge`
    : `Kept, since it is yours: ${file}`
}
