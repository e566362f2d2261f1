import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../project/source.ts'
import type { CodeBlock, Page } from './markdown.ts'

/**
 * A block of commands that is run as a reader would paste it. Every one is, but for those that say why not. The comment above it says what is expected, parts separated by semicolons:
 * `run`, then any of `exit 1` (absent: 0), `says "text"` in what it prints, and `background until "text"` for what goes into another terminal:
 * it is left running, once it has printed that, until the page is done.
 */
export interface Command {
  readonly line: number
  readonly text: string
  readonly exit: number
  readonly says: readonly string[]
  /** Set for a command that stays. */
  readonly until?: string
}

/** Languages of blocks that a reader would paste into a terminal. */
const PASTED = new Set(['sh', 'bash', 'shell', 'console'])

/** Why a block may be left out, in the words of its mark: `<!-- not run: … -->`. There are no others. */
export const REASONS_NOT_RUN: readonly string[] = [
  'asks a person',
  "changes an agent's own settings",
  'costs money',
  'installs a system service',
  'needs a desktop',
  'needs Docker',
  'starts an agent that must be installed',
  'takes minutes',
]

/** A block that is not run, and the reason its mark gives. */
export interface Unrun {
  readonly line: number
  readonly reason: string
}

/** The blocks of a page that are run, in its order. Throws on a mark that cannot be read. */
export function commandsOf(page: Page): readonly Command[] {
  return pasted(page)
    .filter(({ mark }) => /^run\b/.test(mark))
    .map(block => commandOf(page.path, block))
}

/** The blocks of a page that are not run; one without a mark has an empty reason. */
export function unrunOf(page: Page): readonly Unrun[] {
  return pasted(page)
    .filter(({ mark }) => !/^run\b/.test(mark))
    .map(({ mark, line }) => ({ line, reason: /^not run: (.+)$/.exec(mark)?.[1] ?? '' }))
}

function pasted({ blocks }: Page): readonly CodeBlock[] {
  return blocks.filter(({ language, text }) => PASTED.has(language) || (language === '' && /^\$ /m.test(text)))
}

function commandOf(path: string, { mark, text, line }: CodeBlock): Command {
  const parts = [...mark.replace(/^run:?\s*/, '').matchAll(/([^;"]|"[^"]*")+/g)].map(part => part[0].trim())
  const says: string[] = []
  let exit = 0
  let until: string | undefined
  for (const part of parts) {
    const [, word = '', value = ''] = /^(exit|says|background until) "?([^"]*)"?$/.exec(part) ?? []
    if (word === 'exit') exit = Number(value)
    else if (word === 'says') says.push(value)
    else if (word === 'background until') until = value
    else throw new Error(`${path}:${line}: the mark "${part}" cannot be read`)
  }
  return { line, text, exit, says, ...(until === undefined ? {} : { until }) }
}

/** How a command went. */
interface Outcome {
  readonly exit: number | null
  readonly output: string
}

/** A terminal in a home of its own: nothing of the user's is read or written, and every port is another than in the text. */
interface Terminal {
  run(command: Command): Promise<Outcome>
  close(): Promise<void>
}

/** What a reader's shell has; keys of real providers are no part of it. */
const KEPT = ['PATH', 'LANG', 'TERM', 'NODE_EXTRA_CA_CERTS']

/** Where a gateway listens if nothing else is said. */
const USUAL_PORT = 8787

/** Opens a terminal for the commands of one page. */
async function openTerminal(commands: readonly Command[]): Promise<Terminal> {
  const home = mkdtempSync(join(tmpdir(), 'candor-docs-'))
  const env = environmentIn(home)
  const ports = await portsFor(commands.map(({ text }) => text).join('\n'))
  const running: ChildProcess[] = []
  return {
    async run(command) {
      const text = adapted(command.text, ports)
      if (command.until === undefined) return await finished(start(inState(text, home), home, env))
      const child = start(`${stateOf(home)}\n${text}`, home, env)
      running.push(child)
      return await said(child, command.until)
    },
    async close() {
      for (const child of running) await ended(child)
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function environmentIn(home: string): Record<string, string> {
  const bin = join(home, '.bin')
  mkdirSync(bin)
  const put = (name: string, line: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${line} "$@"\n`)
    chmodSync(join(bin, name), 0o755)
  }
  put('candor', `node ${join(projectRoot, 'bin/candor')}`)
  put('npm', `env PATH="$READER_PATH" npm --prefix ${projectRoot}`)
  const env: Record<string, string> = {}
  for (const name of KEPT) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return { ...env, HOME: home, READER_PATH: env['PATH'] ?? '', PATH: `${bin}:${env['PATH'] ?? ''}` }
}

/** Every port in the text with a free one in its place; ports that follow each other do so again. */
async function portsFor(text: string): Promise<ReadonlyMap<number, number>> {
  const found = [...text.matchAll(/(?:127\.0\.0\.1:|localhost:|--port )(\d{4,5})\b/g)].map(match => Number(match[1]))
  const named = [...new Set([...found, USUAL_PORT])].sort((a, b) => a - b)
  const ports = new Map<number, number>()
  for (const port of named) {
    const before = ports.get(port - 1)
    // A simulator takes the ports behind its first one, so room is left for four.
    ports.set(port, before === undefined ? await freePort(4) : before + 1)
  }
  return ports
}

/** The first of some free ports in a row. */
async function freePort(count: number): Promise<number> {
  for (;;) {
    const first = await listenOn(0)
    const port = portOf(first)
    const others = await Promise.all(Array.from({ length: count - 1 }, (_, i) => listenOn(port + 1 + i)))
    const servers = [first, ...others].filter(server => server !== undefined)
    await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
    if (servers.length === count) return port
  }
}

function listenOn(port: number): Promise<Server | undefined> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

function portOf(server: Server | undefined): number {
  const address = server?.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** The text with other ports, and without the installation, which stands already. */
function adapted(text: string, ports: ReadonlyMap<number, number>): string {
  const usual = ports.get(USUAL_PORT) ?? USUAL_PORT
  return text
    .replace(/\bnpm ci && /g, '')
    .replace(/\b\d{4,5}\b/g, digits => String(ports.get(Number(digits)) ?? digits))
    .replace(/^(.*\bcandor (?:serve|demo)\b(?!.*--port))/gm, `$1 --port ${usual}`)
    .replace(/\bnpm start\b/g, `npm start -- --port ${usual}`)
}

/** What a terminal keeps from one paste to the next: variables and the folder. */
function stateOf(home: string): string {
  return `[ -f "${home}/.state" ] && . "${home}/.state"`
}

function inState(text: string, home: string): string {
  const keep = `{ export -p; echo "cd '$PWD'"; } > "${home}/.state"`
  return `${stateOf(home)}\n${text}\ncode=$?\n${keep}\nexit $code`
}

/** A command may take this long; longer means that it hangs. */
const COMMAND_MS_MAX = 25_000

function start(text: string, home: string, env: Record<string, string>): ChildProcess {
  // It leads a group, so that what it started ends with it.
  return spawn('bash', ['-c', text], { cwd: home, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
}

function gather(child: ChildProcess, heard: (output: string) => void): () => string {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => {
      output += bytes.toString('utf8')
      heard(output)
    })
  }
  return () => output
}

function finished(child: ChildProcess): Promise<Outcome> {
  return new Promise(resolve => {
    const output = gather(child, () => {})
    const timer = setTimeout(() => killGroup(child, 'SIGKILL'), COMMAND_MS_MAX)
    child.on('close', exit => {
      clearTimeout(timer)
      resolve({ exit, output: output() })
    })
  })
}

/** Resolves when the command has printed the text; rejects if it ends before. */
function said(child: ChildProcess, text: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const output = gather(child, heard => {
      if (heard.includes(text)) resolve({ exit: 0, output: heard })
    })
    child.on('close', exit => reject(new Error(`ended with ${exit} before it said "${text}":\n${output()}`)))
  })
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    const timer = setTimeout(() => killGroup(child, 'SIGKILL'), COMMAND_MS_MAX)
    child.on('close', () => {
      clearTimeout(timer)
      resolve()
    })
    killGroup(child, 'SIGTERM')
  })
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It has ended already, which is what was wanted.
  }
}

/** What the page says against how it went; empty if all is as expected. */
function faultsOf(command: Command, { exit, output }: Outcome): readonly string[] {
  const missing = command.says.filter(text => !output.includes(text)).map(text => `does not say "${text}"`)
  const wrong = command.until === undefined && exit !== command.exit ? [`exit ${exit}, not ${command.exit}`] : []
  const faults = [...wrong, ...missing]
  return faults.length === 0 ? [] : [`line ${command.line}: ${faults.join('; ')}\n${command.text}\n---\n${output}`]
}

/** Runs the commands of one page, one after the other. Gives everything that went otherwise than the page says. */
export async function runAll(commands: readonly Command[]): Promise<string[]> {
  const terminal = await openTerminal(commands)
  try {
    const faults: string[] = []
    for (const command of commands) faults.push(...faultsOf(command, await terminal.run(command)))
    return faults
  } finally {
    await terminal.close()
  }
}

/** The page with the most commands: it is run in a file of its own, beside the others. */
export const LONGEST_PAGE = 'docs/shown.md'

/** A page starts several programs, one after the other. */
export const PAGE_MS = 180_000
