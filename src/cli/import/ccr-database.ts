import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { errorCode } from '../../base/error-code.ts'
import { CliFault, EXIT } from '../verb.ts'

/** What every SQLite file begins with (https://sqlite.org/fileformat.html, 1.3). */
const MAGIC = 'SQLite format 3\u0000'

/** How long another program's transaction is waited for, in milliseconds. */
const BUSY_MS = 2_000

/** True for a file that is a SQLite database; false too where none is. */
export async function isDatabase(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => undefined)
  if (handle === undefined) return false
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0)
    return buffer.toString('latin1', 0, bytesRead) === MAGIC
  } catch {
    return false
  } finally {
    await handle.close()
  }
}

/**
 * The settings of claude-code-router 3 as JSON: in `config.sqlite` the row `default` of the table `app_config` (its documentation,
 * configuration/configuration-file; its source, packages/core/src/config/config-repository.ts). Only read, also while it runs. Throws a usage fault.
 */
export function readCcrDatabase(file: string): string {
  let db: DatabaseSync | undefined
  try {
    db = openToRead(file)
    const row = db.prepare("SELECT value_json FROM app_config WHERE key = 'default'").get()
    const json = row?.['value_json']
    if (typeof json === 'string') return json
  } catch (error) {
    const code = errorCode(error)
    throw noSettings(file, `SQLite says: ${code}.`)
  } finally {
    db?.close()
  }
  throw noSettings(file, 'Nothing is saved in it yet.')
}

/** Where nobody has it open it is taken as it lies: in its mode every other reader would leave files beside it (https://sqlite.org/wal.html, 5). */
function openToRead(file: string): DatabaseSync {
  const isOpen = existsSync(`${file}-wal`) || existsSync(`${file}-shm`)
  const place = isOpen ? file : new URL('?immutable=1', pathToFileURL(file))
  return new DatabaseSync(place, { readOnly: true, timeout: BUSY_MS })
}

function noSettings(file: string, why: string): CliFault {
  return new CliFault(
    EXIT.usage,
    `${file} is a database, but the settings of claude-code-router are not found in it.`,
    {
      why,
      fix: [
        'Export them there (Settings, Export data), and name the file: candor import ccr FILE.json',
        'Or name an older configuration: candor import ccr config.json',
      ],
    },
  )
}
