import { childEnvironment, command } from './harness.ts'

/** A program at a terminal of its own. */
export interface Terminal {
  type(text: string): void
  /** What stands on it, colours and cursor movements taken out. */
  text(): string
  /** Forgets what stands on it. */
  wipe(): void
  /** Resolves when it shows the pattern; rejects if the program ends without it. */
  shows(pattern: RegExp): Promise<void>
  readonly exited: Promise<number>
  /** Ends the program without a chance to do anything. */
  kill9(): void
}

/** Runs `candor` at a terminal; `env`: variables beside the few every child gets. */
export function openTerminal(
  args: readonly string[],
  home: string,
  env: Readonly<Record<string, string>> = {},
): Terminal {
  let raw = ''
  let ended = false
  let waiters: (() => void)[] = []
  const wake = () => {
    const woken = waiters
    waiters = []
    for (const each of woken) each()
  }
  const child = Bun.spawn(command(args), {
    cwd: home,
    env: { ...childEnvironment(home, { TERM: 'xterm-256color', ...env }) },
    terminal: {
      cols: 120,
      rows: 40,
      data(_, bytes) {
        raw += Buffer.from(bytes).toString('utf8')
        wake()
      },
    },
  })
  const text = () => Bun.stripANSI(raw).replaceAll('\r', '')
  const exited = child.exited.then(code => {
    ended = true
    wake()
    return code
  })
  return {
    type: typed => void child.terminal?.write(typed),
    text,
    wipe() {
      raw = ''
    },
    async shows(pattern) {
      while (!pattern.test(text())) {
        if (ended) throw new Error(`the program ended without showing ${pattern}\n${text()}`)
        await new Promise<void>(resolve => waiters.push(resolve))
      }
    },
    exited,
    kill9: () => child.kill('SIGKILL'),
  }
}
