import type { Call } from './calls.ts'
import { requestLoad } from './load.ts'
import { LOAD_CORE, type Place } from './places.ts'
import { round, row, table } from './table.ts'

const SECONDS = Number(process.env.BENCH_SECONDS ?? 6)
/** The compiler of the runtime needs some seconds of load before it has done its work. */
const WARM_UP_SECONDS = 10
const CONNECTIONS = 32

const PATH = '/v1/chat/completions'

/** A request as most are. */
export const SMALL: Call = {
  path: PATH,
  body: '{"model":"up/bench","messages":[{"role":"user","content":"Hello, how are you today?"}],"temperature":0.5}',
}
/** A long conversation. */
export const LARGE: Call = {
  path: PATH,
  body: `{"model":"up/bench","messages":[{"role":"user","content":"${'many words '.repeat(23_800)}"}]}`,
}

/** Whole requests through each of the places, as many as one core of gateway takes. */
export function measureRequests(places: readonly Place[], title: string, call: Call): void {
  table(
    title,
    'through',
    'requests/s',
    'ratio to nginx',
    'CPU µs a request',
    'p50 ms',
    'p99 ms',
    'added p50 ms',
    'failed',
  )
  let nginxRate = 0
  let directMs = 0
  for (const { name, address, program } of places) {
    requestLoad(LOAD_CORE, address, call, CONNECTIONS, WARM_UP_SECONDS)
    const before = program?.cpuMicros() ?? 0
    const busy = requestLoad(LOAD_CORE, address, call, CONNECTIONS, SECONDS)
    const cpu = ((program?.cpuMicros() ?? 0) - before) / busy.requests
    const quiet = requestLoad(LOAD_CORE, address, call, 1, 2)
    if (name === 'nginx') nginxRate = busy.perSecond
    if (name === 'direct') directMs = quiet.p50Ms
    row(
      name,
      round(busy.perSecond),
      nginxRate === 0 ? '' : round(busy.perSecond / nginxRate, 2),
      program === undefined ? '' : round(cpu),
      round(busy.p50Ms, 2),
      round(busy.p99Ms, 2),
      name === 'direct' ? '' : round(quiet.p50Ms - directMs, 3),
      String(busy.failed),
    )
  }
}
