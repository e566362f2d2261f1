import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a load of whole requests showed. */
export interface RequestFigures {
  readonly perSecond: number
  readonly requests: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers other than 2xx, and broken connections. */
  readonly failed: number
}

/** Posts the same body from `connections` at once for some seconds, with wrk on the other core. */
export function requestLoad(
  core: number,
  url: string,
  body: string,
  connections: number,
  seconds: number,
): RequestFigures {
  const folder = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  const script = join(folder, 'post.lua')
  writeFileSync(
    script,
    `wrk.method = "POST"\nwrk.headers["content-type"] = "application/json"\nwrk.body = [==[${body}]==]\n`,
  )
  const args = ['-c', String(core), 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url]
  const { stdout } = spawnSync('taskset', args, { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0)
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? []
  return {
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    requests: number(/(\d+) requests in/),
    p50Ms: inMs(/50%\s+([\d.]+)(us|ms|s)/.exec(stdout)),
    p99Ms: inMs(/99%\s+([\d.]+)(us|ms|s)/.exec(stdout)),
    failed: number(/Non-2xx or 3xx responses: (\d+)/) + errors.reduce((sum, n) => sum + Number(n), 0),
  }
}

function inMs(match: RegExpExecArray | null): number {
  const value = Number(match?.[1] ?? Number.NaN)
  return match?.[2] === 'us' ? value / 1000 : match?.[2] === 's' ? value * 1000 : value
}

/** What a load of streams showed. */
export interface StreamFigures {
  readonly streams: number
  readonly events: number
  readonly seconds: number
  readonly firstByteP50Ms: number
  readonly firstByteP99Ms: number
  readonly failed: number
}

/** Reads `total` streams to their end, `concurrent` at a time. */
export async function streamLoad(url: string, body: string, concurrent: number, total: number): Promise<StreamFigures> {
  const firstBytes: number[] = []
  let events = 0
  let failed = 0
  let begun = 0
  const began = performance.now()
  async function reader(): Promise<void> {
    while (begun < total) {
      begun += 1
      const got = await readOne(url, body)
      events += got.events
      if (got.complete) firstBytes.push(got.firstByteMs)
      else failed += 1
    }
  }
  await Promise.all(Array.from({ length: concurrent }, reader))
  firstBytes.sort((a, b) => a - b)
  const at = (part: number) => firstBytes[Math.floor(firstBytes.length * part)] ?? Number.NaN
  return {
    streams: total,
    events,
    seconds: (performance.now() - began) / 1000,
    firstByteP50Ms: at(0.5),
    firstByteP99Ms: at(0.99),
    failed,
  }
}

const NEWLINE = 0x0a
const ENDINGS = ['data: [DONE]\n\n', 'event: message_stop']

async function readOne(url: string, body: string): Promise<{ events: number; firstByteMs: number; complete: boolean }> {
  const began = performance.now()
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }
  const response = await fetch(url, { method: 'POST', headers, body })
  let firstByteMs = Number.NaN
  let events = 0
  let tail = ''
  if (response.body === null) return { events, firstByteMs, complete: false }
  for await (const chunk of response.body) {
    if (Number.isNaN(firstByteMs)) firstByteMs = performance.now() - began
    for (let i = 1; i < chunk.length; i += 1) if (chunk[i] === NEWLINE && chunk[i - 1] === NEWLINE) events += 1
    tail = (tail + new TextDecoder().decode(chunk.subarray(-80))).slice(-120)
  }
  return { events, firstByteMs, complete: response.ok && ENDINGS.some(ending => tail.includes(ending)) }
}
