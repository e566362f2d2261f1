import type { Database } from 'bun:sqlite'
import type { Clock } from '../base/clock.ts'
import { countCalls } from './calls-histogram.ts'
import { openWriter, type WriterState } from './group-commit.ts'
import { type Journal, type JournalRead, journalPath } from './journal.ts'
import { openLastEnded } from './last-ended.ts'
import { openQueue, type Waiting } from './queue.ts'
import { ENDED_MAX } from './recent.ts'
import { startRetention } from './retention.ts'
import { type Overlay, sqlReads } from './sql-reads.ts'
import { faultRemedy, faultWords } from './sqlite-fault.ts'
import type { LedgerHealth, LedgerStore } from './store.ts'
import { usageReads } from './usage-reads.ts'
import { startSumming } from './usage-summing.ts'
import type { Sums } from './usage-sums.ts'

/** What a store on a SQLite file is made of. */
export interface SqliteParts {
  /** Open for writing, and the store's own from now on: closing the store closes it. */
  readonly db: Database
  readonly path: string
  /** The store's own too, and so are the sums. */
  readonly sums: Sums
  readonly journal: Journal
  /** What an earlier process left in the journal. */
  readonly found: JournalRead
  readonly clock: Clock
  /** Ended calls older than this are removed. */
  readonly keepDays: number
  /** Called last when the store is closed. */
  readonly onClosed: () => void
}

/** The ledger on an open SQLite file that no other process writes. */
export function sqliteStore(parts: SqliteParts): LedgerStore {
  const { db, path, clock, found } = parts
  const lastEnded = openLastEnded(ENDED_MAX)
  const queue = openQueue()
  const writer = openWriter(db, clock, queue, parts.journal, parts.sums)
  const waiting = () => queue.all().map(({ row }) => row.receipt())
  const overlay: Overlay = { has: id => queue.has(id), waiting }
  const reads = sqlReads(db, overlay)
  const usage = usageReads(path, db, waiting)
  let backgroundError: string | undefined
  let closed = false
  const onError = (error: unknown) => {
    backgroundError = faultWords(error)
  }
  const stopRetention = startRetention(db, parts.sums, clock, parts.keepDays, onError)
  const stopSumming = startSumming(db, clock, parts.sums, onError)

  return {
    admit(row) {
      writer.note(row)
    },
    settle(receipt) {
      lastEnded.put(receipt)
      return writer.write(receipt)
    },
    find: async id => lastEnded.find(id) ?? queue.find(id) ?? reads.find(id),
    last: async () => reads.list({ limit: 1 })[0],
    list: async query => reads.list(query),
    page: query => reads.page(query),
    histogram: query => countCalls(path, waiting, query),
    usage: query => usage.usage(query),
    charged: async (keyId, since) => usage.charged(keyId, since),
    flush: async () => writer.flush(),
    async close() {
      if (closed) return
      closed = true
      stopRetention()
      stopSumming()
      writer.close()
      parts.sums.close()
      db.close()
      parts.onClosed()
    },
    health: () => {
      const { failure, ...counts } = writer.state()
      const since = queue.oldestSince()
      const faults = reads.faults()
      const lastError = counts.lastError ?? faults.lastError ?? backgroundError ?? found.fault
      const warning = warningOf(path, { failure, ...counts }, queue.all())
      const health: LedgerHealth = {
        ...counts,
        queued: queue.size(),
        lagMs: since === undefined ? 0 : clock.monotonicMs() - since,
        damaged: faults.damaged + found.damaged,
        ...(lastError === undefined ? {} : { lastError }),
        ...(warning === undefined ? {} : { warning }),
      }
      return health
    },
  }
}

function warningOf(path: string, state: WriterState, waiting: readonly Waiting[]): string | undefined {
  const lost = state.lost === 0 ? '' : `Receipts that were not recorded and never will be: ${state.lost}.`
  if (state.failure === undefined) return lost === '' ? undefined : `${lost} Last error: ${state.lastError}.`
  const journalled = waiting.filter(each => each.journalled).length
  const safe = journalled === 0 ? '' : `, ${journalled} of them safe in ${journalPath(path)}`
  const words = [
    `The ledger ${path} cannot be written: ${faultWords(state.failure)}.`,
    `Calls go on; ${waiting.length} rows wait in memory${safe}.`,
    lost,
    faultRemedy(state.failure, path),
  ]
  return words.filter(word => word !== '').join(' ')
}
