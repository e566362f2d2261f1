import { fileURLToPath } from 'node:url'
import { findProgram } from '../clients/start-client.ts'
import type { Shell } from '../shell.ts'
import { CliFault, EXIT } from '../verb.ts'
import type { OwnProgram } from './plan.ts'

const THIS_FILE = '/src/cli/service/own-program.ts'

/**
 * How Candor was started here: the launcher with the Node.js of the search path, or the single binary, in which all modules are one file. The
 * launcher is named by its own place, not by a link to it. Throws {@link CliFault} if Node.js is not found.
 */
export function ownProgram(shell: Shell): OwnProgram {
  const here = import.meta.url
  const userId = process.getuid?.() ?? 0
  if (!here.endsWith(THIS_FILE)) return { launcher: process.execPath, userId }
  const runtime = findProgram('node', shell)
  if (runtime === undefined)
    throw new CliFault(EXIT.absent, 'Node.js is not on the search path, and a service needs its place.', {
      fix: ['Put the folder of "node" on the PATH, and try again.'],
    })
  return { runtime, launcher: fileURLToPath(`${here.slice(0, -THIS_FILE.length)}/bin/candor`), userId }
}
