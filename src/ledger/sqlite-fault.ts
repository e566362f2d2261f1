import { SQLiteError } from 'bun:sqlite'

/**
 * SQLite's name for what went wrong, such as `SQLITE_FULL` (https://sqlite.org/rescode.html), or undefined if the error is not SQLite's.
 * Extended names begin with the plain one.
 */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof SQLiteError ? error.code : undefined
}

/** True if the error is of that kind, in any of its extended forms. */
export function isFault(error: unknown, ...codes: readonly string[]): boolean {
  const found = sqliteCode(error)
  return found !== undefined && codes.some(code => found === code || found.startsWith(`${code}_`))
}

/** What went wrong, in words: the operating system's or SQLite's own, with SQLite's name for it. */
export function faultWords(error: unknown): string {
  const code = sqliteCode(error)
  const words = error instanceof Error ? error.message : 'unknown error'
  return code === undefined ? words : `${words} (${code})`
}

/** What a person can do about a ledger that cannot be written. */
export function faultRemedy(error: unknown, path: string): string {
  if (isFault(error, 'SQLITE_FULL')) return 'Free some space on the disk; the receipts that wait are then written.'
  if (isFault(error, 'SQLITE_BUSY', 'SQLITE_LOCKED')) {
    return `Another program holds ${path} locked: let it finish; the receipts that wait are then written.`
  }
  if (isFault(error, 'SQLITE_CORRUPT', 'SQLITE_NOTADB')) {
    return `The file is damaged: stop Candor, move ${path} with its -wal and -shm files elsewhere, and start again.`
  }
  return `Make ${path} and its folder writable for the user Candor runs as, or set CANDOR_HOME to a folder that is.`
}
