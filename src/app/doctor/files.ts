import { chmod, lstat, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { bodiesFolder } from '../../ledger/body-files.ts'
import type { Check, Found, Repair } from './check.ts'

/** Who may look into it is told by the check of the bodies. */
const BODIES = basename(bodiesFolder(''))

/** Rights of group and others. */
const OTHERS = 0o077

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

/**
 * Who may read what Candor keeps: the data folder, and what lies in it (the ledger, the note with the administrator's token, the lock). The mode of
 * the configuration file is the business of its own warnings: a file without keys may be read.
 */
export const filesCheck: Check = {
  id: 'files',
  about: 'who else may read what Candor keeps',
  async run({ paths, machine }, tell) {
    if (machine.os === 'win32')
      return tell({ id: 'files', severity: 'info', message: 'Windows has no file modes: nothing was looked at.' })
    const folder = await lstat(paths.dataDir).catch(() => undefined)
    if (folder?.isFile() === true) return tell(noFolder(paths.dataDir))
    const names = (await readdir(paths.dataDir).catch(() => [])).filter(name => name !== BODIES)
    const found = [
      ...(await openToOthers('files.mode', paths.dataDir)),
      ...(await Promise.all(names.map(name => openToOthers('files.mode', join(paths.dataDir, name))))).flat(),
    ]
    for (const each of found) tell(each)
    if (found.length === 0) tell({ id: 'files', severity: 'ok', message: 'Only you can read what Candor keeps.' })
  },
}

function noFolder(path: string): Found {
  return {
    id: 'files.no-folder',
    severity: 'error',
    message: `${path} is a file, where Candor's data folder would be: no gateway can start, and no call is recorded.`,
    path,
    fixHint: 'Move that file elsewhere, or set CANDOR_HOME to another folder.',
  }
}

/** A finding if other users may look into a file or a folder, under this id; none if it is not there. */
export async function openToOthers(id: string, path: string): Promise<readonly Found[]> {
  const facts = await lstat(path).catch(() => undefined)
  // The mode of a link says nothing.
  if (facts === undefined || facts.isSymbolicLink() || (facts.mode & OTHERS) === 0) return []
  const wanted = facts.isDirectory() ? FOLDER_MODE : FILE_MODE
  return [
    {
      id,
      severity: 'warning',
      message: `Other users may look into ${path}: its mode is ${shown(facts.mode)}.`,
      path,
      fixHint: `Run: chmod ${shown(wanted)} ${path}`,
      repair: modeRepair(path, wanted),
    },
  ]
}

/** Takes everybody else's rights to a file. */
export function modeRepair(path: string, mode: number): Repair {
  return { what: `Gives ${path} the mode ${shown(mode)}: only you may use it.`, mend: () => chmod(path, mode) }
}

function shown(mode: number): string {
  return (mode & 0o777).toString(8)
}
