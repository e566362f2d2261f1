import { choicesLine, SERVICE_MARK, type ServicePlan } from './plan.ts'
import { systemdPath, systemdWord } from './quoting.ts'

/** The unit's name, for `systemctl --user`. */
export const UNIT = 'candor.service'

/**
 * The unit for a user's own systemd, from version 244 on. `KillMode=mixed`: without `execve` the launcher stays beside the program and hands signals
 * on, and a second SIGTERM would mean "stop at once". Exit code 2 is a configuration that cannot be used: starting again would not mend it.
 */
export function systemdUnit(plan: ServicePlan): string {
  const { program, choices, places, stopWithinS } = plan
  const { runtime, launcher } = program
  const words = [...(runtime === undefined ? [] : [runtime]), launcher, 'serve', ...choices.serve]
  const environment = Object.entries(places).map(([name, value]) => `Environment=${systemdWord(`${name}=${value}`)}`)
  const file = choices.envFile === null ? [] : [`EnvironmentFile=${systemdPath(choices.envFile)}`]
  return `# ${SERVICE_MARK} Your own settings belong beside it: systemctl --user edit candor
# ${choicesLine(plan)}

[Unit]
Description=Candor, a gateway for language models
# It has an effect only where the user's manager has such a target.
After=network-online.target
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=exec
ExecStart=:${words.map(systemdWord).join(' ')}
${[...environment, ...file].map(line => `${line}\n`).join('')}KillMode=mixed
KillSignal=SIGTERM
TimeoutStopSec=${stopWithinS}
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=2
UMask=0077
# A user's manager may not make file systems read-only or private (systemd.exec(5)); these it may.
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes

[Install]
WantedBy=default.target
`
}
