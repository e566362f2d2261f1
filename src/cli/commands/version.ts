import { VERSION } from '../../base/version.ts'
import { EXIT, type Verb } from '../verb.ts'

/** `candor version`. */
export const version: Verb = {
  name: 'version',
  summary: 'Versions of Candor and of what it runs on',
  examples: [{ line: 'candor version --json', about: 'for a bug report or a script' }],
  async run(_given, { shell, print }) {
    const { bun, node, nodeCompatibility, os, arch } = shell.runtime
    if (print.json) print.document({ candor: VERSION, ...shell.runtime })
    else {
      print.line(`candor ${VERSION}`)
      print.line(`bun ${bun} (compatible with Node.js ${nodeCompatibility})`)
      if (node !== undefined) print.line(`node ${node} (the launcher's)`)
      print.line(`${os} ${arch}`)
    }
    return EXIT.ok
  },
}
