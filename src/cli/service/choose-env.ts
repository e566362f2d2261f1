import { filled } from '../../app/config/template.ts'
import { confirm } from '../confirm.ts'
import { isInteractive } from '../shell.ts'
import { shown, tell } from '../tell.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, type Desk, EXIT, type Given } from '../verb.ts'
import { type EnvFile, readEnvFile } from './env-file.ts'
import type { ServiceSetting } from './setting.ts'
import { type Variable, variablesFor } from './variables.ts'

/** Where the service's environment comes from. */
export interface EnvironmentChoice {
  /** The file of variables; undefined: none. */
  readonly file: string | undefined
  /** As it is now; undefined if it is not there. */
  readonly before: EnvFile | undefined
  /** Variables of this shell that are written into it. */
  readonly taken: readonly string[]
  /** Variables the configuration needs, and nothing gives to the service. */
  readonly missing: readonly string[]
  /** Variables that are set here and that the service will not see. */
  readonly leftOut: readonly string[]
}

/**
 * Finds the file of variables, and asks whether to make it of what is set here. Writes nothing. Throws {@link CliFault}: a named file that is not
 * there or is open to others, a variable that is not set.
 */
export async function chooseEnvironment(given: Given, setting: ServiceSetting): Promise<EnvironmentChoice> {
  const { desk, config } = setting
  const named = setting.choices.envFile ?? undefined
  const before = await readEnvFile(named ?? setting.envFile)
  const isForeign = named !== undefined && named !== setting.envFile
  if (isForeign && before === undefined) throw new CliFault(EXIT.usage, `There is no ${named}.`)
  const typed = given.list('take-env').map(name => typedVariable(name, desk))
  if (isForeign && typed.length > 0)
    throw new CliFault(EXIT.usage, '--take-env writes only into the file Candor makes.', {
      fix: [`Write the variables into ${named} yourself, or leave --environment-file away.`],
    })
  const has = new Set(before?.names ?? [])
  const open = variablesFor(config, desk.shell.env).filter(({ name }) => !has.has(name))
  const mayAsk = !isForeign && typed.length === 0 && !given.flag('dry-run') && !given.flag('yes')
  const taken = mayAsk ? await asked(open, setting) : typed
  const rest = open.filter(({ name }) => !taken.includes(name))
  const isThere = before !== undefined || taken.length > 0
  return {
    file: isThere ? (named ?? setting.envFile) : undefined,
    before,
    taken,
    missing: namesOf(rest.filter(({ needed }) => needed)),
    leftOut: namesOf(rest.filter(({ needed, isSet }) => !needed && isSet)),
  }
}

function typedVariable(name: string, { shell }: Desk): string {
  if (/^[A-Za-z_]\w*$/.test(name) && filled(shell.env, name) !== undefined) return name
  throw new CliFault(EXIT.usage, `--take-env: ${oneLine(name, 60)} is not set here.`, {
    fix: ['Name a variable that is set, without its value: --take-env OPENAI_API_KEY'],
  })
}

async function asked(open: readonly Variable[], setting: ServiceSetting): Promise<readonly string[]> {
  const { desk, envFile } = setting
  const names = namesOf(open.filter(({ isSet }) => isSet))
  if (names.length === 0 || !isInteractive(desk.shell)) return []
  tell('A service does not see the variables of this shell. Set here, and of use to the gateway:', desk)
  tell(names.join(', '), desk, '  ')
  tell(`They can be written, as they are now, into ${shown(envFile, desk)}, readable for you alone.`, desk)
  const yes = await confirm('Write them?', desk)
  return yes ? names : []
}

function namesOf(variables: readonly Variable[]): readonly string[] {
  return variables.map(({ name }) => name)
}
