import { join } from 'node:path'
import { folderIn, type Machine } from '../clients/client.ts'
import { posixWord } from './posix.ts'
import type { CompletionShell } from './shells.ts'

/** Where a script belongs, and the lines a start file needs where the shell would not find it by itself. */
export interface ScriptPlace {
  readonly file: string
  readonly start?: { readonly file: string; readonly lines: readonly string[] }
  /** When it begins to work. */
  readonly begins: string
}

/** Where the package bash-completion is: Linux, and macOS by Homebrew and MacPorts. It loads a user's files when they are needed. */
const BASH_COMPLETION = [
  '/usr/share/bash-completion/bash_completion',
  '/usr/local/share/bash-completion/bash_completion',
  '/opt/homebrew/share/bash-completion/bash_completion',
  '/opt/local/share/bash-completion/bash_completion',
]

/** Finds the place for a shell. Nothing is written. */
export function scriptPlace(shell: CompletionShell, machine: Machine): ScriptPlace {
  const { env, home } = machine
  const data = folderIn(env, 'XDG_DATA_HOME') ?? join(home, '.local', 'share')
  if (shell === 'fish') {
    const config = folderIn(env, 'XDG_CONFIG_HOME') ?? join(home, '.config')
    return { file: join(config, 'fish', 'completions', 'candor.fish'), begins: 'It works at once.' }
  }
  return shell === 'bash' ? bashPlace(data, machine) : zshPlace(data, machine)
}

/** https://github.com/scop/bash-completion (README, FAQ): files below the data folder are loaded on demand, by the name of the command. */
function bashPlace(data: string, { env, home, exists }: Machine): ScriptPlace {
  const user = folderIn(env, 'BASH_COMPLETION_USER_DIR') ?? join(data, 'bash-completion')
  const file = join(user, 'completions', 'candor')
  const begins = 'It works in every bash that is started from now on.'
  if (BASH_COMPLETION.some(exists)) return { file, begins }
  const path = posixWord(file)
  return { file, begins, start: { file: join(home, '.bashrc'), lines: [`if [ -r ${path} ]; then . ${path}; fi`] } }
}

/**
 * zsh finds a file \`_candor\` in the folders of its variable \`fpath\`, which holds none of the user's by default. The lines work before and after the
 * start of the completion system.
 */
function zshPlace(data: string, { env, home }: Machine): ScriptPlace {
  const folder = join(data, 'zsh', 'site-functions')
  const file = join(folder, '_candor')
  const begins = 'It works in every zsh that is started from now on.'
  if ((env['FPATH'] ?? '').split(':').includes(folder)) return { file, begins }
  const lines = [
    `fpath=(${posixWord(folder)} $fpath)`,
    'autoload -Uz _candor',
    'if ! (( $+functions[compdef] )); then autoload -Uz compinit && compinit -i; fi',
    'compdef _candor candor',
  ]
  return { file, begins, start: { file: join(folderIn(env, 'ZDOTDIR') ?? home, '.zshrc'), lines } }
}
