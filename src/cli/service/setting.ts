import { dirname, join, resolve } from 'node:path'
import type { Config } from '../../app/config/config.ts'
import { loadConfig } from '../../app/config/load.ts'
import type { Paths } from '../../app/config/paths.ts'
import { folderIn } from '../clients/client.ts'
import { readSettings } from '../clients/connection.ts'
import { machineOf } from '../commands/run.ts'
import { pathsOf } from '../gateway-access.ts'
import { CliFault, type Desk, EXIT, type Given } from '../verb.ts'
import { managerOf, type ServiceManager } from './manager.ts'
import { type OwnProgram, readChoices, SERVICE_MARK, type ServiceChoices, type ServicePlan } from './plan.ts'
import { commandRunner, type RunCommand } from './run-command.ts'

/** The service of this machine, as it is and as it would be. */
export interface ServiceSetting {
  readonly desk: Desk
  readonly manager: ServiceManager
  readonly run: RunCommand
  readonly program: OwnProgram
  readonly paths: Paths
  /** Undefined if the configuration cannot be used. */
  readonly config: Config | undefined
  /** The service file as it is; undefined if there is none. */
  readonly before: string | undefined
  /** What it was made with. */
  readonly choices: ServiceChoices
  /** Where the file of variables is made. */
  readonly envFile: string
}

const NO_CHOICES: ServiceChoices = { serve: [], envFile: null }

/** Looks at the machine. Writes nothing. Throws {@link CliFault} where services are not supported. */
export async function openSetting(given: Given, desk: Desk, program: OwnProgram): Promise<ServiceSetting> {
  const { shell } = desk
  const machine = machineOf(shell)
  const manager = managerOf(machine, program.userId, logFileOf(shell.home))
  const before = await readSettings(manager.file)
  const choices = choicesNow(given, (before === undefined ? undefined : readChoices(before)) ?? NO_CHOICES, shell.cwd)
  const paths = pathsOf(shell, optionIn(choices, '--config'))
  const loaded = await loadConfig({ file: paths.configFile, mustExist: paths.configNamed })
  return {
    desk,
    manager,
    run: commandRunner(shell),
    program,
    paths,
    config: loaded.ok ? loaded.config : undefined,
    before,
    choices,
    envFile: join(dirname(paths.configFile), 'service.env'),
  }
}

/** True if `candor service install` made the service file. */
export function isOwnService(text: string): boolean {
  return text.split('\n', 3).some(line => line.includes(SERVICE_MARK))
}

/** The faults of a service file that is not there. */
export function notInstalled(): CliFault {
  return new CliFault(EXIT.finding, 'The service is not installed.', { fix: ['Install it: candor service install'] })
}

/** What goes into the service file. */
export function planOf(setting: ServiceSetting, envFile: string | null): ServicePlan {
  const { program, choices, config, desk } = setting
  return {
    program,
    choices: { ...choices, envFile },
    places: placesIn(desk),
    stopWithinS: Math.max(STOP_WITHIN_S, Math.ceil((config?.gateway.drainMs ?? 0) / 1_000) + STOP_MARGIN_S),
    logFile: logFileOf(desk.shell.home),
  }
}

/** Least time a stop may take, in seconds: `gateway.drainMs` can be raised to ten minutes without a new service file. */
const STOP_WITHIN_S = 660
/** Time for the last bytes, and to close the ledger, in seconds. */
const STOP_MARGIN_S = 60

/** The variables that decide where the configuration and the data are, and that a service would not have. */
function placesIn({ shell }: Desk): Readonly<Record<string, string>> {
  const names = ['CANDOR_CONFIG', 'CANDOR_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME']
  return Object.fromEntries(
    names.flatMap(name => {
      const path = folderIn(shell.env, name)
      return path === undefined ? [] : [[name, path]]
    }),
  )
}

function logFileOf(home: string): string {
  return join(home, 'Library', 'Logs', 'candor.log')
}

/** Options that were given now replace those of the last time; the others stay. */
function choicesNow(given: Given, earlier: ServiceChoices, cwd: string): ServiceChoices {
  const config = given.text('config')
  const fresh: Readonly<Record<string, string | undefined>> = {
    '--config': config === undefined ? undefined : resolve(cwd, config),
    '--host': given.text('host'),
    '--port': given.text('port'),
  }
  const serve = Object.keys(fresh).flatMap(name => {
    const value = fresh[name] ?? optionIn(earlier, name)
    return value === undefined ? [] : [name, value]
  })
  const envFile = given.text('environment-file')
  return { serve, envFile: envFile === undefined ? earlier.envFile : resolve(cwd, envFile) }
}

function optionIn({ serve }: ServiceChoices, name: string): string | undefined {
  const at = serve.indexOf(name)
  return at < 0 ? undefined : serve[at + 1]
}
