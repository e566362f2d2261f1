import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Call, StreamCall } from './calls.ts'

/** What a load of whole requests showed. */
export interface RequestFigures {
  readonly perSecond: number
  readonly requests: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers other than 2xx, and broken connections. */
  readonly failed: number
}

/** Makes the same call from `connections` at once for some seconds, with wrk on the other core. */
export function requestLoad(
  core: number,
  address: string,
  { path, body, headers }: Call,
  connections: number,
  seconds: number,
): RequestFigures {
  const folder = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  const script = join(folder, 'post.lua')
  const lines = Object.entries({ 'content-type': 'application/json', ...headers }).map(
    ([name, value]) => `wrk.headers["${name}"] = "${value}"\n`,
  )
  writeFileSync(script, `wrk.method = "POST"\n${lines.join('')}wrk.body = [==[${body}]==]\n`)
  const load = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, address + path]
  const args = ['-c', String(core), 'wrk', ...load]
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
export async function streamLoad(
  address: string,
  call: StreamCall,
  concurrent: number,
  total: number,
): Promise<StreamFigures> {
  const firstBytes: number[] = []
  let events = 0
  let failed = 0
  let begun = 0
  const began = performance.now()
  async function reader(): Promise<void> {
    while (begun < total) {
      begun += 1
      const got = await readOne(address, call)
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
/** The last event of a Responses stream repeats the whole reply, behind the words that make it the last. */
const TAIL_BYTES = 8_192
const HEADERS = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }

interface StreamRead {
  readonly events: number
  readonly firstByteMs: number
  readonly complete: boolean
}

async function readOne(address: string, { path, body, ending }: StreamCall): Promise<StreamRead> {
  const began = performance.now()
  const response = await fetch(address + path, { method: 'POST', headers: HEADERS, body })
  let firstByteMs = Number.NaN
  let events = 0
  const tail = openTail()
  if (response.body === null) return { events, firstByteMs, complete: false }
  for await (const chunk of response.body) {
    if (Number.isNaN(firstByteMs)) firstByteMs = performance.now() - began
    for (let i = 1; i < chunk.length; i += 1) if (chunk[i] === NEWLINE && chunk[i - 1] === NEWLINE) events += 1
    tail.push(chunk)
  }
  return { events, firstByteMs, complete: response.ok && tail.text().includes(ending) }
}

/** The last bytes of a stream. Whole chunks are kept: to look into each one would cost the load more than the stream does. */
function openTail(): { push(chunk: Uint8Array): void; text(): string } {
  const chunks: Uint8Array[] = []
  let bytes = 0
  return {
    push(chunk) {
      chunks.push(chunk)
      bytes += chunk.length
      for (let first = chunks[0]; first !== undefined && bytes - first.length >= TAIL_BYTES; first = chunks[0]) {
        bytes -= first.length
        chunks.shift()
      }
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  }
}
