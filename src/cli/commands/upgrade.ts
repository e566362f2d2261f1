import { VERSION } from '../../base/version.ts'
import { shortPath } from '../short-path.ts'
import { tell } from '../tell.ts'
import { findRestart } from '../upgrade/restart.ts'
import { findThisInstallation } from '../upgrade/this-installation.ts'
import { EXIT, type Verb } from '../verb.ts'

/** `candor upgrade`. */
export const upgrade: Verb = {
  name: 'upgrade',
  summary: 'Name the command that brings a newer Candor; does nothing itself',
  examples: [
    { line: 'candor upgrade', about: 'for how this copy was installed' },
    { line: 'candor upgrade --json', about: 'how it was installed, and the commands, for a script' },
  ],
  notes: () => 'Nothing is installed, run or asked over the network: not even whether there is a newer version.',
  async run(_given, desk) {
    const { shell, print } = desk
    const { kind, path, about, commands, advice } = findThisInstallation(shell.env)
    const restart = await findRestart(shell)
    if (print.json) {
      print.document({ version: VERSION, kind, path, about, commands, advice, restart })
      return EXIT.ok
    }
    tell(`Candor ${VERSION}, ${shortPath(path, shell.home)}`, desk)
    tell(about, desk)
    for (const command of commands) print.line(command)
    if (advice !== undefined) tell(advice, desk)
    if (restart !== undefined) tell(restart.about, desk)
    if (restart?.command !== undefined) print.line(restart.command)
    const nothing = 'Nothing was done, and nobody was asked whether there is a newer version: no network is used.'
    tell(print.paintNote('dim', nothing), desk)
    return EXIT.ok
  },
}
