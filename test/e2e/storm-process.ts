import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** TCP connections of a process, those it only listens on aside. */
export interface Connections {
  /** To the port it serves. */
  readonly clients: number
  /** To anybody else. */
  readonly providers: number
}

/** What a process holds when it has nothing to do. */
export interface ProcessState {
  readonly inFlight: number
  readonly ledgerLost: number
  /** When all clients had gone: those to providers wait for their next use. */
  readonly idle: Connections
  /** When the providers had gone too. */
  readonly last: Connections
  /** Memory in bytes: now, and the most it ever was. */
  readonly rss: number
  readonly rssMost: number
}

/** The state TCP_LISTEN in /proc/net/tcp. */
const LISTEN = '0A'

/** Looks at the connections of a process that serves a port. */
export function connectionsOf(pid: number, port: number): Connections {
  const inodes = new Set(readdirSync(`/proc/${pid}/fd`).map(fd => inodeOf(`/proc/${pid}/fd/${fd}`)))
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let clients = 0
  let providers = 0
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1)) {
      const [, here = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      if (state === LISTEN || !inodes.has(inode)) continue
      if (here.endsWith(local)) clients += 1
      else providers += 1
    }
  }
  return { clients, providers }
}

/** The inode of a socket; a descriptor may be closed while it is looked at. */
function inodeOf(descriptor: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(descriptor))?.[1]
  } catch {
    return undefined
  }
}

/** How long the kernel and the event loop may take to notice that the other sides are gone, in milliseconds. */
const NOTICE_MS = 5_000

/** The connections once they are as wanted, or as they are when that takes too long. */
export async function settledConnections(
  pid: number,
  port: number,
  wanted: (now: Connections) => boolean,
): Promise<Connections> {
  const until = performance.now() + NOTICE_MS
  let now = connectionsOf(pid, port)
  while (!wanted(now) && performance.now() < until) {
    await new Promise(setImmediate)
    now = connectionsOf(pid, port)
  }
  return now
}

/** Resident memory of a process, in bytes. */
export function memoryOf(pid: number): Pick<ProcessState, 'rss' | 'rssMost'> {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? Number.NaN)
  return { rss: kib('VmRSS') * 1024, rssMost: kib('VmHWM') * 1024 }
}
