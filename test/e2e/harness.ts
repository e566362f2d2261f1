import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConfigValues } from '../../src/app/config/schema.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'

/** What `bin/candor` starts Bun with: asked of the launcher itself, so that the tests run what users run. */
interface Launcher {
  findBun(): string | undefined
  guardRails(environment: NodeJS.ProcessEnv): Record<string, string>
  readonly isolationFlags: readonly string[]
}

const BIN = new URL('../../bin/', import.meta.url)
const launcher: Launcher = await import(new URL('find-bun.mjs', BIN).href)
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** A configuration as a file holds it: texts instead of secrets, everything optional. */
type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { readonly [K in keyof T]?: Loose<T[K]> } | string
    : T

/** How a gateway is started. */
export interface GatewayOptions {
  /** The configuration: an object, or the file's text. */
  readonly config: Loose<ConfigValues>
  /** Variables beside the few every child gets. Nothing of this process's environment is passed on. */
  readonly env?: Readonly<Record<string, string>>
  /** A home that outlives the gateway; absent: one of its own, removed when it stops. */
  readonly home?: string
  /** Through `node bin/candor` instead of directly. */
  readonly launcher?: boolean
  readonly args?: readonly string[]
  /** The largest file it may write, in blocks of 512 bytes: beyond it every write fails, as on a full disk. */
  readonly fileBlocksMax?: number
  /** The gateway key the harness's own questions carry. */
  readonly key?: string
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program that runs, with all it has said so far. */
export interface Program {
  readonly pid: number
  readonly exited: Promise<Exit>
  stdout(): string
  stderr(): string
  /** Resolves when stdout and stderr together match; rejects if the program ends without it. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  write(text: string): void
  endInput(): void
  signal(name: NodeJS.Signals): void
}

/** The real program, listening on a free port of 127.0.0.1. */
export interface Gateway extends Program {
  readonly url: string
  readonly port: number
  readonly home: string
  readonly dataDir: string
  readonly configFile: string
  configure(config: GatewayOptions['config']): void
  fetch(path: string, init?: RequestInit): Promise<Response>
  receipt(id: string): Promise<Receipt>
  receipts(limit?: number): Promise<readonly Receipt[]>
  /** Asks for the newest receipts until one fits. */
  receiptThat(fits: (receipt: Receipt) => boolean): Promise<Receipt>
  /** Stops it in order and removes a home of its own. */
  stop(): Promise<Exit>
  kill9(): Promise<void>
}

/** A folder that stands for a user's home. */
export function temporaryHome(): string {
  return mkdtempSync(join(tmpdir(), 'candor-e2e-'))
}

/** Removes a home made by {@link temporaryHome}. */
export function removeHome(home: string): void {
  rmSync(home, { recursive: true, force: true })
}

/** The environment of a child: its own home, and nothing of ours but the search path. */
export function childEnvironment(home: string, env: GatewayOptions['env']): Record<string, string> {
  return launcher.guardRails({
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'share'),
    CANDOR_HOME: join(home, 'data'),
    NO_COLOR: '1',
    ...env,
  })
}

/** The command line that runs `candor`: as the launcher would, or the launcher itself. */
export function command(args: readonly string[], through: 'launcher' | 'runtime' = 'runtime'): string[] {
  if (through === 'launcher') return ['node', fileURLToPath(new URL('candor', BIN)), ...args]
  return [launcher.findBun() ?? process.execPath, ...launcher.isolationFlags, MAIN, ...args]
}

/** Runs `candor` with these arguments. */
export function runCandor(
  args: readonly string[],
  options: { readonly home: string } & Pick<GatewayOptions, 'env' | 'launcher' | 'fileBlocksMax'>,
): Program {
  const line = command(args, options.launcher === true ? 'launcher' : 'runtime')
  const whole = options.fileBlocksMax === undefined ? line : limited(options.fileBlocksMax, line)
  return runLine(whole, { cwd: options.home, env: childEnvironment(options.home, options.env) })
}

/** Runs any program, in this folder, with this environment and nothing else. */
export function runLine(
  [program = '', ...args]: readonly string[],
  place: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Program {
  return asProgram(spawn(program, args, { ...place, stdio: 'pipe' }))
}

/** Without its signal, the limit on a file's size is an error of the write like any other. */
function limited(blocks: number, line: readonly string[]): string[] {
  return ['sh', '-c', `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`, 'sh', ...line]
}

function asProgram(child: ChildProcess): Program {
  const out = { stdout: '', stderr: '' }
  let waiters: (() => void)[] = []
  const wake = () => {
    const woken = waiters
    waiters = []
    for (const each of woken) each()
  }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      out[name] += text
      wake()
    })
  }
  let ended = false
  const exited = new Promise<Exit>(resolve => {
    child.on('close', (code, signal) => {
      ended = true
      resolve({ code, signal })
      wake()
    })
  })
  return {
    pid: child.pid ?? 0,
    exited,
    stdout: () => out.stdout,
    stderr: () => out.stderr,
    async said(pattern) {
      for (;;) {
        const match = pattern.exec(out.stdout + out.stderr)
        if (match !== null) return match
        if (ended) throw new Error(`the program ended without saying ${pattern}\n${out.stdout}${out.stderr}`)
        await new Promise<void>(resolve => waiters.push(resolve))
      }
    },
    write: text => void child.stdin?.write(text),
    endInput: () => void child.stdin?.end(),
    signal: name => void child.kill(name),
  }
}

/** Starts `candor serve --port 0` and waits until it says where it listens. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const home = options.home ?? temporaryHome()
  const configFile = join(home, 'candor.json5')
  const configure = (config: GatewayOptions['config']) =>
    writeFileSync(configFile, typeof config === 'string' ? config : JSON.stringify(config, undefined, 2), {
      mode: 0o600,
    })
  configure(options.config)
  const program = runCandor(['serve', '--port', '0', '--config', configFile, ...(options.args ?? [])], {
    ...options,
    home,
  })
  const [, url = ''] = await program.said(/(http:\/\/[^\s/"]+:\d+)(?=\/v1|")/)
  return withCalls(program, { url, home, configFile, configure, ownHome: options.home === undefined, key: options.key })
}

interface Place {
  readonly url: string
  readonly home: string
  readonly configFile: string
  readonly ownHome: boolean
  readonly key: string | undefined
  configure(config: GatewayOptions['config']): void
}

function withCalls(program: Program, place: Place): Gateway {
  const { url, home } = place
  const headers: Record<string, string> = place.key === undefined ? {} : { authorization: `Bearer ${place.key}` }
  const ask = async <T>(path: string): Promise<T> => (await (await fetch(url + path, { headers })).json()) as T
  const receipts = async (limit = 50) =>
    (await ask<{ data: readonly Receipt[] }>(`/candor/receipts?limit=${limit}`)).data
  const end = async (signal: NodeJS.Signals) => {
    program.signal(signal)
    const exit = await program.exited
    if (place.ownHome) removeHome(home)
    return exit
  }
  return {
    ...program,
    url,
    home,
    configFile: place.configFile,
    configure: place.configure,
    port: Number(new URL(url).port),
    dataDir: join(home, 'data'),
    fetch: (path, init) => fetch(url + path, { redirect: 'manual', ...init }),
    receipt: id => ask<Receipt>(`/candor/receipts/${id}`),
    receipts,
    async receiptThat(fits) {
      for (;;) {
        const found = (await receipts(20)).find(fits)
        if (found !== undefined) return found
      }
    },
    stop: () => end('SIGTERM'),
    async kill9() {
      program.signal('SIGKILL')
      await program.exited
    },
  }
}
