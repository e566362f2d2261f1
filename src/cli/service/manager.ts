import { join } from 'node:path'
import { folderIn, type Machine } from '../clients/client.ts'
import { CliFault, EXIT } from '../verb.ts'
import { LABEL, launchdPlist } from './launchd-plist.ts'
import type { ServicePlan } from './plan.ts'
import { isUnrunnablePath, isUnwritablePath } from './quoting.ts'
import type { RunCommand } from './run-command.ts'
import { systemdUnit, UNIT } from './systemd-unit.ts'

/** What the manager says of the service. `unknown`: it cannot be asked. */
export type Activity = 'active' | 'inactive' | 'starting' | 'stopping' | 'failed' | 'unknown'

/** One command line of the manager. */
export type Command = readonly string[]

/** What can be done with a service, once its file is there. */
export type ServiceStep = 'start' | 'stop' | 'restart'

/** A program that starts services for a user, as data and small functions. */
export interface ServiceManager {
  readonly name: 'systemd' | 'launchd'
  /** Its program on the search path. */
  readonly program: string
  /** The service file. */
  readonly file: string
  text(plan: ServicePlan): string
  /** Why these paths cannot stand in the file; undefined if they can. */
  refusal(plan: ServicePlan): string | undefined
  /** After the file was written: makes it known, and started at every login. */
  readonly enable: readonly Command[]
  /** Before the file is removed: stops it, and starts it no more. */
  readonly disable: readonly Command[]
  /** After the file was removed. */
  readonly forget: readonly Command[]
  readonly steps: Readonly<Record<ServiceStep, readonly Command[]>>
  activity(run: RunCommand): Promise<Activity>
  /** Where the words of the service are read. */
  readonly logs: string
  /** What lets it run while nobody is logged in; undefined if that is so already, or is not known. */
  lingerHint(run: RunCommand): Promise<string | undefined>
}

/** The manager of this machine. Throws a {@link CliFault} where there is none that Candor knows. */
export function managerOf(machine: Machine, userId: number, logFile: string): ServiceManager {
  if (machine.os === 'linux') return systemd(machine)
  if (machine.os === 'darwin') return launchd(machine, userId, logFile)
  throw new CliFault(EXIT.absent, `Services on ${machine.os} are not supported.`, {
    why: 'Candor knows systemd on Linux and launchd on macOS.',
    fix: ['Let the service manager you have run this, and restart it when it ends with anything but 0: candor serve'],
  })
}

function systemd({ env, home }: Machine): ServiceManager {
  const config = folderIn(env, 'XDG_CONFIG_HOME') ?? join(home, '.config')
  const systemctl = (...words: string[]) => ['systemctl', '--user', ...words]
  return {
    name: 'systemd',
    program: 'systemctl',
    file: join(config, 'systemd', 'user', UNIT),
    text: systemdUnit,
    refusal: systemdRefusal,
    enable: [systemctl('daemon-reload'), systemctl('enable', UNIT)],
    disable: [systemctl('disable', '--now', UNIT)],
    forget: [systemctl('daemon-reload')],
    steps: {
      start: [systemctl('start', UNIT)],
      stop: [systemctl('stop', UNIT)],
      restart: [systemctl('restart', UNIT)],
    },
    async activity(run) {
      const { out } = await run(systemctl('is-active', UNIT))
      return ACTIVITIES[out.trim()] ?? 'unknown'
    },
    logs: 'journalctl --user -u candor',
    async lingerHint(run) {
      const { code, out } = await run(['loginctl', 'show-user', env['USER'] ?? '', '--property=Linger', '--value'])
      if (code !== 0 || out.trim() !== 'no') return undefined
      return 'It runs while you are logged in. To let it run always: loginctl enable-linger'
    },
  }
}

function systemdRefusal({ program, choices: { envFile } }: ServicePlan): string | undefined {
  const executable = program.runtime ?? program.launcher
  if (isUnrunnablePath(executable))
    return `systemd runs no program with quotes or a backslash in its path: ${executable}`
  if (envFile === null || !isUnwritablePath(envFile)) return undefined
  return `systemd cannot read a file of that name: ${envFile}`
}

/** What `systemctl is-active` prints: systemctl(1), and the list of states in systemd's own `unit-def.c`. */
const ACTIVITIES: Readonly<Record<string, Activity>> = {
  active: 'active',
  reloading: 'active',
  inactive: 'inactive',
  failed: 'failed',
  activating: 'starting',
  deactivating: 'stopping',
}

/** launchctl(1). A service that was booted out is not known any more, so a start makes it known again. */
function launchd({ home }: Machine, userId: number, logFile: string): ServiceManager {
  const file = join(home, 'Library', 'LaunchAgents', `${LABEL}.plist`)
  const domain = `gui/${userId}`
  const service = `${domain}/${LABEL}`
  const load = [['launchctl', 'bootstrap', domain, file]]
  const unload = [['launchctl', 'bootout', service]]
  return {
    name: 'launchd',
    program: 'launchctl',
    file,
    text: launchdPlist,
    refusal: ({ program, choices }) =>
      program.runtime === undefined && choices.envFile !== null
        ? 'launchd reads no file of variables, and the single binary neither: name the keys as { file: "…" } in the configuration.'
        : undefined,
    enable: [['launchctl', 'enable', service]],
    disable: unload,
    forget: [],
    steps: { start: load, stop: unload, restart: [...unload, ...load] },
    async activity(run) {
      const { code, out } = await run(['launchctl', 'print', service])
      if (code === undefined) return 'unknown'
      if (code !== 0) return 'inactive'
      return /^\s*state = running$/m.test(out) ? 'active' : 'failed'
    },
    logs: `tail -f ${logFile}`,
    lingerHint: async () => undefined,
  }
}
