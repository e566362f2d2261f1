import { stat } from 'node:fs/promises'
import type { Environment } from '../../app/config/paths.ts'
import { filled } from '../../app/config/template.ts'
import { readSettings } from '../clients/connection.ts'
import { envFile } from '../clients/env-file.ts'
import { FileFault } from '../clients/file-format.ts'
import { CliFault, EXIT } from '../verb.ts'
import { SERVICE_MARK } from './plan.ts'

const HEAD = `# ${SERVICE_MARK} The service's environment: keep it readable for yourself alone.\n`

/** A file of variables as it is: their names, never what they hold. */
export interface EnvFile {
  readonly file: string
  readonly text: string
  readonly names: readonly string[]
}

/** Reads a file of variables; undefined if there is none. Throws {@link CliFault} if others may read it, for it holds keys. */
export async function readEnvFile(file: string): Promise<EnvFile | undefined> {
  const facts = await stat(file).catch(() => undefined)
  if (facts === undefined) return undefined
  if (!facts.isFile()) throw new CliFault(EXIT.usage, `${file} is not a file.`)
  const mode = facts.mode & 0o777
  if ((mode & 0o077) !== 0)
    throw new CliFault(EXIT.usage, `${file} is open to others (mode ${mode.toString(8).padStart(4, '0')}).`, {
      why: 'It holds keys.',
      fix: [`Close it: chmod 600 ${file}`],
    })
  const text = (await readSettings(file)) ?? ''
  return { file, text, names: Object.keys(envFile.parse(text)) }
}

/** Whether `candor service install` made the file of variables; undefined if there is none. */
export async function isOwnEnvFile(file: string): Promise<boolean | undefined> {
  return (await readSettings(file))?.startsWith(HEAD)
}

/** The text of the file with these variables as they are set now. Throws {@link CliFault} if one cannot stand in such a file. */
export function withVariables(before: EnvFile | undefined, names: readonly string[], env: Environment): string {
  let text = before?.text ?? HEAD
  for (const name of names) {
    try {
      text = envFile.set(text, [name], filled(env, name) ?? '')
    } catch (error) {
      if (!(error instanceof FileFault)) throw error
      throw new CliFault(EXIT.finding, `What ${name} holds cannot stand in a file of variables. Nothing was written.`, {
        fix: ['Put it into a file of its own, and name that in the configuration: { file: "/path" }'],
      })
    }
  }
  return text
}
