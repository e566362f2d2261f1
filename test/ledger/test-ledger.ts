import { Database } from 'bun:sqlite'
import type { Clock } from '../../src/base/clock.ts'
import { journalPath, NO_JOURNAL, openJournal, readJournal } from '../../src/ledger/journal.ts'
import { ledgerPath, openLedgerFile } from '../../src/ledger/ledger-file.ts'
import { sqliteStore } from '../../src/ledger/sqlite-store.ts'
import { manualClock } from './manual-clock.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A store on a new file, the handle it writes with, and a second connection to the same file. `noJournal`: calls wait for the commit. */
export function testLedger(clock: Clock = manualClock(), noJournal = false) {
  const folder = temporaryFolder()
  const path = ledgerPath(folder.path)
  const file = openLedgerFile(path)
  if (!file.ok) throw new Error(file.refusal.what)
  const store = sqliteStore({
    db: file.db,
    path,
    sums: file.sums,
    journal: noJournal ? NO_JOURNAL : openJournal(journalPath(path)),
    found: readJournal(journalPath(path)),
    clock,
    keepDays: 90,
    onClosed: () => {},
  })
  const second = new Database(path)
  return {
    folder: folder.path,
    path,
    store,
    sums: file.sums,
    db: file.db,
    second,
    /** The ids in the journal. */
    journalled: () => readJournal(journalPath(path)).receipts.map(({ id }) => id),
    /** The endings of all rows, as the second connection sees them. */
    endings: () => second.query<{ ending: string }, []>('SELECT ending FROM calls').all(),
    /** Rows the store's handle has written so far. */
    rowsChanged: () => file.db.query<{ rows: number }, []>('SELECT total_changes() AS rows').get()?.rows ?? 0,
    async [Symbol.asyncDispose]() {
      second.close()
      await store.close()
      folder[Symbol.dispose]()
    },
  }
}

/** The next turn of the event loop: commits that were due have been tried by then. */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
