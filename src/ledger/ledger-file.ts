import { constants, Database } from 'bun:sqlite'
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { migrate, SCHEMA_VERSION, schemaVersion } from './migrations.ts'
import { createPrivateDatabase } from './private-files.ts'
import type { Receipt } from './receipt.ts'
import { markInterrupted, replay } from './recovery.ts'
import { faultWords, isFault } from './sqlite-fault.ts'
import type { LedgerRefusal } from './store.ts'
import { openSums, type Sums } from './usage-sums.ts'

/** A file open for writing, or why it is not. */
export type FileOpening =
  | {
      readonly ok: true
      readonly db: Database
      readonly sums: Sums
      /** Calls found in flight from an earlier process, now marked as interrupted. */
      readonly interrupted: number
    }
  | FileRefused

/** A file open for reading, or why it is not. */
export type ReadonlyOpening = { readonly ok: true; readonly db: Database } | FileRefused

/** A file that is left as it is. */
export interface FileRefused {
  readonly ok: false
  readonly refusal: LedgerRefusal
}

/** While opening there are no calls yet that a wait could hold up. */
const OPENING_WAIT_MS = 2_000
/** A wait blocks the whole process, so it only bridges another program's shortest transactions; the rest is for the retries. */
const WRITING_WAIT_MS = 5
/** Bytes of a page in a new file. A receipt is about a kilobyte: in SQLite's 4096 too little of a page is used, and the cost of a row rises by a quarter. */
const PAGE_BYTES = 8192
/** The commit that reaches this many pages copies them into the file and waits for the disk: a shorter wait than at SQLite's 1000, at nearly the same cost a row. */
const CHECKPOINT_PAGES = 500

/** Where the ledger of a data folder is. */
export function ledgerPath(folder: string): string {
  return join(folder, 'ledger.sqlite')
}

/**
 * Opens the file for the one process that writes it, made or migrated if need be. Throws if it cannot be written; a file that is
 * damaged, foreign or too new is refused. `journalled`: receipts an earlier process did not come to write.
 *
 * WAL with `synchronous = NORMAL`: a commit survives the death of the process; the last ones may be lost if the machine loses power
 * (https://sqlite.org/pragma.html#pragma_synchronous). `FULL` would make every commit wait for the disk.
 */
export function openLedgerFile(path: string, journalled: readonly Receipt[] = []): FileOpening {
  createPrivateDatabase(path)
  let interrupted = 0
  let sums: Sums | undefined
  const opened = guarded(path, { readwrite: true }, db => {
    db.run(`PRAGMA busy_timeout = ${OPENING_WAIT_MS}`)
    const version = schemaVersion(db)
    const refusal = versionRefusal(path, version)
    if (refusal !== undefined) return refusal
    db.run(`PRAGMA page_size = ${PAGE_BYTES}`)
    db.query('PRAGMA journal_mode = WAL').get()
    db.run('PRAGMA synchronous = NORMAL')
    db.run(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    migrate(db, version ?? 0)
    sums = openSums(db)
    replay(db, sums, journalled)
    interrupted = markInterrupted(db, sums)
    db.run(`PRAGMA busy_timeout = ${WRITING_WAIT_MS}`)
    return undefined
  })
  if (!opened.ok) return opened
  assert(sums !== undefined, 'the sums are opened with the file')
  return { ...opened, sums, interrupted }
}

/**
 * How a file is read. `shared`: beside whoever writes it, for as long as one likes; SQLite may leave its two companions there. `still`: where no
 * process has it, as it lies, for a short look; nothing is written.
 */
export type ReadingManner = 'shared' | 'still'

/** Opens the file only to read. Never throws: what hinders it is in the refusal. */
export function openLedgerFileReadonly(path: string, manner: ReadingManner = 'shared'): ReadonlyOpening {
  if (!existsSync(path)) return { ok: false, refusal: absent(path) }
  const isStill = manner === 'still' && !existsSync(`${path}-wal`) && !existsSync(`${path}-shm`)
  try {
    return guarded(path, isStill ? { still: true } : { readonly: true }, db => {
      db.run(`PRAGMA busy_timeout = ${OPENING_WAIT_MS}`)
      const version = schemaVersion(db)
      return version === 0 ? absent(path) : versionRefusal(path, version)
    })
  } catch (error) {
    return { ok: false, refusal: unreadable(path, faultWords(error)) }
  }
}

function guarded(
  path: string,
  mode: { readwrite: true } | { readonly: true } | { still: true },
  prepare: (db: Database) => LedgerRefusal | undefined,
): ReadonlyOpening {
  let db: Database | undefined
  try {
    db = 'still' in mode ? openStill(path) : new Database(path, mode)
    const refusal = prepare(db)
    if (refusal === undefined) return { ok: true, db }
    db.close()
    return { ok: false, refusal }
  } catch (error) {
    db?.close()
    const refusal = damageRefusal(path, error)
    if (refusal === undefined) throw error
    return { ok: false, refusal }
  }
}

/** A file in WAL mode gets companions from every reader but one that takes it for immutable (https://sqlite.org/wal.html, "Read-Only Databases"). */
function openStill(path: string): Database {
  const flags = constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI
  return new Database(`${pathToFileURL(path).href}?immutable=1`, flags)
}

/** The refusal for an error that says the file itself is damaged; undefined for every other error. */
function damageRefusal(path: string, error: unknown): LedgerRefusal | undefined {
  const why = `SQLite says: ${faultWords(error)}.`
  if (isFault(error, 'SQLITE_NOTADB')) return foreign(path, why)
  if (!isFault(error, 'SQLITE_CORRUPT')) return undefined
  return {
    code: 'corrupt',
    path,
    what: `The ledger ${path} is damaged.`,
    why,
    fix: [
      `Move ${path} with its -wal and -shm files elsewhere and start again: a new ledger begins.`,
      `Much of the old one can be saved with: sqlite3 ${path} .recover`,
    ],
  }
}

function versionRefusal(path: string, version: number | undefined): LedgerRefusal | undefined {
  if (version === undefined) return foreign(path, 'It is a SQLite file with tables that Candor did not make.')
  if (version <= SCHEMA_VERSION) return undefined
  return {
    code: 'newer-schema',
    path,
    what: `The ledger ${path} was written by a newer Candor.`,
    why: `Its schema is version ${version}; this Candor knows versions up to ${SCHEMA_VERSION}.`,
    fix: [
      'Run the newer Candor again.',
      `Or move ${path} with its -wal and -shm files elsewhere: a new ledger begins.`,
      'Or set CANDOR_HOME to another folder.',
    ],
  }
}

function foreign(path: string, why: string): LedgerRefusal {
  return {
    code: 'not-a-ledger',
    path,
    what: `The file ${path} is not a Candor ledger.`,
    why,
    fix: [`Move ${path} elsewhere: a new ledger begins.`, 'Or set CANDOR_HOME to another folder.'],
  }
}

function absent(path: string): LedgerRefusal {
  return {
    code: 'absent',
    path,
    what: `There is no ledger at ${path}.`,
    why: 'No gateway has written in this data folder yet.',
    fix: ['Start the gateway once: candor serve', 'Or set CANDOR_HOME to the data folder that it uses.'],
  }
}

function unreadable(path: string, why: string): LedgerRefusal {
  return {
    code: 'unreadable',
    path,
    what: `The ledger ${path} cannot be read.`,
    why,
    fix: [`Run the command as the user who owns ${path}.`],
  }
}
