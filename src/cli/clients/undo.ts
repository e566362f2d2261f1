import { showPath } from '../../app/config/tree.ts'
import { CliFault, EXIT } from '../verb.ts'
import { type Backup, fingerprint, type KeptFile } from './backup.ts'
import type { Client, Machine } from './client.ts'
import { editing, readSettings, withoutMark } from './connection.ts'
import type { FileChange } from './diff.ts'
import { type FileFormat, isSame, valueAt, withoutEdits } from './file-format.ts'

/**
 * What takes a client's files back to how they were before `connect`. A file that has not changed since gets its old bytes; in one that has,
 * only the values `connect` wrote are taken back. Throws {@link CliFault} if one of those has been changed since: whose it is now is not
 * Candor's to say. Nothing is written.
 */
export async function planUndo(client: Client, backup: Backup, machine: Machine): Promise<readonly FileChange[]> {
  const changes = await Promise.all(backup.files.map(kept => undoFile(client, kept, backup, machine)))
  return changes.filter(({ before, after }) => before !== after)
}

async function undoFile(client: Client, kept: KeptFile, backup: Backup, machine: Machine): Promise<FileChange> {
  const { file } = kept
  const now = await readSettings(file)
  if (now === undefined || fingerprint(now) === kept.written) return { file, before: now, after: kept.before }
  const format = formatOf(client, file, machine)
  const after = await editing(file, () => {
    const text = withoutMark(now)
    const old = withoutMark(kept.before ?? format.empty)
    refuseForeign(format, text, old, kept, backup)
    return now.slice(0, now.length - text.length) + withoutEdits(format, text, old, kept.edits)
  })
  return { file, before: now, after }
}

function refuseForeign(format: FileFormat, text: string, old: string, kept: KeptFile, backup: Backup): void {
  const now = format.parse(text)
  const before = format.parse(old)
  const foreign = kept.edits.filter(({ path, value }) => {
    const there = valueAt(now, path)
    return !isSame(there, value) && !isSame(there, valueAt(before, path))
  })
  if (foreign.length === 0) return
  const names = foreign.map(({ path }) => showPath(path)).join(', ')
  throw new CliFault(EXIT.finding, `${kept.file} was changed since: ${names}. Nothing was undone.`, {
    why: 'Candor takes back only what it wrote itself.',
    fix: [`Change the file by hand; how it was before is in ${backup.folder}`],
  })
}

/** The format of a file of the client's; where its files are does not depend on where it is aimed. */
function formatOf(client: Client, file: string, machine: Machine): FileFormat {
  const aim = { url: 'http://127.0.0.1', needsKey: false }
  const found = client.files?.(aim, machine).find(each => each.file === file)
  if (found !== undefined) return found.format
  throw new CliFault(EXIT.finding, `${client.name} keeps its settings elsewhere now than ${file}. Nothing was undone.`)
}
