import { spawn } from 'node:child_process'
import { findProgram } from '../clients/start-client.ts'
import type { Shell } from '../shell.ts'

/** What a command of the service manager came to. */
export interface Ran {
  /** Undefined if there is no such program, or it could not be started. */
  readonly code: number | undefined
  readonly out: string
  readonly err: string
}

/** Runs a command of the service manager, without a shell. Never rejects. */
export type RunCommand = (argv: readonly string[]) => Promise<Ran>

const TEXT_CHARS_MAX = 20_000

/** Runs commands that are found on the search path. There is no limit of time: a stop waits for running calls. */
export function commandRunner(shell: Shell): RunCommand {
  return async ([name = '', ...args]) => {
    const program = findProgram(name, shell)
    return program === undefined ? { code: undefined, out: '', err: '' } : await started(program, args, shell)
  }
}

function started(program: string, args: readonly string[], { env }: Shell): Promise<Ran> {
  return new Promise(resolve => {
    // A pager would wait for a key that nobody presses.
    const child = spawn(program, args, {
      cwd: '/',
      env: { ...env, SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const texts = { out: '', err: '' }
    const keep = (name: 'out' | 'err') => (bytes: Buffer) => {
      texts[name] = (texts[name] + bytes.toString('utf8')).slice(0, TEXT_CHARS_MAX)
    }
    child.stdout.on('data', keep('out'))
    child.stderr.on('data', keep('err'))
    child.on('error', () => resolve({ code: undefined, ...texts }))
    child.on('close', code => resolve({ code: code ?? 1, ...texts }))
  })
}
