import { readdir, readFile, readlink } from 'node:fs/promises'
import { canConnect } from '../../upstream/connect-probe.ts'
import { answers, findGateway } from '../gateway-access.ts'
import type { Check, Finding, Patient } from './finding.ts'

const CONNECT_WITHIN_MS = 1_000

/** Whether the port is free, ours, or somebody else's. */
export const portCheck: Check = {
  id: 'gateway',
  async run(patient) {
    const note = await findGateway(patient.paths)
    if (note !== undefined && (await answers(note, patient.desk.shell)))
      return [
        {
          id: 'gateway',
          severity: 'ok',
          message: `The gateway runs at ${note.url} (process ${note.pid}, candor ${note.version}).`,
        },
      ]
    const stale: readonly Finding[] =
      note === undefined
        ? []
        : [
            {
              id: 'gateway.gone',
              severity: 'info',
              message: `The last gateway (${note.url}) did not stop in order; it is no longer there.`,
            },
          ]
    return [...stale, await portFinding(patient)]
  },
}

async function portFinding({ loaded }: Patient): Promise<Finding> {
  if (!loaded.ok)
    return { id: 'gateway.port', severity: 'info', message: 'The port is not looked at: the configuration has faults.' }
  const { host, port } = loaded.config.gateway
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const origin = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
  if (port === 0 || !(await canConnect(origin, CONNECT_WITHIN_MS)))
    return { id: 'gateway.port', severity: 'ok', message: `No gateway runs; its port ${port} is free.` }
  const pid = await listenerOf(port)
  const program = (await isCandor(origin)) ? 'another Candor' : 'another program'
  const who = pid === undefined ? program : `${program}, process ${pid}${await nameOf(pid)}`
  return {
    id: 'gateway.port',
    severity: 'error',
    message: `Port ${port} is taken by ${who}; it is not the gateway of this data folder.`,
    fixHint: `Stop that program, or choose another port: candor config set gateway.port ${port + 1}`,
  }
}

/** Candor greets at its root; see `home` in src/http/answers.ts. */
async function isCandor(origin: string): Promise<boolean> {
  try {
    const response = await fetch(`${origin}/`, { redirect: 'manual', signal: AbortSignal.timeout(CONNECT_WITHIN_MS) })
    return (await response.text()).startsWith('Candor ')
  } catch {
    return false
  }
}

/** The process that listens on a TCP port, where the system tells (Linux: /proc). */
async function listenerOf(port: number): Promise<number | undefined> {
  const inodes = new Set<string>()
  for (const table of ['tcp', 'tcp6']) {
    const text = await readFile(`/proc/net/${table}`, 'utf8').catch(() => '')
    for (const row of text.split('\n').slice(1)) {
      const cells = row.trim().split(/\s+/)
      const own = cells[1]?.split(':')[1] ?? ''
      if (Number.parseInt(own, 16) === port && cells[3] === LISTENING) inodes.add(`socket:[${cells[9]}]`)
    }
  }
  if (inodes.size === 0) return undefined
  const pids = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name))
  for (const pid of pids) if (await hasSocket(pid, inodes)) return Number(pid)
  return undefined
}

/** The state TCP_LISTEN in /proc/net/tcp. */
const LISTENING = '0A'

async function hasSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder).catch(() => [])
  const targets = await Promise.all(names.map(name => readlink(`${folder}/${name}`).catch(() => '')))
  return targets.some(target => inodes.has(target))
}

async function nameOf(pid: number): Promise<string> {
  const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
  return name === '' ? '' : ` (${name.replace(/[^\x20-\x7e]/g, '?')})`
}
