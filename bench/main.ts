import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBun, guardRails, isolationFlags } from '../bin/find-bun.mjs'
import { ensureDebian } from '../tools/debian.ts'
import { requestLoad, streamLoad } from './load.ts'
import { type Program, start, startQuiet } from './processes.ts'

// One table: Candor against nginx and against no gateway at all, on the same upstream, in the same run. Only the ratios mean anything.
const GATEWAY_CORE = 0
const LOAD_CORE = 1
const SECONDS = Number(process.env.BENCH_SECONDS ?? 6)
/** The compiler of the runtime needs some seconds of load before it has done its work. */
const WARM_UP_SECONDS = 10
const CONNECTIONS = 32

const SMALL =
  '{"model":"up/bench","messages":[{"role":"user","content":"Hello, how are you today?"}],"temperature":0.5}'
const LARGE = `{"model":"up/bench","messages":[{"role":"user","content":"${'many words '.repeat(23_800)}"}]}`
const STREAM = '{"model":"up/bench","stream":true,"messages":[{"role":"user","content":"Hello"}]}'
const SLOW_STREAM =
  '{"model":"up/bench","stream":true,"metadata":{"pause_ms":40},"messages":[{"role":"user","content":"Hello"}]}'
const TRANSLATED = '{"model":"other/bench","stream":true,"messages":[{"role":"user","content":"Hello"}]}'
const PATH = '/v1/chat/completions'

interface Place {
  readonly name: string
  readonly url: string
  /** Absent for the upstream itself. */
  readonly program?: Program
}

const bun = findBun() ?? ''
const folder = mkdtempSync(join(tmpdir(), 'candor-bench-'))
const round = (value: number, digits = 0) => value.toFixed(digits)
const row = (...cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`)

function configText(port: number): string {
  const provider = (path: string, api: string) =>
    `{ baseUrl: "http://127.0.0.1:${port}${path}", apiKey: "sk-bench-0123456789", api: "${api}", models: [{ id: "bench" }] }`
  return `{ gateway: { port: 0 }, models: { providers: { up: ${provider('/v1', 'openai-completions')}, other: ${provider('', 'anthropic-messages')} } } }`
}

function nginxText(port: number, listen: number): string {
  return `worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events { worker_connections 8192; }
http { access_log off; client_body_buffer_size 1m; client_max_body_size 64m;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  upstream provider { server 127.0.0.1:${port}; keepalive 512; }
  server { listen 127.0.0.1:${listen}; location / {
    proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header User-Agent "my-agent/1.0"; proxy_buffering off; } } }`
}

async function freePort(): Promise<number> {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() })
  const port = server.port ?? 0
  await server.stop(true)
  return port
}

async function answering(url: string): Promise<void> {
  for (;;) {
    const up = await fetch(url, { method: 'POST', body: SMALL, headers: { 'content-type': 'application/json' } }).then(
      r => r.ok,
      () => false,
    )
    if (up) return
    await Bun.sleep(50)
  }
}

async function startAll(): Promise<{ places: Place[]; stop(): Promise<void> }> {
  const env = guardRails({})
  const port = (line: string) => (/^\d+$/.test(line) ? Number(line) : undefined)
  const upstream = await start(LOAD_CORE, [bun, ...isolationFlags, `${import.meta.dir}/upstream.ts`], port)
  const listen = await freePort()
  writeFileSync(join(folder, 'nginx.conf'), nginxText(upstream.ready, listen))
  writeFileSync(join(folder, 'candor.json5'), configText(upstream.ready), { mode: 0o600 })
  const nginx = startQuiet(GATEWAY_CORE, ['nginx', '-c', join(folder, 'nginx.conf')])
  const main = join(import.meta.dir, '../src/cli/main.ts')
  const command = [bun, ...isolationFlags, main, 'serve', '--config', join(folder, 'candor.json5')]
  const url = (line: string) => /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
  const candor = await start(GATEWAY_CORE, command, url, { ...env, CANDOR_HOME: join(folder, 'data'), HOME: folder })
  await answering(`http://127.0.0.1:${listen}${PATH}`)
  const places: Place[] = [
    { name: 'direct', url: `http://127.0.0.1:${upstream.ready}` },
    { name: 'nginx', url: `http://127.0.0.1:${listen}`, program: nginx },
    { name: 'candor', url: candor.ready, program: candor },
  ]
  return {
    places,
    async stop() {
      for (const program of [candor, nginx, upstream]) await program.stop()
    },
  }
}

function requests(places: readonly Place[], title: string, body: string): void {
  console.log(`\n### ${title}\n`)
  row('through', 'requests/s', 'ratio to nginx', 'CPU µs a request', 'p50 ms', 'p99 ms', 'added p50 ms', 'failed')
  row('---', '---', '---', '---', '---', '---', '---', '---')
  let nginxRate = 0
  let directMs = 0
  for (const { name, url, program } of places) {
    requestLoad(LOAD_CORE, url + PATH, body, CONNECTIONS, WARM_UP_SECONDS)
    const before = program?.cpuMicros() ?? 0
    const busy = requestLoad(LOAD_CORE, url + PATH, body, CONNECTIONS, SECONDS)
    const cpu = ((program?.cpuMicros() ?? 0) - before) / busy.requests
    const quiet = requestLoad(LOAD_CORE, url + PATH, body, 1, 2)
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

async function streams(places: readonly Place[], title: string, body: string): Promise<Map<string, number>> {
  console.log(`\n### ${title}\n`)
  row('through', 'events/s', 'first byte p50 ms', 'first byte p99 ms', 'CPU µs an event', 'failed')
  row('---', '---', '---', '---', '---', '---')
  const cpu = new Map<string, number>()
  for (const { name, url, program } of places) {
    await streamLoad(url + PATH, body, 200, 400)
    const before = program?.cpuMicros() ?? 0
    const figures = await streamLoad(url + PATH, body, 200, 1_000)
    const used = ((program?.cpuMicros() ?? 0) - before) / figures.events
    cpu.set(name, used)
    row(
      name,
      round(figures.events / figures.seconds),
      round(figures.firstByteP50Ms, 1),
      round(figures.firstByteP99Ms, 1),
      program === undefined ? '' : round(used, 1),
      String(figures.failed),
    )
  }
  return cpu
}

async function memory(candor: Place): Promise<void> {
  const program = candor.program
  if (program === undefined) return
  const samples: number[] = []
  const timer = setInterval(() => samples.push(program.rssMib()), 100)
  const figures = await streamLoad(candor.url + PATH, SLOW_STREAM, 2_000, 2_000)
  clearInterval(timer)
  await Bun.sleep(3_000)
  console.log(
    `\n2,000 concurrent streams: ${round(Math.max(...samples))} MiB at most, ${round(program.rssMib())} MiB three seconds after, ${figures.failed} failed.`,
  )
}

ensureDebian([
  { program: 'nginx', package: 'nginx-light' },
  { program: 'wrk', package: 'wrk' },
])
const all = await startAll()
const candor = all.places.filter(place => place.name === 'candor')
console.log(
  `# Candor's cost on this machine, ledger on, one core for the gateway (${new Date().toISOString().slice(0, 10)})`,
)
console.log(`\nIdle: ${round(candor[0]?.program?.rssMib() ?? 0)} MiB resident.`)
requests(all.places, 'Small JSON', SMALL)
requests(all.places, '256 KB request', LARGE)
const passed = await streams(all.places, '200 concurrent streams of 100 events, passed through', STREAM)
const translated = await streams(candor, 'The same, translated from Anthropic Messages', TRANSLATED)
const ratio = (translated.get('candor') ?? 0) / (passed.get('candor') ?? 1)
console.log(`\nA translated event costs ${round(ratio, 2)} times a passed-through one.`)
for (const place of candor) await memory(place)
await all.stop()
rmSync(folder, { recursive: true, force: true })
