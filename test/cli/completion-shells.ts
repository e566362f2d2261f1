import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { CompletionShell } from '../../src/cli/completion/shells.ts'

/** What a shell needs to complete: the script, and a folder with a program `candor` that it may ask. */
export interface ShellSetting {
  readonly script: string
  /** Holds the program, and what the test writes. */
  readonly folder: string
}

/** Proposals of a real shell for a line, in no order; what belongs to the line's last word and not to the proposal is left away by bash. */
export function proposals(shell: CompletionShell, line: string, setting: ShellSetting): readonly string[] {
  return ASK[shell](line, setting)
    .split('\n')
    .filter(each => each !== '')
    .sort()
}

const ASK: Readonly<Record<CompletionShell, (line: string, setting: ShellSetting) => string>> = {
  bash: (line, setting) => run('bash', ['--norc', '--noprofile', '-c', BASH, 'bash', setting.script, line], setting),
  fish: (line, setting) =>
    run('fish', ['--no-config', '-c', FISH, '--', setting.script, line], setting).replace(/\t.*$/gm, ''),
  zsh(line, setting) {
    const [out, setup] = [join(setting.folder, 'proposals'), join(setting.folder, 'setup.zsh')]
    rmSync(out, { force: true })
    writeFileSync(setup, ZSH_SETUP)
    run('zsh', ['-f', '-c', ZSH, 'zsh', setup, line], setting, { OUT: out, SCRIPT: setting.script })
    return existsSync(out) ? readFileSync(out, 'utf8') : ''
  },
}

/** Runs a program and gives what it printed. Throws with its complaint if it has one. */
function run(program: string, args: readonly string[], { folder }: ShellSetting, env: Record<string, string> = {}) {
  const path = [folder, process.env['PATH'] ?? ''].join(delimiter)
  const { stdout, stderr, status, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { PATH: path, HOME: folder, TERM: 'dumb', LC_ALL: 'C.UTF-8', ...env },
    timeout: 20_000,
  })
  if (error !== undefined || status !== 0 || stderr !== '')
    throw new Error(`${program}: ${error ?? stderr} (${status})`)
  return stdout
}

/** The variables bash sets while it completes; it takes its own errors for lines of the proposal. */
const BASH = `. "$1"
COMP_LINE=$2 COMP_POINT=\${#2}
_candor 2>&1
printf '%s\\n' "\${COMPREPLY[@]}"`

const FISH = `source $argv[1]
complete -C $argv[2]`

/** A shell on a terminal of its own, that ends after its first completion. */
const ZSH = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source $1"
zpty -w -n shell "$2"$'\\t'
while zpty -r shell piece; do :; done`

/** What is proposed is written down on its way; calls that only choose among words propose nothing. */
const ZSH_SETUP = `PROMPT=
autoload -Uz compinit && compinit -D -u
source $SCRIPT
compadd() {
  local -a found
  if [[ \${@[1,(i)(-|--)]} != *-[OAD]* ]]; then
    builtin compadd -O found "$@"
    print -rl -- $found >> $OUT
  fi
  builtin compadd "$@"
}
end-now() { exit }
comppostfuncs=(end-now)
bindkey '^I' complete-word
`
