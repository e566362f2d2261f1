import { arch, homedir, platform } from 'node:os'
import { missingGuardRails } from '../app/guard-rails.ts'
import { systemClock } from '../base/clock.ts'
import { errorCode } from '../base/error-code.ts'
import { findVerbs } from './find-verbs.ts'
import { guardRailText } from './guard-rails.ts'
import { keepProxiesOut } from './no-proxy.ts'
import { runCli } from './run.ts'
import type { EndSignal, Output, Shell } from './shell.ts'
import { EXIT } from './verb.ts'

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text, done) => stream.write(text, done),
    get isTTY() {
      return stream.isTTY === true
    },
    get columns() {
      return stream.columns ?? 80
    },
    get rows() {
      return stream.rows
    },
  }
}

const signalListeners: ((signal: EndSignal) => void)[] = []

/** The newest listener is asked; with none the program ends, with the code shells expect. */
function onSignal(signal: EndSignal): void {
  const listener = signalListeners.at(-1)
  if (listener === undefined) process.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated)
  listener(signal)
}

const shell: Shell = {
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  stdin: process.stdin,
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  clock: systemClock,
  runtime: {
    bun: process.versions.bun ?? 'none',
    nodeCompatibility: process.versions.node,
    ...launcherVersion(process.env['CANDOR_LAUNCHED']),
    os: platform(),
    arch: arch(),
  },
  isAlive(pid) {
    try {
      process.kill(pid, 0)
      return true
    } catch (error) {
      // It exists, but belongs to somebody else.
      return errorCode(error) === 'EPERM'
    }
  },
  onSignal(listener) {
    signalListeners.push(listener)
    return () => void signalListeners.splice(signalListeners.indexOf(listener), 1)
  },
}

/** The launcher hands over the version of its own Node.js; Bun tells only which one it is compatible with. */
function launcherVersion(told = ''): { node?: string } {
  return /^\d+\.\d+\.\d+/.test(told) ? { node: told } : {}
}

/** Resolves when everything written so far has left the process. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => {
    stream.write('', () => resolve())
  })
}

async function main(): Promise<number> {
  const missing = missingGuardRails(process.env)
  if (missing.length > 0) {
    process.stderr.write(`${guardRailText(missing)}\n`)
    return EXIT.usage
  }
  keepProxiesOut(process.env)
  const argv = process.argv.slice(2)
  return await runCli(argv, await findVerbs(argv), shell)
}

// A reader that has seen enough (`candor models | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.finding),
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => onSignal(signal))
const exit = await main()
await Promise.all([flushed(process.stdout), flushed(process.stderr)])
process.exit(exit)
