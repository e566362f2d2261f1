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
  const upstream = await startUpstream()
  started.push(upstream)
  const places: Place[] = [{ name: 'direct', address: `http://127.0.0.1:${upstream.ready}` }]
  if (withNginx) places.push(await startNginx(folder, started, upstream.ready, probe))
  const candor = await startGateway(folder, { name: 'candor', config: configOf(upstream.ready) })
  started.push(candor.program)
  return { candor, places: [...places, candor] }
}

/** Starts the provider; `ready` is its port. */
export function startUpstream(): Promise<Program & { readonly ready: number }> {
  const port = (line: string) => (/^\d+$/.test(line) ? Number(line) : undefined)
  return start(LOAD_CORE, [runtime(), ...isolationFlags, `${import.meta.dir}/upstream.ts`], port)
}

function runtime(): string {
  return findBun() ?? ''
}

/** A gateway to be measured. */
export interface GatewayPlan {
  readonly name: string
  readonly config: object
  /** A file, or a named pipe, for what it says on its standard error. */
  readonly errorsTo?: string
}

/** Starts a gateway on a free port. It says on its standard output where it listens. */
export async function startGateway(
  folder: string,
  { name, config, errorsTo }: GatewayPlan,
): Promise<Place & { program: Program }> {
  const home = mkdtempSync(join(folder, 'gateway-'))
  const file = join(home, 'candor.json5')
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
  const main = join(import.meta.dir, '../src/cli/main.ts')
  const line = [runtime(), ...isolationFlags, main, 'serve', '--json', '--port', '0', '--config', file]
  const command = errorsTo === undefined ? line : ['sh', '-c', 'exec "$@" 2>"$0"', errorsTo, ...line]
  const url = (text: string) => /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
  const program = await start(GATEWAY_CORE, command, url, {
    ...guardRails({}),
    CANDOR_HOME: join(home, 'data'),
    HOME: home,
  })
  return { name, address: program.ready, program }
}

/** The same provider four times. Calls are not logged: neither does nginx. */
function configOf(port: number): object {
  const providers = PROTOCOL_IDS.map(api => {
    const baseUrl = `http://127.0.0.1:${port}${BASE_PATHS[api]}`
    return [PROVIDER_NAMES[api], { baseUrl, apiKey: 'sk-bench-0123456789', api, models: [{ id: 'bench' }] }] as const
  })
  return { logs: { format: 'off' }, models: { providers: Object.fromEntries(providers) } }
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
