import { rm } from 'node:fs/promises'
import { canConnect } from '../../upstream/connect-probe.ts'
import type { GatewayNote } from '../app.ts'
import { gatewayNotePath, readGatewayNote } from '../gateway-note.ts'
import type { Check, Found, Machine, Patient, Repair } from './check.ts'

const CONNECT_WITHIN_MS = 1_000

/** Whether the gateway runs, and whether the port is free, ours, or somebody else's. */
export const portCheck: Check = {
  id: 'gateway',
  about: 'the gateway, its port, and who listens there',
  async run(patient, tell) {
    const { paths, gateway, machine } = patient
    const note = await readGatewayNote(paths.dataDir)
    if (gateway !== undefined && gateway.elsewhere !== true) return tell(ownFinding(note, gateway.pid, paths.dataDir))
    if (note === undefined) return tell(await portFinding(patient))
    if (!machine.isAlive(note.pid)) {
      tell(goneFinding(note, paths.dataDir))
      return tell(await portFinding(patient))
    }
    const listeners = await machine.listeners(Number(new URL(note.url).port))
    if (listeners.length > 0 && !listeners.includes(note.pid)) tell(await supplanted(note, listeners, machine))
    else if ((await machine.hear(`${note.url}/livez`))?.ok !== true) tell(silentFinding(note))
    else if (listeners.length > 1) tell(sharedFinding(note, listeners))
    else tell(runsFinding(note))
  },
}

function runsFinding({ url, pid, version }: GatewayNote): Found {
  return { id: 'gateway', severity: 'ok', message: `The gateway runs at ${url} (process ${pid}, candor ${version}).` }
}

/** The gateway that asks looks for its own note: other commands find it by that. */
function ownFinding(note: GatewayNote | undefined, pid: number, dataDir: string): Found {
  if (note?.pid === pid) return runsFinding(note)
  const path = gatewayNotePath(dataDir)
  const says = note === undefined ? 'is not there, or cannot be read' : `names process ${note.pid}`
  return {
    id: 'gateway.note',
    severity: 'warning',
    message: `This gateway is process ${pid}, but ${path} ${says}: other commands do not find it.`,
    path,
    fixHint: 'Start the gateway anew; it writes that file.',
  }
}

function goneFinding({ pid, url }: GatewayNote, dataDir: string): Found {
  const path = gatewayNotePath(dataDir)
  return {
    id: 'gateway.gone',
    severity: 'info',
    message: `The last gateway (${url}, process ${pid}) did not stop in order, and left a note behind. It is no longer there.`,
    path,
    fixHint: 'Run: candor doctor --fix',
    repair: noteRepair(path, pid, dataDir),
  }
}

/** A gateway may have started meanwhile, and written its own. */
function noteRepair(path: string, pid: number, dataDir: string): Repair {
  return {
    what: `Removes ${path}, the note of a gateway that is gone.`,
    async mend() {
      if ((await readGatewayNote(dataDir))?.pid === pid) await rm(path, { force: true })
    },
  }
}

function silentFinding({ pid, url }: GatewayNote): Found {
  return {
    id: 'gateway.silent',
    severity: 'warning',
    message: `Process ${pid} is there, but no gateway answers at ${url} within a second: it hangs, or it is another program with the number of a gateway that is gone.`,
    fixHint: `See which program it is: ps -p ${pid}. If it is Candor, stop it and start it anew.`,
  }
}

async function supplanted({ pid, url }: GatewayNote, listeners: readonly number[], machine: Machine): Promise<Found> {
  const who = (await isCandor(url, machine)) ? 'another Candor, with a data folder of its own,' : 'another program'
  return {
    id: 'gateway.duplicate',
    severity: 'error',
    message: `At ${url} ${who} listens (process ${listeners.join(', ')}), not the gateway of this data folder (process ${pid}).`,
    fixHint: 'Stop one of the two, or give them ports of their own: gateway.port in the configuration of each.',
  }
}

function sharedFinding({ pid, url }: GatewayNote, listeners: readonly number[]): Found {
  const others = listeners.filter(each => each !== pid)
  return {
    id: 'gateway.duplicate',
    severity: 'error',
    message: `The port of ${url} has more than one listener: the gateway of this data folder (process ${pid}) and process ${others.join(', ')}. Which of them gets a call is chance, or depends on the address.`,
    fixHint: 'Stop one of them, or give them ports of their own.',
  }
}

async function portFinding({ config, machine }: Patient): Promise<Found> {
  if (config === undefined)
    return { id: 'gateway.port', severity: 'info', message: 'The port is not looked at: the configuration has faults.' }
  const { host, port } = config.gateway
  if (port === 0) return { id: 'gateway', severity: 'ok', message: 'No gateway runs; it will take any free port.' }
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const origin = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
  if (!(await canConnect(origin, CONNECT_WITHIN_MS)))
    return { id: 'gateway.port', severity: 'ok', message: `No gateway runs; its port ${port} is free.` }
  const listeners = await machine.listeners(port)
  const program = (await isCandor(origin, machine))
    ? 'another Candor, with a data folder of its own'
    : 'another program'
  const named = await Promise.all(listeners.map(async pid => `process ${pid}${await machine.nameOf(pid)}`))
  return {
    id: 'gateway.port',
    severity: 'error',
    message: `Port ${port} is taken by ${[program, ...named].join(', ')}; it is not the gateway of this data folder.`,
    fixHint: `Stop that program, or choose another port: candor config set gateway.port ${port === 65_535 ? port - 1 : port + 1}`,
  }
}

/** Candor greets at its root; see `home` in src/http/answers.ts. */
async function isCandor(origin: string, machine: Machine): Promise<boolean> {
  return (await machine.hear(`${origin}/`))?.text.startsWith('Candor ') === true
}
