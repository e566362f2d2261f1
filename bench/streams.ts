import { PROTOCOL_IDS } from '../src/canon/protocol.ts'
import { STREAM_CALLS, type StreamCall } from './calls.ts'
import { type StreamFigures, streamLoad } from './load.ts'
import { type Place, PROVIDER_NAMES, type Running } from './places.ts'
import { round, row, table } from './table.ts'

const CONCURRENT = 200
const WARM_UP_STREAMS = 400
const STREAMS = 1_000

const completions = STREAM_CALLS['openai-completions']

interface Measured extends StreamFigures {
  /** Of the gateway alone, for each event the client has read. */
  readonly cpuMicrosPerEvent: number
}

async function measure({ address, program }: Place, call: StreamCall): Promise<Measured> {
  await streamLoad(address, call, CONCURRENT, WARM_UP_STREAMS)
  const before = program?.cpuMicros() ?? 0
  const figures = await streamLoad(address, call, CONCURRENT, STREAMS)
  return { ...figures, cpuMicrosPerEvent: ((program?.cpuMicros() ?? 0) - before) / figures.events }
}

/** Streams of Chat Completions, passed through each of the places, then translated by Candor. */
export async function measureStreams({ places, candor }: Running): Promise<void> {
  const passed = await streamTable(
    places,
    `${CONCURRENT} concurrent streams of 100 events, passed through`,
    completions(`${PROVIDER_NAMES['openai-completions']}/bench`),
  )
  const translated = await streamTable(
    [candor],
    'The same, translated from Anthropic Messages',
    completions(`${PROVIDER_NAMES['anthropic-messages']}/bench`),
  )
  console.log(`\nA translated event costs ${round(translated / passed, 2)} times a passed-through one.`)
}

/** Gives the CPU µs an event of the last place, which is Candor. */
async function streamTable(places: readonly Place[], title: string, call: StreamCall): Promise<number> {
  table(title, 'through', 'events/s', 'first byte p50 ms', 'first byte p99 ms', 'CPU µs an event', 'failed')
  let cpu = Number.NaN
  for (const place of places) {
    const { events, seconds, firstByteP50Ms, firstByteP99Ms, cpuMicrosPerEvent, failed } = await measure(place, call)
    cpu = cpuMicrosPerEvent
    row(
      place.name,
      round(events / seconds),
      round(firstByteP50Ms, 1),
      round(firstByteP99Ms, 1),
      place.program === undefined ? '' : round(cpu, 1),
      String(failed),
    )
  }
  return cpu
}

/** The sixteen lanes: each client protocol from each provider protocol, its own first. */
export async function measureLanes({ candor }: Running): Promise<void> {
  table(
    `The sixteen lanes, ${CONCURRENT} concurrent streams of about 100 events`,
    'client',
    'provider',
    'events a stream',
    'CPU µs an event',
    'ratio to passed through',
    'failed',
  )
  for (const client of PROTOCOL_IDS) {
    let passed = Number.NaN
    for (const provider of [client, ...PROTOCOL_IDS.filter(id => id !== client)]) {
      const call = STREAM_CALLS[client](`${PROVIDER_NAMES[provider]}/bench`)
      const { cpuMicrosPerEvent: cpu, events, streams, failed } = await measure(candor, call)
      if (provider === client) passed = cpu
      row(client, provider, round(events / streams), round(cpu, 1), round(cpu / passed, 2), String(failed))
    }
  }
}

/** Many streams at once whose words come slowly: what the gateway holds meanwhile, and after. */
export async function measureMemory({ candor }: Running): Promise<void> {
  const { program } = candor
  const usual = completions(`${PROVIDER_NAMES['openai-completions']}/bench`)
  const slow = { ...usual, body: usual.body.replace('"messages"', '"metadata":{"pause_ms":40},"messages"') }
  const samples: number[] = []
  const timer = setInterval(() => samples.push(program.rssMib()), 100)
  const figures = await streamLoad(candor.address, slow, 2_000, 2_000)
  clearInterval(timer)
  await Bun.sleep(3_000)
  console.log(
    `\n2,000 concurrent streams: ${round(Math.max(...samples))} MiB at most, ${round(program.rssMib())} MiB three seconds after, ${figures.failed} failed.`,
  )
}
