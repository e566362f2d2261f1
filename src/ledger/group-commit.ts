import type { Database, Statement } from 'bun:sqlite'
import type { Clock } from '../base/clock.ts'
import type { Queue, Waiting } from './queue.ts'
import type { Receipt } from './receipt.ts'
import { type Cell, COLUMNS, RECEIPT_CHARS_MAX, type Row, rowOf, rowOfAdmitted } from './row.ts'
import { faultWords, isFault, sqliteCode } from './sqlite-fault.ts'
import { type AdmittedRow, SETTLE_WAIT_MS_MAX } from './store.ts'

/** One commit writes no more rows than this, which bounds how long it holds up the process. */
const ROWS_PER_COMMIT_MAX = 500
/**
 * An admission waits this long for its call to end, and is written only then: most calls are shorter and cost one row instead of two.
 * A process that is killed loses no admission that is older.
 */
const ADMISSION_WAIT_MS = 20
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

/** Writes receipts in groups: all that came during one turn of the event loop go into one transaction. */
export interface Writer {
  /** Queues the beginning of a call. */
  note(admitted: AdmittedRow): void
  /** Queues the receipt of an ended call; resolves as {@link LedgerStore.settle} says. Never rejects. */
  write(receipt: Receipt): Promise<void>
  /** Commits until nothing waits or a commit fails. */
  flush(): void
  /** Flushes, then counts what still waits as lost. Later receipts are lost too. */
  close(): void
  state(): WriterState
}

interface Work {
  readonly db: Database
  readonly clock: Clock
  readonly queue: Queue
  readonly begin: Statement
  readonly put: Statement<unknown, Cell[]>
  readonly commit: Statement
  readonly counts: { recorded: number; lost: number; late: number; admissionsDropped: number }
  scheduled: boolean
  /** A turn is due for the admissions that wait. */
  admissionsDue: boolean
  cancelAdmissions: () => void
  closed: boolean
  /** The run of failed commits that goes on now. */
  failing: { readonly sinceMs: number; readonly error: unknown } | undefined
  /** It has gone on for so long that no call waits any more; until the queue is empty again. */
  down: boolean
  lastError: string | undefined
  cancelRetry: () => void
}

const DONE = Promise.resolve()
const NOBODY_WAITS = () => {}
const CLOSED = 'the ledger is closed'

/** A writer on an open ledger file. */
export function openWriter(db: Database, clock: Clock, queue: Queue): Writer {
  const marks = COLUMNS.map(() => '?').join(', ')
  const work: Work = {
    db,
    clock,
    queue,
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    put: db.prepare(`INSERT OR REPLACE INTO calls (${COLUMNS.join(', ')}) VALUES (${marks})`),
    counts: { recorded: 0, lost: 0, late: 0, admissionsDropped: 0 },
    scheduled: false,
    admissionsDue: false,
    cancelAdmissions: () => {},
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
  scheduleAdmissions(work)
}

function write(work: Work, receipt: Receipt): Promise<void> {
  const row = readyRow(work, receipt)
  if (row === undefined) return DONE
  if (!work.down) return new Promise(resolve => enqueueEnded(work, row, resolve))
  work.counts.late += 1
  enqueueEnded(work, row, NOBODY_WAITS)
  return DONE
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

function enqueueEnded(work: Work, row: Row, release: () => void): void {
  enqueue(work, row, release)
  schedule(work)
}

function enqueue(work: Work, row: Row, release: () => void): void {
  const dropped = work.queue.put({ row, since: work.clock.monotonicMs(), release })
  if (dropped.length > 0) drop(work, dropped)
}

/** One timer serves all admissions that come while it runs. */
function scheduleAdmissions(work: Work): void {
  if (work.admissionsDue || work.failing !== undefined) return
  work.admissionsDue = true
  work.cancelAdmissions = work.clock.after(ADMISSION_WAIT_MS, () => {
    work.admissionsDue = false
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
  if (commit(work, work.clock.monotonicMs() - ADMISSION_WAIT_MS)) {
    if (work.queue.hasEnded()) schedule(work)
    else if (work.queue.size() > 0) scheduleAdmissions(work)
    return
  }
  const failedForMs = work.clock.monotonicMs() - (work.failing?.sinceMs ?? 0)
  if (!work.down && failedForMs + 2 * RETRY_MS >= SETTLE_WAIT_MS_MAX) goDown(work)
  work.cancelRetry = work.clock.after(work.down ? RETRY_SLOW_MS : RETRY_MS, () => turn(work))
}

function goDown(work: Work): void {
  work.down = true
  for (const { row, release } of work.queue.all()) {
    if (row.ended) work.counts.late += 1
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
    for (writing of batch) work.put.run(...writing.row.cells())
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
  return true
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
  work.cancelRetry()
  work.cancelAdmissions()
  work.closed = true
  drop(work, work.queue.all())
  for (const statement of [work.begin, work.put, work.commit]) statement.finalize()
}
