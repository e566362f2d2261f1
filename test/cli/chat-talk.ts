import { PassThrough } from 'node:stream'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { type FakeShell, fakeShell } from './fake-shell.ts'

/** A conversation with `candor chat` at a terminal of its own. */
export interface Talk {
  readonly shell: FakeShell
  readonly ended: Promise<number>
  /** Enters a line and waits for these words in what is said to the person. */
  say(line: string, until: string): Promise<void>
  type(text: string): void
}

/** Begins one, and waits until it can be talked with. */
export async function beginTalk(
  args: readonly string[],
  home: string,
  env: Record<string, string>,
  columns = 80,
): Promise<Talk> {
  const input = new PassThrough()
  const shell = fakeShell({ home, env, input, tty: true, columns })
  const ended = runCli(['chat', ...args], VERBS, shell)
  await shell.stderr.until('/help')
  return {
    shell,
    ended,
    type: text => void input.write(text),
    async say(line, until) {
      const said = shell.stderr.until(until)
      input.write(`${line}\r`)
      await said
    },
  }
}
