import { VERSION } from '../../base/version.ts'
import { EXIT, type Verb } from '../verb.ts'

/** `candor version`. */
export const version: Verb = {
  name: 'version',
  summary: 'Versions of Candor and of what it runs on',
  examples: [{ line: 'candor version --json', about: 'for a bug report or a script' }],
  async run(_given, { shell, print }) {
    const { bun, node, os, arch } = shell.runtime
    if (print.json) print.document({ candor: VERSION, bun, node, os, arch })
    else {
      print.line(`candor ${VERSION}`)
      print.line(`bun ${bun} (Node.js ${node} compatible)`)
      print.line(`${os} ${arch}`)
    }
    return EXIT.ok
  },
}
