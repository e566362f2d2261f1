import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Call } from './calls.ts'
import { requestLoad } from './load.ts'
import { measureMetrics } from './metrics-cost.ts'
import { LOAD_CORE, type Place, startGateway, startUpstream } from './places.ts'
import { type Program, startQuiet } from './processes.ts'
import { SMALL } from './requests.ts'
import { round, row, table } from './table.ts'

const ROUNDS = 5
const SECONDS = Number(process.env.BENCH_SECONDS ?? 3)
/** For every gateway, before the first round: the compiler of the runtime needs some seconds of load. */
const WARM_UP_SECONDS = 8
const CONNECTIONS = 32

const KEY = 'cnd_benchBenchBench0123456789'
const AUTHORIZED = { authorization: `Bearer ${KEY}` }

/** As much as a key may have: nothing is refused, everything is reckoned. */
const LIMITED_KEY = {
  name: 'limited',
  limits: {
    requestsPerMinute: 1_000_000_000,
    inputTokensPerMinute: 1_000_000_000,
    outputTokensPerMinute: 1_000_000_000,
    concurrency: 10_000,
  },
  budgets: [
    { period: 'day', unit: 'usd', most: 1_000_000, kind: 'hard' },
    { period: 'month', unit: 'tokens', most: 1_000_000_000_000, kind: 'hard' },
  ],
}

/** A gateway with one thing switched on. */
interface Variant {
  readonly name: string
  /** What its configuration has beside the providers. */
  readonly config?: (upstream: string) => object
  /** Which gateway key calls show. */
  readonly key?: 'plain' | 'limited'
  readonly model?: string
  /** Its standard error goes into a pipe that somebody reads. */
  readonly piped?: true
}

const VARIANTS: readonly Variant[] = [
  { name: 'nothing' },
  { name: 'a gateway key', key: 'plain' },
  { name: 'a key with four rates and two budgets', key: 'limited' },
  {
    name: 'a route of three targets, balanced, with affinity',
    model: 'trio',
    config: () => ({
      routes: {
        trio: {
          targets: ['one/bench', 'two/bench', 'three/bench'],
          fallbackOn: ['overloaded', 'rate_limited'],
          balance: 'least-busy',
        },
      },
    }),
  },
  {
    name: 'telemetry',
    config: upstream => ({ telemetry: { otlp: { endpoint: upstream } } }),
  },
  { name: 'the log of calls, into a pipe', piped: true, config: () => ({ logs: { format: 'json' } }) },
]

/** A variant that runs, and the call it is loaded with. */
interface Contender {
  readonly place: Place & { readonly program: Program }
  readonly call: Call
}

/** What one round showed of a contender. */
interface Figures {
  readonly perSecond: number
  readonly cpuMicros: number
  readonly p50Ms: number
  readonly failed: number
}

/** What keys, limits, routes, telemetry and the log cost: each against a gateway with none of them, in rounds that go through all. */
export async function measurePolicies(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  const started: Program[] = []
  try {
    const upstream = await startUpstream()
    started.push(upstream)
    const address = `http://127.0.0.1:${upstream.ready}`
    const contenders: Contender[] = []
    for (const variant of VARIANTS) contenders.push(await contend(variant, address, folder, started))
    report(measureAll(contenders, address), contenders)
  } finally {
    for (const program of started.toReversed()) await program.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  measureMetrics()
}

async function contend(variant: Variant, upstream: string, folder: string, started: Program[]): Promise<Contender> {
  const { name, config, key, model = 'one/bench' } = variant
  const pipe = variant.piped === true ? openPipe(folder, started) : undefined
  const place = await startGateway(folder, {
    name,
    config: {
      logs: { format: 'off' },
      models: { providers: { one: provider(upstream), two: provider(upstream), three: provider(upstream) } },
      ...(key === undefined ? {} : { gateway: { keys: [KEY] } }),
      ...config?.(upstream),
    },
    ...(pipe === undefined ? {} : { errorsTo: pipe }),
  })
  started.push(place.program)
  const headers = key === undefined ? {} : key === 'plain' ? AUTHORIZED : await limitedKey(place)
  return { place, call: { ...SMALL, body: SMALL.body.replace('up/bench', model), headers } }
}

/** Metered, with a price, so that budgets have something to count. */
function provider(upstream: string): object {
  return {
    baseUrl: `${upstream}/v1`,
    apiKey: 'sk-bench-0123456789',
    api: 'openai-completions',
    billing: 'metered',
    models: [{ id: 'bench', maxOutputTokens: 100, price: { input: 1, output: 4 } }],
  }
}

/** A named pipe that a program on the other core empties. */
function openPipe(folder: string, started: Program[]): string {
  const pipe = join(folder, 'log')
  spawnSync('mkfifo', [pipe])
  started.push(startQuiet(LOAD_CORE, ['cat', pipe]))
  return pipe
}

async function limitedKey({ address }: Place): Promise<Record<string, string>> {
  const response = await fetch(`${address}/candor/keys`, {
    method: 'POST',
    headers: { ...AUTHORIZED, 'content-type': 'application/json' },
    body: JSON.stringify(LIMITED_KEY),
  })
  if (!response.ok) throw new Error(`the key was not made: ${await response.text()}`)
  const { secret } = (await response.json()) as { readonly secret: string }
  return { authorization: `Bearer ${secret}` }
}

/** The figures of every contender, round by round, and the p50 of the provider by itself. */
interface Measured {
  readonly rounds: readonly (readonly Figures[])[]
  readonly directMs: number
}

function measureAll(contenders: readonly Contender[], upstream: string): Measured {
  for (const { place, call } of contenders) requestLoad(LOAD_CORE, place.address, call, CONNECTIONS, WARM_UP_SECONDS)
  const direct: number[] = []
  const rounds = Array.from({ length: ROUNDS }, () => {
    direct.push(requestLoad(LOAD_CORE, upstream, SMALL, 1, 1).p50Ms)
    return contenders.map(measureOne)
  })
  return { rounds, directMs: median(direct) }
}

function measureOne({ place: { address, program }, call }: Contender): Figures {
  const before = program.cpuMicros()
  const busy = requestLoad(LOAD_CORE, address, call, CONNECTIONS, SECONDS)
  const cpuMicros = (program.cpuMicros() - before) / busy.requests
  const quiet = requestLoad(LOAD_CORE, address, call, 1, 1)
  return { perSecond: busy.perSecond, cpuMicros, p50Ms: quiet.p50Ms, failed: busy.failed + quiet.failed }
}

function report({ rounds, directMs }: Measured, contenders: readonly Contender[]): void {
  table(
    `What keys, limits, routes, telemetry and the log cost: small JSON, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds`,
    'with',
    'requests/s',
    'ratio to nothing',
    'lowest and highest ratio',
    'CPU µs a call',
    'added p50 ms, one connection',
    'failed',
  )
  for (const [at, { place }] of contenders.entries()) {
    const own = rounds.flatMap(round => round[at] ?? [])
    const ratios = rounds.map(round => (round[at]?.perSecond ?? Number.NaN) / (round[0]?.perSecond ?? Number.NaN))
    row(
      place.name,
      round(median(own.map(figures => figures.perSecond))),
      round(median(ratios), 2),
      at === 0 ? '' : `${round(Math.min(...ratios), 2)} to ${round(Math.max(...ratios), 2)}`,
      round(median(own.map(figures => figures.cpuMicros))),
      round(median(own.map(figures => figures.p50Ms)) - directMs, 3),
      String(own.reduce((sum, figures) => sum + figures.failed, 0)),
    )
  }
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
