import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { plural, showBytes } from '../../admin/story/amounts.ts'
import { bodiesFolder } from '../../ledger/body-files.ts'
import type { BodyHealth } from '../../ledger/kept-bodies.ts'
import type { Check, Found } from './check.ts'
import { openToOthers } from './files.ts'

/** Whether what is asked and answered is kept, where, and who else could read it. */
export const bodiesCheck: Check = {
  id: 'bodies',
  about: 'whether what is asked and answered is kept, and who may read it',
  async run({ paths, machine, config, gateway }, tell) {
    const folder = bodiesFolder(paths.dataDir)
    const days = await readdir(folder).catch(() => [])
    for (const each of gateway?.bodies === undefined ? [] : troubles(gateway.bodies, folder)) tell(each)
    // Windows has no file modes.
    if (machine.os !== 'win32')
      for (const path of [folder, ...days.map(day => join(folder, day))])
        for (const each of await openToOthers('bodies.mode', path)) tell(each)
    const limits = gateway?.bodies ?? config?.bodies
    // The check of the configuration says why it cannot be used.
    if (limits === undefined) return
    if (limits.keepDays > 0) return tell(keptFinding(limits, folder))
    const none = 'Of what is asked and answered nothing is kept.'
    if (days.length === 0) return tell({ id: 'bodies', severity: 'ok', message: none })
    tell({
      id: 'bodies.left',
      severity: 'info',
      message: `Of what is asked and answered nothing is kept any more. What was kept before is still in ${folder}, until a gateway runs that removes it.`,
      path: folder,
    })
  },
}

function keptFinding({ keepDays, totalBytesMax }: Pick<BodyHealth, 'keepDays' | 'totalBytesMax'>, path: string): Found {
  return {
    id: 'bodies.kept',
    severity: 'info',
    message: `What is asked and answered is kept for ${plural(keepDays, 'day')} in ${path}, at most ${showBytes(totalBytesMax)}.`,
    path,
    fixHint: 'If that is not meant: candor config set bodies.keepDays 0',
  }
}

/** What does not go as it should. A warning is over as soon as something could be written again; calls that were lost stay lost. */
function troubles({ warning, dropped }: BodyHealth, path: string): readonly Found[] {
  const fixHint = 'See whether the disk is full or the folder closed: candor doctor --only space,bodies'
  if (warning !== undefined) return [{ id: 'bodies.trouble', severity: 'warning', message: warning, path, fixHint }]
  if (dropped === 0) return []
  const message = `Of ${plural(dropped, 'call')} since the start, what was asked and answered could not be kept.`
  return [{ id: 'bodies.dropped', severity: 'warning', message, path, fixHint }]
}
