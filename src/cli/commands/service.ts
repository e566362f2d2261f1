import { installService } from '../service/install.ts'
import type { ServiceStep } from '../service/manager.ts'
import { ownProgram } from '../service/own-program.ts'
import type { OwnProgram } from '../service/plan.ts'
import { openSetting } from '../service/setting.ts'
import { serviceStatus } from '../service/status.ts'
import { stepService } from '../service/steps.ts'
import { uninstallService } from '../service/uninstall.ts'
import type { Shell } from '../shell.ts'
import { CONFIG_OPTION, type Verb, wholeNumber } from '../verb.ts'
import { LISTEN_OPTIONS } from './serve.ts'

/** `candor service`, for a program that is started in this way. */
export function serviceFor(programOf: (shell: Shell) => OwnProgram): Verb {
  const step = (name: ServiceStep, summary: string): Verb => ({
    name,
    summary,
    examples: [{ line: `candor service ${name}`, about: STEP_EXAMPLES[name] }],
    run: async (given, desk) => stepService(name, await openSetting(given, desk, programOf(desk.shell))),
  })
  return {
    name: 'service',
    summary: 'Run the gateway in the background, from login on: systemd on Linux, launchd on macOS',
    examples: [
      { line: 'candor service install', about: 'writes the service file, and starts the gateway' },
      { line: 'candor service status', about: 'does it run, and is the file still right?' },
    ],
    verbs: [
      installFor(programOf),
      step('start', 'Start the service'),
      step('stop', 'Stop the service, once its running calls have ended'),
      step('restart', 'Stop and start the service'),
      {
        name: 'status',
        summary: 'Whether the service is installed, runs, answers, and is still as it should be',
        examples: [{ line: 'candor service status --json', about: 'exit code 0 only if all is well' }],
        run: async (given, desk) => serviceStatus(await openSetting(given, desk, programOf(desk.shell))),
      },
      {
        name: 'uninstall',
        summary: 'Stop the service and remove its file',
        options: [{ flags: '--purge', about: 'remove the file of variables too, if Candor made it' }],
        examples: [{ line: 'candor service uninstall', about: 'the configuration and the receipts stay' }],
        run: async (given, desk) => uninstallService(given, await openSetting(given, desk, programOf(desk.shell))),
      },
    ],
  }
}

const STEP_EXAMPLES: Readonly<Record<ServiceStep, string>> = {
  start: 'once it is installed',
  stop: 'until the next start or login',
  restart: 'after an update of Candor',
}

/** Not `--env-file`: Node.js 20 takes that for its own wherever it stands on the line, and ends where the file is not there. */
const ENVIRONMENT_FILE = '--environment-file <file>'

/** `candor service`. */
export const service: Verb = serviceFor(ownProgram)

function installFor(programOf: (shell: Shell) => OwnProgram): Verb {
  return {
    name: 'install',
    summary: 'Write the service file and start the gateway; shows a change of the file first',
    options: [
      ...LISTEN_OPTIONS,
      CONFIG_OPTION,
      { flags: ENVIRONMENT_FILE, about: 'variables for the service, NAME=value a line; only you may read it' },
      {
        flags: '--take-env <name>',
        about: 'hand over a variable as it is set here, in a file of its own; may be repeated',
        repeats: true,
      },
      { flags: '--no-start', about: 'do not start it now' },
      { flags: '--dry-run', about: 'show the file and what would be done, and do nothing' },
      { flags: '-y, --yes', about: 'change a service file that is there without asking' },
    ],
    examples: [
      { line: 'candor service install --dry-run', about: 'only look' },
      { line: 'candor service install --take-env OPENAI_API_KEY', about: 'with a key of this shell' },
      { line: 'candor service install --environment-file ~/keys.env', about: 'with a file of your own' },
    ],
    asks: true,
    notes: () =>
      'A service does not see the variables of your shell. Keys come to it from a file of variables, or from files that the configuration names; none is ever written into the service file. Options of an earlier install stay until given anew.',
    async run(given, desk) {
      wholeNumber(given, 'port', 1, 65_535)
      return await installService(given, await openSetting(given, desk, programOf(desk.shell)))
    },
  }
}
