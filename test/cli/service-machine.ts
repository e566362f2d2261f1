import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serviceFor } from '../../src/cli/commands/service.ts'
import { runCli } from '../../src/cli/run.ts'
import type { OwnProgram } from '../../src/cli/service/plan.ts'
import { fakeShell } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

/** A home with service managers that note what they are asked, and do nothing but that. */
export interface ServiceMachine {
  readonly home: HomeFolder
  readonly unit: string
  /** What was asked since the last look, a line each. */
  calls(): readonly string[]
  /** From now on the program ends with 1 and this complaint where its arguments hold the word. */
  breakAt(word: string): void
  candor(line: string, more?: Around): Promise<{ readonly exit: number; readonly out: string; readonly err: string }>
  path(...names: string[]): string
  /** A gateway that has noted itself in the data folder and says that it lives. */
  gateway(): { readonly stop: () => Promise<void> }
}

interface Around {
  readonly env?: Record<string, string>
  readonly program?: OwnProgram
  readonly os?: string
  /** What a person at a terminal types. */
  readonly typed?: string
}

/** Says what it was asked; is active from `start` to `stop`, and remembers it in a file. */
const MANAGER = `#!/bin/sh
name=\${0##*/}
echo "$name $*" >> "$HOME/calls"
[ -f "$HOME/break" ] && case "$*" in *"$(cat "$HOME/break")"*) echo "no $name today" >&2; exit 1 ;; esac
case "$*" in
  *is-active*) cat "$HOME/active" 2> /dev/null || { echo inactive; exit 3; } ;;
  print*) [ -f "$HOME/active" ] || exit 113; echo "	state = running" ;;
  *Linger*) echo no ;;
  *stop*|*disable*|bootout*) rm -f "$HOME/active" ;;
  *start*|bootstrap*) echo active > "$HOME/active" ;;
esac
`

/** Where the program is, for a service of these tests. */
export const PROGRAM: OwnProgram = { runtime: '/bin/sh', launcher: '/bin/echo', userId: 501 }

/** Makes one. */
export function serviceMachine(): ServiceMachine {
  const home = homeFolder()
  const path = (...names: string[]) => join(home.path, ...names)
  mkdirSync(path('bin'))
  for (const name of ['systemctl', 'loginctl', 'launchctl']) {
    writeFileSync(path('bin', name), MANAGER)
    chmodSync(path('bin', name), 0o755)
  }
  let seen = 0
  return {
    home,
    unit: path('config/systemd/user/candor.service'),
    path,
    calls() {
      const all = existsSync(path('calls')) ? readFileSync(path('calls'), 'utf8').trimEnd().split('\n') : []
      const fresh = all.slice(seen)
      seen = all.length
      return fresh.filter(each => !each.includes('is-active') && !each.includes('Linger') && !each.includes('print'))
    },
    gateway() {
      const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('ok') })
      mkdirSync(home.dataDir, { recursive: true })
      const note = { pid: 1, url: `http://127.0.0.1:${server.port}`, startedAt: '', version: '1' }
      writeFileSync(join(home.dataDir, 'gateway.json'), JSON.stringify(note))
      return { stop: () => server.stop(true) }
    },
    breakAt: word => writeFileSync(path('break'), word),
    async candor(line, { env = {}, program = PROGRAM, os = 'linux', typed } = {}) {
      const around = { HOME: home.path, PATH: `${path('bin')}:/usr/bin:/bin`, USER: 'me', ...home.env, ...env }
      const fake = fakeShell({ home: home.path, env: around, tty: typed !== undefined, input: typed ?? '' })
      const shell = { ...fake, runtime: { ...fake.runtime, os } }
      const exit = await runCli(line.split(' '), [serviceFor(() => program)], shell)
      return { exit, out: fake.stdout.text(), err: fake.stderr.text() }
    },
  }
}
