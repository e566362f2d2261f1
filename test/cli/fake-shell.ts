import { Readable } from 'node:stream'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { openPrinter } from '../../src/cli/print.ts'
import type { EndSignal, Output, Shell } from '../../src/cli/shell.ts'
import type { Desk, Given } from '../../src/cli/verb.ts'

/** A stream that keeps what is written. */
export interface Kept extends Output {
  text(): string
  /** Resolves as soon as the words have been written, after those waited for before. */
  until(words: string): Promise<void>
}

/** A stream of that width; a terminal if it is said to be one. */
export function keptOutput(isTTY = false, columns = 80): Kept {
  let all = ''
  let from = 0
  let waiting: { readonly words: string; readonly done: () => void } | undefined
  const look = () => {
    const at = waiting === undefined ? -1 : all.indexOf(waiting.words, from)
    if (waiting === undefined || at < 0) return
    from = at + waiting.words.length
    waiting.done()
    waiting = undefined
  }
  return {
    isTTY,
    columns,
    write(text) {
      all += text
      look()
    },
    text: () => all,
    until: words =>
      new Promise(done => {
        waiting = { words, done }
        look()
      }),
  }
}

/** A shell without a process: what is written is kept, signals are given by hand. */
export interface FakeShell extends Shell {
  readonly stdout: Kept
  readonly stderr: Kept
  signal(signal: EndSignal): void
}

/** Makes one. The input is not a terminal unless said so. */
export function fakeShell(
  with_: {
    readonly env?: Record<string, string>
    readonly home?: string
    readonly input?: string | NodeJS.ReadableStream
    readonly tty?: boolean
    readonly columns?: number
    readonly clock?: Clock
    readonly isAlive?: (pid: number) => boolean
  } = {},
): FakeShell {
  const home = with_.home ?? '/nowhere'
  const listeners: ((signal: EndSignal) => void)[] = []
  return {
    env: with_.env ?? {},
    cwd: home,
    home,
    stdin: Object.assign(inputOf(with_.input), { isTTY: with_.tty === true }),
    stdout: keptOutput(with_.tty, with_.columns),
    stderr: keptOutput(with_.tty, with_.columns),
    clock: with_.clock ?? systemClock,
    runtime: { bun: '1.2.3', nodeCompatibility: '26.3.0', node: '24.0.0', os: 'linux', arch: 'x64' },
    isAlive: with_.isAlive ?? (() => true),
    onSignal(listener) {
      listeners.push(listener)
      return () => void listeners.splice(listeners.indexOf(listener), 1)
    },
    signal: signal => listeners.at(-1)?.(signal),
  }
}

function inputOf(input: string | NodeJS.ReadableStream | undefined): NodeJS.ReadableStream {
  return typeof input === 'object' ? input : Readable.from(input === undefined ? [] : [input])
}

/** A desk over a shell. */
export function deskOf(shell: Shell, json = false): Desk {
  return { shell, print: openPrinter(shell, json) }
}

/** Arguments and options as the command line would give them. */
export function given(args: readonly string[] = [], options: Record<string, string | true | string[]> = {}): Given {
  return {
    args,
    text: name => (typeof options[name] === 'string' ? String(options[name]) : undefined),
    flag: name => options[name] === true,
    list: name => (Array.isArray(options[name]) ? options[name] : []),
  }
}
