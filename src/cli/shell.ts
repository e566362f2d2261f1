import type { Environment } from '../app/config/paths.ts'
import type { Clock } from '../base/clock.ts'
import { CliFault, EXIT } from './verb.ts'

/** A stream the command line writes to. */
export interface Output {
  /** `done` is called when the text has left the process. */
  write(text: string, done?: () => void): unknown
  /** True if a person looks at it. */
  readonly isTTY: boolean
  /** Width in characters; 80 where it is not known. */
  readonly columns: number
  /** Height in lines. Absent: not known. */
  readonly rows?: number | undefined
}

/** The stream the command line reads. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean }

/** What the program runs on, for `candor version` and `candor doctor`. */
export interface RuntimeFacts {
  /** Bun's version. */
  readonly bun: string
  /** The version of Node.js that Bun is compatible with, without a `v`. None of that version need be installed. */
  readonly nodeCompatibility: string
  /** The version of Node.js that launched the program. Absent: none did, as with the single binary. */
  readonly node?: string
  /** `linux`, `darwin`, `win32`. */
  readonly os: string
  readonly arch: string
}

/** A signal that asks the program to end. */
export type EndSignal = 'SIGINT' | 'SIGTERM'

/** Everything of the process the command line uses. Made in main.ts, and by tests. */
export interface Shell {
  readonly env: Environment
  readonly cwd: string
  readonly home: string
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly clock: Clock
  readonly runtime: RuntimeFacts
  /** False with `--no-input`. */
  readonly mayAsk?: boolean
  /** True if a process of that id exists. */
  isAlive(pid: number): boolean
  /** Hands the signals to the listener until the returned function is called. Without a listener they end the program. */
  onSignal(listener: (signal: EndSignal) => void): () => void
}

/** True if questions may be asked: a person sits at both ends, no CI runs, and nobody has forbidden it. */
export function isInteractive({ mayAsk = true, stdin, stdout, env }: Shell): boolean {
  return mayAsk && stdin.isTTY === true && stdout.isTTY && !isSet(env['CI'])
}

/** Reads all of the standard input as text. Empty for a terminal: nothing is waited for there. Throws a usage fault if it is too long. */
export async function readInput(shell: Shell): Promise<string> {
  if (shell.stdin.isTTY === true) return ''
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of shell.stdin) {
    text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })
    if (text.length > INPUT_CHARS_MAX)
      throw new CliFault(EXIT.usage, `The standard input is longer than ${INPUT_CHARS_MAX} characters.`, {
        why: 'The gateway takes no larger request.',
        fix: ['Pipe in less.'],
      })
  }
  return text + decoder.decode()
}

/** Longest standard input taken as a prompt, in characters: what fits the gateway's own limit on a body. */
const INPUT_CHARS_MAX = 16 * 1024 * 1024

/** True for a variable that is set to something other than nothing, `0` or `false`. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}
