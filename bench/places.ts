import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBun, guardRails, isolationFlags } from '../bin/find-bun.mjs'
import { PROTOCOL_IDS, type ProtocolId } from '../src/canon/protocol.ts'
import type { Call } from './calls.ts'
import { type Program, start, startQuiet } from './processes.ts'

/** The gateway has one core, the provider and the load have the other. */
export const GATEWAY_CORE = 0
export const LOAD_CORE = 1

/** Something calls can go through. */
export interface Place {
  readonly name: string
  /** Without a path. */
  readonly address: string
  /** Absent for the provider itself. */
  readonly program?: Program
}

/** What runs while the benchmark does. */
export interface Running {
  readonly candor: Place & { readonly program: Program }
  /** No gateway, then nginx if it was wanted, then Candor. */
  readonly places: readonly Place[]
  stop(): Promise<void>
}

/** What the same provider is called in the configuration, by the protocol it is asked in. */
export const PROVIDER_NAMES: Readonly<Record<ProtocolId, string>> = {
  'openai-completions': 'up',
  'openai-responses': 'items',
  'anthropic-messages': 'other',
  'google-generative-ai': 'parts',
}

/** What each protocol's base URL ends with. */
const BASE_PATHS: Readonly<Record<ProtocolId, string>> = {
  'openai-completions': '/v1',
  'openai-responses': '/v1',
  'anthropic-messages': '',
  'google-generative-ai': '/v1beta',
}

/** Starts the provider, Candor, and nginx if wanted; `probe` is a call all of them answer. Leaves nothing behind if one does not start. */
export async function startAll(withNginx: boolean, probe: Call): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  const started: Program[] = []
  async function stop(): Promise<void> {
    for (const program of started.toReversed()) await program.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    return { ...(await startEach(folder, started, withNginx, probe)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startEach(
  folder: string,
  started: Program[],
  withNginx: boolean,
  probe: Call,
): Promise<Omit<Running, 'stop'>> {
  const bun = findBun() ?? ''
  const port = (line: string) => (/^\d+$/.test(line) ? Number(line) : undefined)
  const upstream = await start(LOAD_CORE, [bun, ...isolationFlags, `${import.meta.dir}/upstream.ts`], port)
  started.push(upstream)
  const places: Place[] = [{ name: 'direct', address: `http://127.0.0.1:${upstream.ready}` }]
  if (withNginx) places.push(await startNginx(folder, started, upstream.ready, probe))
  const candor = await startCandor(folder, bun, upstream.ready)
  started.push(candor.program)
  return { candor, places: [...places, candor] }
}

async function startCandor(folder: string, bun: string, port: number): Promise<Place & { program: Program }> {
  const file = join(folder, 'candor.json5')
  writeFileSync(file, configText(port), { mode: 0o600 })
  const main = join(import.meta.dir, '../src/cli/main.ts')
  const url = (line: string) => /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
  const program = await start(GATEWAY_CORE, [bun, ...isolationFlags, main, 'serve', '--config', file], url, {
    ...guardRails({}),
    CANDOR_HOME: join(folder, 'data'),
    HOME: folder,
  })
  return { name: 'candor', address: program.ready, program }
}

function configText(port: number): string {
  const providers = PROTOCOL_IDS.map(
    api =>
      `${PROVIDER_NAMES[api]}: { baseUrl: "http://127.0.0.1:${port}${BASE_PATHS[api]}", apiKey: "sk-bench-0123456789", api: "${api}", models: [{ id: "bench" }] }`,
  )
  return `{ gateway: { port: 0 }, models: { providers: { ${providers.join(', ')} } } }`
}

async function startNginx(folder: string, started: Program[], port: number, probe: Call): Promise<Place> {
  const listen = await freePort()
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, nginxText(folder, port, listen))
  const program = startQuiet(GATEWAY_CORE, ['nginx', '-c', file])
  started.push(program)
  const address = `http://127.0.0.1:${listen}`
  await answering(address, probe)
  return { name: 'nginx', address, program }
}

function nginxText(folder: string, port: number, listen: number): string {
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

async function answering(address: string, { path, body }: Call): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  for (;;) {
    const up = await fetch(address + path, { method: 'POST', body, headers }).then(
      r => r.ok,
      () => false,
    )
    if (up) return
    await Bun.sleep(50)
  }
}
