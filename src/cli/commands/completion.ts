import { basename } from 'node:path'
import { applyChanges, planInstall, planUninstall } from '../completion/install.ts'
import { scriptPlace } from '../completion/places.ts'
import { completionScript } from '../completion/scripts.ts'
import { COMPLETION_SHELLS, type CompletionShell } from '../completion/shells.ts'
import type { Shell } from '../shell.ts'
import { shown, tell } from '../tell.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, type Desk, EXIT, type Verb } from '../verb.ts'
import { machineOf } from './run.ts'

/** `candor completion`, for the commands it is handed: those of the help. */
export function completionFor(verbs: () => readonly Verb[]): Verb {
  return {
    name: 'completion',
    summary: 'Completions for bash, zsh and fish: commands, options, models, providers, keys and receipts',
    args: [{ syntax: '[shell]', about: `${COMPLETION_SHELLS.join(', ')} (default: the one in $SHELL)` }],
    options: [
      { flags: '--install', about: 'put the script where the shell finds it' },
      { flags: '--uninstall', about: 'take out what --install put there' },
    ],
    examples: [
      { line: 'candor completion zsh --install', about: 'for good' },
      { line: 'candor completion bash', about: 'prints it; try it with source <(…)' },
    ],
    notes: () =>
      [
        'Names of models come from the gateway that runs here, else from the configuration and the catalogue; no provider is asked.',
        'After an update of Candor, --install brings its new commands.',
      ].join('\n'),
    async run(given, desk) {
      const shell = shellNamed(given.args[0], desk.shell)
      if (given.flag('install') && given.flag('uninstall'))
        throw new CliFault(EXIT.usage, '--install and --uninstall cannot be had together.')
      if (given.flag('uninstall')) return await uninstall(shell, desk)
      const script = completionScript(shell, verbs())
      if (given.flag('install')) return await install(shell, script, desk)
      if (desk.print.json) desk.print.document({ shell, script })
      else desk.print.raw(script)
      return EXIT.ok
    },
  }
}

function shellNamed(text: string | undefined, { env }: Shell): CompletionShell {
  const name = text ?? basename(env['SHELL'] ?? '')
  const shell = COMPLETION_SHELLS.find(each => each === name)
  if (shell !== undefined) return shell
  const fix = [`Name one of ${COMPLETION_SHELLS.join(', ')}: candor completion bash`]
  if (text === undefined) throw new CliFault(EXIT.usage, 'Which shell? $SHELL names none that Candor knows.', { fix })
  throw new CliFault(EXIT.usage, `There are no completions for "${oneLine(name, 40)}".`, { fix })
}

async function install(shell: CompletionShell, script: string, desk: Desk): Promise<number> {
  const { print } = desk
  const place = scriptPlace(shell, machineOf(desk.shell))
  const changes = await planInstall(place, script)
  await applyChanges(changes)
  const files = changes.map(({ file }) => file)
  if (print.json) print.document({ shell, outcome: files.length === 0 ? 'nothing' : 'written', files })
  else if (files.length === 0) print.note('Nothing to change: the completions are in place.')
  else {
    tell(`Written: ${shown(place.file, desk)}`, desk)
    if (place.start !== undefined && files.includes(place.start.file))
      tell(`and a block of ${place.start.lines.length + 2} lines in ${shown(place.start.file, desk)}`, desk, '  ')
    tell(`${place.begins} To take it back: candor completion ${shell} --uninstall`, desk)
  }
  return EXIT.ok
}

async function uninstall(shell: CompletionShell, desk: Desk): Promise<number> {
  const { print } = desk
  const machine = machineOf(desk.shell)
  // A start file may hold the block though it would not be needed today.
  const bare = { ...machine, env: { ...machine.env, FPATH: '' }, exists: () => false }
  const changes = await planUninstall(scriptPlace(shell, machine), scriptPlace(shell, bare).start?.file)
  await applyChanges(changes)
  const files = changes.map(({ file }) => file)
  if (print.json) print.document({ shell, outcome: files.length === 0 ? 'nothing' : 'removed', files })
  else if (files.length === 0) print.note(`There is nothing to take back: no completions for ${shell} are installed.`)
  else
    for (const { file, after } of changes)
      tell(`${after === undefined ? 'Removed' : 'Put back'}: ${shown(file, desk)}`, desk)
  return EXIT.ok
}
