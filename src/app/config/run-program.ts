import { type ChildProcess, spawn } from 'node:child_process'
import type { Clock } from '../../base/clock.ts'
import { errorCode } from '../../base/error-code.ts'
import { quoteText, redactText } from '../../base/redact.ts'

/** How long a program may take to print a secret. */
const EXEC_TIMEOUT_MS = 5_000
/** How much it may print, in bytes. */
const EXEC_BYTES_MAX = 65_536

/** What a program printed, or why that is of no use. */
export type ProgramOutput =
  | { readonly ok: true; readonly stdout: string }
  | { readonly ok: false; readonly reason: string }

/** What to run. No shell sees it. */
export interface Program {
  readonly argv: readonly string[]
  /** All it sees of the environment. */
  readonly env: Readonly<Record<string, string>>
  readonly clock: Clock
}

/**
 * Runs a program without a shell, in the root folder (never the working directory), and gives what it printed. At the limit of time or
 * size the program and everything it started is killed. Never rejects.
 */
export function runProgram({ argv, env, clock }: Program): Promise<ProgramOutput> {
  const [command = '', ...args] = argv
  return new Promise(resolve => {
    const name = command.slice(0, 200)
    let child: ChildProcess
    try {
      child = spawn(command, args, { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    } catch (error) {
      resolve({ ok: false, reason: `${name} could not be started (${codeOf(error)})` })
      return
    }
    const stdout: Buffer[] = []
    let stdoutBytes = 0
    let complaint = ''
    const finish = (output: ProgramOutput) => {
      cancel()
      resolve(output)
    }
    const stop = (reason: string) => {
      killGroup(child)
      finish({ ok: false, reason })
    }
    const cancel = clock.after(EXEC_TIMEOUT_MS, () =>
      stop(`${name} took longer than ${EXEC_TIMEOUT_MS / 1_000} seconds`),
    )
    child.stdout?.on('data', (bytes: Buffer) => {
      stdoutBytes += bytes.length
      if (stdoutBytes > EXEC_BYTES_MAX) stop(`${name} printed more than ${EXEC_BYTES_MAX} bytes`)
      else stdout.push(bytes)
    })
    child.stderr?.on('data', (bytes: Buffer) => {
      if (complaint.length < 1_000) complaint += bytes.toString('utf8')
    })
    child.on('error', error => finish({ ok: false, reason: `${name} could not be started (${codeOf(error)})` }))
    child.on('close', (status, signal) => {
      if (status === 0) return finish({ ok: true, stdout: Buffer.concat(stdout).toString('utf8') })
      const how = signal === null ? `ended with status ${status}` : `was ended by ${signal}`
      const said = quoteText(redactText(complaint.trim().split('\n')[0] ?? ''), 200)
      finish({ ok: false, reason: `${name} ${how}${said === '' ? '' : `, saying: ${said}`}` })
    })
  })
}

/** The program leads a process group of its own, so what it started goes with it. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

function codeOf(error: unknown): string {
  const code = errorCode(error)
  return code === 'ENOENT' ? 'no such program' : code
}
