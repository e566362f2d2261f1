import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** What a process holds when it has nothing to do. */
export interface ProcessState {
  readonly inFlight: number
  readonly ledgerLost: number
  /** Connections to anybody. */
  readonly connections: number
  /** Memory in bytes: now, and the most it ever was. */
  readonly rss: number
  readonly rssMost: number
}

const LISTEN = '0A'

/** TCP connections of a process, those it only listens on aside. */
export function connectionsOf(pid: number): number {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap(fd => {
      try {
        return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? '']
      } catch {
        return []
      }
    }),
  )
  const lines = ['tcp', 'tcp6'].flatMap(table =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1),
  )
  return lines.filter(line => {
    const fields = line.trim().split(/\s+/)
    return fields[3] !== LISTEN && inodes.has(fields[9] ?? '')
  }).length
}

/** How long the kernel and the event loop may take to notice that the other sides are gone, in milliseconds. */
const NOTICE_MS = 5_000

/** Waits until a process has no connection, or for as long as it may take. */
export async function socketsGone(pid: number): Promise<void> {
  const until = performance.now() + NOTICE_MS
  while (connectionsOf(pid) > 0 && performance.now() < until) await new Promise(setImmediate)
}

/** Reads the state of a process. */
export function stateOf(
  pid: number,
  status: { readonly inFlight: number; readonly ledger: { readonly lost: number } },
): ProcessState {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? Number.NaN)
  return {
    inFlight: status.inFlight,
    ledgerLost: status.ledger.lost,
    connections: connectionsOf(pid),
    rss: kib('VmRSS') * 1024,
    rssMost: kib('VmHWM') * 1024,
  }
}
