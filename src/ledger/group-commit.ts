import type { Database, Statement } from 'bun:sqlite'
import type { Clock } from '../base/clock.ts'
import type { Journal } from './journal.ts'
import type { Queue, Waiting } from './queue.ts'
import type { Receipt } from './receipt.ts'
import { type Cell, PUT_CALL, RECEIPT_CHARS_MAX, type Row, rowOf, rowOfAdmitted } from './row.ts'
import { faultWords, isFault, sqliteCode } from './sqlite-fault.ts'
import { type AdmittedRow, SETTLE_WAIT_MS_MAX } from './store.ts'
import type { Sums } from './usage-sums.ts'

/** One commit writes no more rows than this, which bounds how long it holds up the process. */
const ROWS_PER_COMMIT_MAX = 500
/**
 * What nobody waits for is committed after this long, together: the receipts in the journal, and admissions, of which most are never written
 * since their calls end before. A process that is killed loses no admission that is older.
 */
const UNHURRIED_WAIT_MS = 20
/**
 * So many rows are committed before that time is over. In larger commits a row costs less, since they share the pages they write; one of more than
 * these would be felt by the calls that go on.
 */
const UNHURRIED_ROWS_MAX = 128
/** Pause after a commit that failed, while calls still wait for it. */
const RETRY_MS = 50
/** Pause once they do not. */
const RETRY_SLOW_MS = 500

/** Counters since the start, and what is wrong now. */
export interface WriterState {
  readonly recorded: number
  readonly lost: number
  readonly late: number
  readonly admissionsDropped: number
  /** The error of the last commit, if it failed. */
  readonly failure?: unknown
  /** What went wrong last, also if it is over. */
  readonly lastError?: string
}

/**
 * Writes receipts in groups. Those that came during one turn of the event loop go into the journal in one write, and their calls go on; the commit
 * follows, for the receipts of many turns. What the journal does not take is committed at once, and its calls wait for that.
 */
export interface Writer {
  /** Queues the beginning of a call. */
  note(admitted: AdmittedRow): void
  /** Queues the receipt of an ended call; resolves as {@link LedgerStore.settle} says. Never rejects. */
  write(receipt: Receipt): Promise<void>
  /** Commits until nothing waits or a commit fails. */
  flush(): void
  /** Flushes, then counts as lost what still waits and is not in the journal. Later receipts are lost too. */
  close(): void
  state(): WriterState
}

interface Work {
  readonly db: Database
  readonly clock: Clock
  readonly queue: Queue
  readonly journal: Journal
  readonly sums: Sums
  readonly begin: Statement
  readonly put: Statement<unknown, Cell[]>
  readonly commit: Statement
  readonly counts: { recorded: number; lost: number; late: number; admissionsDropped: number }
  /** Endings of this turn of the event loop. */
  fresh: Waiting[]
  freshDue: boolean
  /** A commit is due in the next turn. */
  scheduled: boolean
  /** A commit is due for what nobody waits for. */
  laterDue: boolean
  cancelLater: () => void
  closed: boolean
  /** The run of failed commits that goes on now. */
  failing: { readonly sinceMs: number; readonly error: unknown } | undefined
  /** It has gone on for so long that no call waits for a commit any more; until the queue is empty again. */
  down: boolean
  lastError: string | undefined
  cancelRetry: () => void
}

const DONE = Promise.resolve()
const NOBODY_WAITS = () => {}
const CLOSED = 'the ledger is closed'

/** A writer on an open ledger file. */
export function openWriter(db: Database, clock: Clock, queue: Queue, journal: Journal, sums: Sums): Writer {
  const work: Work = {
    db,
    clock,
    queue,
    journal,
    sums,
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    put: db.prepare(PUT_CALL),
    counts: { recorded: 0, lost: 0, late: 0, admissionsDropped: 0 },
    fresh: [],
    freshDue: false,
    scheduled: false,
    laterDue: false,
    cancelLater: () => {},
    closed: false,
    failing: undefined,
    down: false,
    lastError: undefined,
    cancelRetry: () => {},
  }
  return {
    note: admitted => note(work, admitted),
    write: receipt => write(work, receipt),
    flush: () => flush(work),
    close: () => close(work),
    state: () => ({
      ...work.counts,
      ...(work.failing === undefined ? {} : { failure: work.failing.error }),
      ...(work.lastError === undefined ? {} : { lastError: work.lastError }),
    }),
  }
}

function note(work: Work, admitted: AdmittedRow): void {
  if (work.closed) {
    work.lastError = CLOSED
    countDropped(work, false)
    return
  }
  enqueue(work, rowOfAdmitted(admitted), NOBODY_WAITS)
  scheduleLater(work)
}

function write(work: Work, receipt: Receipt): Promise<void> {
  const row = readyRow(work, receipt)
  if (row === undefined) return DONE
  return new Promise(resolve => {
    work.fresh.push(enqueue(work, row, resolve))
    if (work.freshDue) return
    work.freshDue = true
    setImmediate(() => {
      work.freshDue = false
      keepFresh(work)
    })
  })
}

/** Makes durable what came in this turn, and lets its calls go on. */
function keepFresh(work: Work): void {
  const { fresh } = work
  // All are committed: by one that came in between.
  if (fresh.length === 0) return
  if (journalFresh(work)) {
    if (work.queue.size() < UNHURRIED_ROWS_MAX) scheduleLater(work)
    else schedule(work)
  } else if (work.down) letGoLate(work, fresh)
  else if (work.failing === undefined) turn(work)
}

function journalFresh(work: Work): boolean {
  const { fresh } = work
  work.fresh = []
  if (!work.journal.add(fresh.map(({ row }) => row.kept()))) return false
  for (const waiting of fresh) {
    waiting.journalled = true
    waiting.release()
  }
  return true
}

function readyRow(work: Work, receipt: Receipt): Row | undefined {
  try {
    const row = rowOf(receipt)
    if (!work.closed && row.chars <= RECEIPT_CHARS_MAX) return row
    work.lastError = work.closed ? CLOSED : `a receipt has ${row.chars} characters, over the limit`
  } catch (error) {
    work.lastError = `a receipt is not JSON: ${faultWords(error)}`
  }
  countDropped(work, true)
  return undefined
}

function enqueue(work: Work, row: Row, release: () => void): Waiting {
  const waiting: Waiting = { row, since: work.clock.monotonicMs(), release, journalled: false }
  const dropped = work.queue.put(waiting)
  if (dropped.length > 0) drop(work, dropped)
  return waiting
}

/** One timer serves all that come while it runs. */
function scheduleLater(work: Work): void {
  if (work.laterDue || work.failing !== undefined) return
  work.laterDue = true
  work.cancelLater = work.clock.after(UNHURRIED_WAIT_MS, () => {
    work.laterDue = false
    turn(work)
  })
}

function schedule(work: Work): void {
  if (work.scheduled || work.failing !== undefined) return
  work.scheduled = true
  setImmediate(() => {
    work.scheduled = false
    turn(work)
  })
}

/** One commit, and what follows from it. */
function turn(work: Work): void {
  if (work.closed || work.queue.size() === 0) return
  if (commit(work, work.clock.monotonicMs() - UNHURRIED_WAIT_MS)) {
    if (work.queue.hasEnded()) schedule(work)
    else if (work.queue.size() > 0) scheduleLater(work)
    return
  }
  const failedForMs = work.clock.monotonicMs() - (work.failing?.sinceMs ?? 0)
  if (!work.down && failedForMs + 2 * RETRY_MS >= SETTLE_WAIT_MS_MAX) goDown(work)
  work.cancelRetry = work.clock.after(work.down ? RETRY_SLOW_MS : RETRY_MS, () => turn(work))
}

function goDown(work: Work): void {
  work.down = true
  letGoLate(work, work.queue.all())
}

function letGoLate(work: Work, waiting: readonly Waiting[]): void {
  for (const { row, release, journalled } of waiting) {
    if (row.ended && !journalled) work.counts.late += 1
    release()
  }
}

/** Writes all endings, and the admissions that came at `admittedUntilMs` or before. False if the store cannot write now. */
function commit(work: Work, admittedUntilMs: number): boolean {
  let batch = work.queue.next(ROWS_PER_COMMIT_MAX, admittedUntilMs)
  if (batch.length === 0) return true
  let writing: Waiting | undefined
  try {
    work.begin.run()
    for (writing of batch) putRow(work, writing.row)
    writing = undefined
    work.commit.run()
  } catch (error) {
    rollBack(work.db)
    work.lastError = faultWords(error)
    if (writing === undefined || !isRowsFault(error)) {
      work.failing = { sinceMs: work.failing?.sinceMs ?? work.clock.monotonicMs(), error }
      return false
    }
    drop(work, [writing])
    batch = []
  }
  work.failing = undefined
  work.queue.remove(batch)
  for (const { row, release } of batch) {
    if (row.ended) work.counts.recorded += 1
    release()
  }
  if (work.queue.size() === 0) work.down = false
  if (!work.queue.hasEnded()) {
    work.fresh = []
    work.journal.clear()
  }
  return true
}

function putRow({ put, sums }: Work, row: Row): void {
  if (row.ended && sums.reach(row.receipt().at)) sums.change(row.id, () => put.run(...row.cells()))
  else put.run(...row.cells())
}

/** Some errors end a transaction, some do not. One that cannot be ended makes the next BEGIN fail, which is told then. */
function rollBack(db: Database): void {
  try {
    if (db.inTransaction) db.run('ROLLBACK')
  } catch {}
}

/** True if no other row would have had this error: such a row must not hold up those behind it. */
function isRowsFault(error: unknown): boolean {
  return sqliteCode(error) === undefined || isFault(error, 'SQLITE_CONSTRAINT', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG')
}

/** Gives rows up: they leave the queue and are counted. */
function drop(work: Work, rows: readonly Waiting[]): void {
  work.queue.remove(rows)
  for (const { row, release } of rows) {
    countDropped(work, row.ended)
    release()
  }
}

function countDropped(work: Work, ended: boolean): void {
  if (ended) work.counts.lost += 1
  else work.counts.admissionsDropped += 1
}

function flush(work: Work): void {
  if (work.closed) return
  work.cancelRetry()
  let shorter = true
  while (shorter && work.queue.size() > 0) shorter = commit(work, Number.POSITIVE_INFINITY)
  if (work.failing !== undefined) work.cancelRetry = work.clock.after(RETRY_MS, () => turn(work))
}

function close(work: Work): void {
  flush(work)
  if (work.fresh.length > 0) journalFresh(work)
  work.cancelRetry()
  work.cancelLater()
  work.closed = true
  const left = work.queue.all()
  const lost = left.filter(({ journalled }) => !journalled)
  drop(work, lost)
  work.journal.close(left.length > lost.length)
  for (const statement of [work.begin, work.put, work.commit]) statement.finalize()
}
