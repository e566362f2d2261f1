import { existsSync } from 'node:fs'
import type { App } from '../../app/app.ts'
import { loadConfig } from '../../app/config/load.ts'
import type { Machine, Patient } from '../../app/doctor/check.ts'
import { NOT_ASKED } from '../../app/doctor/checks.ts'
import { remarksOf } from '../../app/doctor/configuration.ts'
import { openProbes } from '../../app/doctor/probe.ts'
import { lookedAt } from '../../app/doctor/providers.ts'
import { thisMachine } from '../../app/doctor/this-machine.ts'
import { nearest } from '../../base/nearest.ts'
import { openLedgerReader } from '../../ledger/open.ts'
import type { Machine as ClientMachine } from '../clients/client.ts'
import { appOptions, openAside, pathsOf } from '../gateway-access.ts'
import type { Shell } from '../shell.ts'
import { tell } from '../tell.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, type Desk, EXIT } from '../verb.ts'
import { askRunning } from './ask-running.ts'

/** What is to be examined. */
export interface Appointment {
  /** A provider, or `provider/model`: it is asked for one token. */
  readonly named: string | undefined
  readonly probe: boolean
  readonly config: string | undefined
}

/** A patient, and what is to be done when it leaves. */
export interface Admitted {
  readonly patient: Patient
  /** The configuration file read again, after something was repaired. */
  again(): Promise<Patient>
  close(): Promise<void>
}

/** A ledger of more is not looked through: it takes about a second for a gigabyte. */
const LEDGER_BYTES_MAX = 2 * 1024 * 1024 * 1024

/** Time a program of this machine has to answer, in milliseconds. */
const HEAR_WITHIN_MS = 1_000

/**
 * Opens what the checks look at, with a data folder of its own for calls that are made: nothing of the user's is written. Throws a usage fault for a
 * provider nobody knows.
 */
export async function admit({ named, probe, config }: Appointment, desk: Desk): Promise<Admitted> {
  const { shell } = desk
  const paths = pathsOf(shell, config)
  const load = () => loadConfig({ file: paths.configFile, mustExist: paths.configNamed })
  const loaded = await load()
  const app = loaded.ok ? await openAside({ ...appOptions(desk, config), log: () => {} }) : undefined
  const slash = named?.indexOf('/') ?? -1
  const provider = slash > 0 ? named?.slice(0, slash) : named
  if (app !== undefined && provider !== undefined) await refuseStranger(app, provider)
  const ledger = openLedgerReader(paths.dataDir, 'still')
  // With a file named it is that file that is looked at, and not what a gateway makes of another.
  const running = config === undefined ? await askRunning(desk) : undefined
  const house = app?.house()
  const known = { house, config: loaded.ok ? loaded.config : undefined, provider }
  const patient: Patient = {
    env: shell.env,
    paths,
    machine: machineOf(shell),
    clock: shell.clock,
    loaded,
    remarks: remarksOf(app?.status().config.warnings ?? [], loaded),
    gateway: running?.self,
    ...(running === undefined ? {} : { told: running.told }),
    receipts: ledger.ok ? ledger.reader : undefined,
    ledgerBytesMax: LEDGER_BYTES_MAX,
    ...known,
    ...NOT_ASKED,
    probe,
    ...(house === undefined || !(probe || named !== undefined)
      ? {}
      : {
          probed: openProbes({
            house,
            providers: lookedAt(known),
            model: slash > 0 ? named : undefined,
            asking: ref => tell(`Asking ${ref} for one token: this costs one short call.`, desk),
          }),
        }),
  }
  return {
    patient,
    again: async () => ({ ...patient, loaded: await load() }),
    async close() {
      if (ledger.ok) ledger.reader.close()
      await app?.close()
    },
  }
}

/** The machine as the settings of agents want to know it. */
export function clientMachine({ env, home, runtime }: Shell): ClientMachine {
  return { env, home, os: runtime.os, exists: existsSync }
}

function machineOf(shell: Shell): Machine {
  const { bun, os, arch } = shell.runtime
  return {
    ...thisMachine,
    bun,
    os,
    arch,
    isAlive: pid => shell.isAlive(pid),
    async hear(url) {
      try {
        const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(HEAR_WITHIN_MS) })
        return { ok: response.ok, text: await response.text() }
      } catch {
        return undefined
      }
    },
  }
}

async function refuseStranger(app: App, provider: string): Promise<void> {
  const ids = app.house().directory.providers.map(each => each.id)
  if (ids.includes(provider)) return
  await app.close()
  throw new CliFault(EXIT.usage, `No provider is called "${oneLine(provider, 60)}".`, {
    fix: [...nearest(provider, ids).map(id => `Did you mean: candor doctor ${id}`), 'See all: candor providers'],
  })
}
