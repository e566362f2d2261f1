import type { Verb } from '../verb.ts'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import type { CompletionShell } from './shells.ts'
import { completionTable, type Entry } from './table.ts'
import { zshScript } from './zsh.ts'

const SCRIPTS: Readonly<Record<CompletionShell, (table: readonly Entry[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

/** The script of a shell for these commands. */
export function completionScript(shell: CompletionShell, verbs: readonly Verb[]): string {
  return SCRIPTS[shell](completionTable(verbs))
}
