import { askNames } from '../completion/ask-names.ts'
import { ASKED, type Asked } from '../completion/asked.ts'
import { EXIT, type Verb } from '../verb.ts'

/**
 * `candor complete <kind>`, which the scripts of `candor completion` ask: one name a line, and what it is behind a tab. It is in no list, for people have
 * the commands that show the same. Whatever goes wrong, it says nothing and ends well: an error would stand in the middle of somebody's typing.
 */
export const complete: Verb = {
  name: 'complete',
  summary: 'Names for the completion scripts',
  args: [{ syntax: '<kind>', about: Object.keys(ASKED).join(', ') }],
  examples: [{ line: 'candor complete models', about: 'the models that can be called, one a line' }],
  async run(given, { shell, print }) {
    const kind = given.args[0] ?? ''
    const words = isAsked(kind) ? await askNames(kind, shell) : []
    if (print.json) print.document({ words })
    else print.raw(words.map(({ word, about }) => `${about === '' ? word : `${word}\t${about}`}\n`).join(''))
    return EXIT.ok
  },
}

function isAsked(text: string): text is Asked {
  return Object.hasOwn(ASKED, text)
}
