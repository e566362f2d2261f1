import { rm } from 'node:fs/promises'
import { replaceFile } from '../../app/config/edit.ts'
import { errorCode } from '../../base/error-code.ts'
import { readSettings } from '../clients/connection.ts'
import type { FileChange } from '../clients/diff.ts'
import { CliFault, EXIT } from '../verb.ts'
import { SCRIPT_MARK } from './bash.ts'
import type { ScriptPlace } from './places.ts'
import { DamagedBlock, withBlock, withoutBlock } from './start-file.ts'

/** What would change so that the shell finds the script. Throws {@link CliFault} on a file that is not Candor's. */
export async function planInstall(place: ScriptPlace, script: string): Promise<readonly FileChange[]> {
  const changes: FileChange[] = [{ file: place.file, before: await ownScript(place.file), after: script }]
  const { start } = place
  if (start !== undefined) {
    const before = await readSettings(start.file)
    changes.push({ file: start.file, before, after: edited(start.file, () => withBlock(before, start.lines)) })
  }
  return changes.filter(({ before, after }) => before !== after)
}

/** What would change so that nothing of it is left. Throws {@link CliFault} on a file that is not Candor's. */
export async function planUninstall(place: ScriptPlace, startFile: string | undefined): Promise<readonly FileChange[]> {
  const changes: FileChange[] = [{ file: place.file, before: await ownScript(place.file), after: undefined }]
  const before = startFile === undefined ? undefined : await readSettings(startFile)
  if (startFile !== undefined && before !== undefined)
    changes.push({ file: startFile, before, after: edited(startFile, () => withoutBlock(before)) })
  return changes.filter(each => each.before !== each.after)
}

/** Writes the changes, each in one step. Throws {@link CliFault} if the file system refuses. */
export async function applyChanges(changes: readonly FileChange[]): Promise<void> {
  for (const { file, after } of changes) {
    try {
      await (after === undefined ? rm(file) : replaceFile(file, after))
    } catch (error) {
      const code = errorCode(error)
      throw new CliFault(EXIT.finding, `${file} cannot be written (${code}).`)
    }
  }
}

async function ownScript(file: string): Promise<string | undefined> {
  const text = await readSettings(file)
  if (text === undefined || text.split('\n', 2).some(line => line.startsWith(SCRIPT_MARK))) return text
  throw new CliFault(EXIT.finding, `${file} is there already and is not Candor's. It was not touched.`, {
    fix: [`If nobody needs it, remove it: rm ${file}`],
  })
}

function edited<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof DamagedBlock)) throw error
    throw new CliFault(EXIT.finding, `${file} cannot be edited, and was not touched.`, {
      why: error.message,
      fix: ['Take the rest of the block out by hand, and try again.'],
    })
  }
}
