import type { Database } from 'bun:sqlite'
import type { Clock } from '../base/clock.ts'
import { countCalls } from './calls-histogram.ts'
import { lockFolder } from './folder-lock.ts'
import type { KeyStore } from './gateway-key.ts'
import { journalPath, NO_JOURNAL, openJournal, readJournal } from './journal.ts'
import { readKeyRows } from './key-rows.ts'
import { memoryKeyStore, openKeyStore } from './key-store.ts'
import { ledgerPath, openLedgerFile, openLedgerFileReadonly, type ReadingManner } from './ledger-file.ts'
import { memoryStore } from './memory-store.ts'
import { createPrivateFolder, isAbsent } from './private-files.ts'
import type { Receipt } from './receipt.ts'
import { ENDED_MAX } from './recent.ts'
import { type Overlay, sqlReads } from './sql-reads.ts'
import { faultRemedy, faultWords } from './sqlite-fault.ts'
import { sqliteStore } from './sqlite-store.ts'
import type { LedgerReader, LedgerRefusal, LedgerStore } from './store.ts'
import { usageReads } from './usage-reads.ts'

/** What a gateway's ledger needs to know. */
export interface LedgerOptions {
  /** The data folder. Made if it is not there. */
  readonly folder: string
  readonly clock: Clock
  /** Days an ended call is kept; `Infinity` keeps all. */
  readonly keepDays?: number
}

/** An open ledger, or why the gateway should not start. */
export type LedgerOpening =
  | {
      readonly ok: true
      readonly store: LedgerStore
      readonly keys: KeyStore
      /** Calls found in flight from an earlier process, now marked as interrupted. */
      readonly interrupted: number
    }
  | { readonly ok: false; readonly refusal: LedgerRefusal }

/** An open reader, or why there is none. */
export type ReaderOpening =
  | { readonly ok: true; readonly reader: LedgerReader }
  | { readonly ok: false; readonly refusal: LedgerRefusal }

/** Days an ended call is kept where nothing else is said. */
const KEEP_DAYS = 90

/**
 * Opens the ledger of the data folder for the one gateway that writes it. Refuses if another process has the folder, or if the file is
 * damaged, foreign or too new; never makes it anew. A folder that cannot be written gives a store in memory that says so. Never throws.
 */
export function openLedger(options: LedgerOptions): LedgerOpening {
  try {
    createPrivateFolder(options.folder)
    const lock = lockFolder(options.folder, options.clock.now())
    if (!lock.ok) return lock
    return openLocked(options, lock.release)
  } catch (error) {
    const why = `the ledger in ${options.folder} cannot be written: ${faultWords(error)}`
    const keys = readKeys(options.folder, why)
    return { ok: true, store: memoryStore(memoryWarning(options.folder, error)), keys, interrupted: 0 }
  }
}

function openLocked(options: LedgerOptions, release: () => void): LedgerOpening {
  const { folder, clock, keepDays = KEEP_DAYS } = options
  const path = ledgerPath(folder)
  try {
    const left = readJournal(journalPath(path))
    const file = openLedgerFile(path, left.receipts)
    if (file.ok) {
      const { db, sums, interrupted } = file
      const journal = left.fault === undefined ? openJournal(journalPath(path)) : NO_JOURNAL
      const keys = keysIn(db, clock, path)
      const store = sqliteStore({ db, path, sums, journal, found: left, clock, keepDays, onClosed: release })
      return { ok: true, store, keys, interrupted }
    }
    release()
    return file
  } catch (error) {
    release()
    throw error
  }
}

/** Opens the ledger of the data folder only to read, also while a gateway writes it: takes no lock, changes no row. Never throws. */
export function openLedgerReader(folder: string, manner: ReadingManner = 'shared'): ReaderOpening {
  const path = ledgerPath(folder)
  // Before the file: what is committed in between is in both, never in neither.
  const { receipts } = readJournal(journalPath(path))
  const file = openLedgerFileReadonly(path, manner)
  if (!file.ok) return file
  const reads = sqlReads(file.db, overlayOf(receipts))
  const sums = usageReads(path, file.db, () => receipts, manner)
  return {
    ok: true,
    reader: {
      find: async id => receipts.find(receipt => receipt.id === id) ?? reads.find(id),
      last: async () => reads.list({ limit: 1 })[0],
      list: async query => reads.list(query),
      page: query => reads.page(query),
      histogram: query => countCalls(path, () => receipts, query),
      usage: query => sums.usage(query),
      charged: async (keyId, since) => sums.charged(keyId, since),
      faults: () => reads.faults(),
      close: () => file.db.close(),
    },
  }
}

function overlayOf(receipts: readonly Receipt[]): Overlay {
  const ids = new Set(receipts.map(({ id }) => id))
  return { has: id => ids.has(id), waiting: () => receipts }
}

/**
 * The keys of the data folder, only to look at: every change is refused with `why`. Takes no lock. Where there may be keys that cannot be read,
 * all are refused, and one is asked for. Never throws.
 */
export function readKeys(folder: string, why = 'they are only read here'): KeyStore {
  const path = ledgerPath(folder)
  const refusal = `Keys cannot be made or changed: ${why}.`
  if (isAbsent(path)) return memoryKeyStore(refusal, { entries: [], damaged: 0 })
  const file = openLedgerFileReadonly(path)
  if (!file.ok) return memoryKeyStore(`The gateway's keys are not known. ${file.refusal.what} ${file.refusal.why}`)
  try {
    return memoryKeyStore(refusal, readKeyRows(file.db))
  } catch (error) {
    return unknownKeys(path, error)
  } finally {
    file.db.close()
  }
}

/** Receipts can be kept also where the table of keys is damaged. */
function keysIn(db: Database, clock: Clock, path: string): KeyStore {
  try {
    return openKeyStore(db, clock)
  } catch (error) {
    return unknownKeys(path, error)
  }
}

function unknownKeys(path: string, error: unknown): KeyStore {
  return memoryKeyStore(`The gateway's keys are not known: ${path} cannot be read: ${faultWords(error)}.`)
}

function memoryWarning(folder: string, error: unknown): string {
  return [
    `No call is recorded: the ledger in ${folder} cannot be written: ${faultWords(error)}.`,
    `Calls go on; the receipts of the last ${ENDED_MAX} are kept in memory until Candor stops.`,
    faultRemedy(error, ledgerPath(folder)),
    'Then start Candor again.',
  ].join(' ')
}
