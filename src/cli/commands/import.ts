import { resolve } from 'node:path'
import { runImport } from '../import/run-import.ts'
import { SOURCES, sourceNamed } from '../import/sources.ts'
import { CONFIG_OPTION, type Verb } from '../verb.ts'

/** `candor import`. The name `import` is a word of the language. */
export const importSettings: Verb = {
  name: 'import',
  summary: "Take over another gateway's or agent's providers; shows what it means here, and what it cannot",
  args: [
    { syntax: '<source>', about: SOURCES.map(({ id }) => id).join(', ') },
    { syntax: '[file]', about: 'its settings (default: where the program keeps them)' },
  ],
  options: [
    { flags: '--write', about: 'write it into the configuration; on a terminal it is asked first' },
    { flags: '--keys-to-files', about: 'put keys that stand in the source into files only you can read' },
    { flags: '-y, --yes', about: 'write without asking' },
    CONFIG_OPTION,
  ],
  asks: true,
  examples: [
    { line: 'candor import openclaw', about: 'shows what would be taken over, and writes nothing' },
    { line: 'candor import litellm config.yaml --write', about: 'writes it' },
    { line: 'candor import ccr --write --keys-to-files', about: 'its keys too, in files of their own' },
  ],
  notes: () =>
    'What stands in the configuration already stays as it is. Keys are never written into it: a variable takes their place, or a file. Headers that say to be another program are not taken over.',
  run: async (given, desk) => {
    const [name = '', file] = given.args
    return await runImport(
      {
        source: sourceNamed(name),
        file: file === undefined ? undefined : resolve(desk.shell.cwd, file),
        write: given.flag('write'),
        keysToFiles: given.flag('keys-to-files'),
        yes: given.flag('yes'),
      },
      given,
      desk,
    )
  },
}
