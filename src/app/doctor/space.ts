import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { showBytes } from '../../admin/story/amounts.ts'
import type { Check, Found } from './check.ts'

/** Below this, receipts are soon not written any more. */
const BYTES_ERROR = 64 * 1024 * 1024
/** Some weeks of a busy gateway's receipts. */
const BYTES_WARNING = 1024 * 1024 * 1024

/** Room for the ledger. */
export const spaceCheck: Check = {
  id: 'space',
  about: 'room on the disk of the data folder',
  async run({ paths, machine }, tell) {
    const folder = firstThere(paths.dataDir)
    const free = await machine.freeBytes(folder).catch(() => undefined)
    if (free === undefined)
      return tell({ id: 'space', severity: 'info', message: `The system does not say how much room is at ${folder}.` })
    const left = `${showBytes(free)} are left on the disk of ${paths.dataDir}`
    if (free >= BYTES_WARNING) return tell({ id: 'space', severity: 'ok', message: `${left}.` })
    const low = { path: paths.dataDir, fixHint: 'Free some, or set CANDOR_HOME to a folder on another disk.' }
    const found: Found =
      free < BYTES_ERROR
        ? { id: 'space.none', severity: 'error', message: `Only ${left}: receipts will not be kept.`, ...low }
        : { id: 'space.low', severity: 'warning', message: `Only ${left}.`, ...low }
    tell(found)
  },
}

/** The folder itself is made by the first gateway. */
function firstThere(folder: string): string {
  const above = dirname(folder)
  return existsSync(folder) || above === folder ? folder : firstThere(above)
}
