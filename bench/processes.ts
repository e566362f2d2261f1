import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A program under the benchmark, on one core. */
export interface Program {
  readonly pid: number
  /** CPU time used so far by the program and its children, in microseconds. */
  cpuMicros(): number
  /** Resident memory in MiB, children included. */
  rssMib(): number
  stop(): Promise<void>
}

const TICK_MICROS = 10_000

/** Starts a program on a core and waits for a line of its output that `ready` understands. */
export async function start<T>(
  core: number,
  command: readonly string[],
  ready: (line: string) => T | undefined,
  env: Readonly<Record<string, string>> = {},
): Promise<Program & { readonly ready: T }> {
  const child = spawn('taskset', ['-c', String(core), ...command], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const first = await firstLine(child, ready)
  return { ...programOf(child), ready: first }
}

/** Starts a program that says nothing; the caller waits for its port. */
export function startQuiet(core: number, command: readonly string[]): Program {
  return programOf(spawn('taskset', ['-c', String(core), ...command], { stdio: ['pipe', 'ignore', 'inherit'] }))
}

function programOf(child: ChildProcess): Program {
  const pid = child.pid ?? 0
  const family = () => [pid, ...childrenOf(pid)]
  return {
    pid,
    cpuMicros: () => family().reduce((sum, id) => sum + cpuOf(id), 0),
    rssMib: () => family().reduce((sum, id) => sum + rssOf(id), 0),
    stop() {
      return new Promise(resolve => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve()
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      })
    },
  }
}

function firstLine<T>(child: ChildProcess, ready: (line: string) => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    let seen = ''
    const take = (chunk: Buffer) => {
      seen += chunk.toString()
      for (const line of seen.split('\n')) {
        const found = ready(line)
        if (found === undefined) continue
        // What comes later is read, and let go: a full pipe would stop the program.
        for (const stream of [child.stdout, child.stderr]) stream?.off('data', take).resume()
        return resolve(found)
      }
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    child.once('exit', () => reject(new Error(`the program ended: ${seen}`)))
  })
}

function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`)
    .trim()
    .split(' ')
    .filter(id => id !== '')
    .map(Number)
}

function cpuOf(pid: number): number {
  // Fields behind the command's name, which may itself hold spaces: utime and stime are the 12th and 13th.
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MICROS
}

function rssOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
