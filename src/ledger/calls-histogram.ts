import type { Database } from 'bun:sqlite'
import { breathe, callsInFlight, conditionOf, ENDED_CALLS, isEnded, slicesOf, type Value } from './calls-search.ts'
import { openLedgerFileReadonly } from './ledger-file.ts'
import type { Ending, Receipt } from './receipt.ts'
import { matches, wanted } from './row.ts'
import { faultWords } from './sqlite-fault.ts'
import type { CallsHistogram, HistogramQuery } from './store.ts'
import { ENDED, QUARTER_MS } from './usage-measures.ts'
import { NO_PIECES, openPieces, type Pieces } from './usage-pieces.ts'

/** Calls looked at for one histogram at most: a third of a second of work on an index alone, in slices of a few milliseconds. */
const LOOKED_AT_MAX = 1_000_000

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Lengths of buckets that people can read, in milliseconds. */
const LENGTHS = [
  ...[1, 2, 5, 10, 15, 30].map(n => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(n => n * MINUTE),
  ...[1, 2, 3, 6, 12].map(n => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 364].map(n => n * DAY),
]

/** What is shown of a ledger without a call, in milliseconds. */
const EMPTY_MS = HOUR

type Counts = Partial<Record<Ending, number>>

/**
 * Counts the calls of the file at that path, and those that wait to be written into it. The newest are counted first, so that where there are too many
 * the newest are there. Like sums of usage, on a handle of its own that sees the file as it was at the beginning. Never rejects.
 */
export async function countCalls(
  path: string,
  waiting: () => readonly Receipt[],
  query: HistogramQuery,
): Promise<CallsHistogram> {
  const file = openLedgerFileReadonly(path)
  if (!file.ok) return { ...histogramOf(waiting(), query), fault: `${file.refusal.what} ${file.refusal.why}` }
  try {
    return await countIn(file.db, waiting, query)
  } catch (error) {
    return { ...histogramOf(waiting(), query), fault: faultWords(error) }
  } finally {
    if (file.db.inTransaction) file.db.run('ROLLBACK')
    file.db.close()
  }
}

async function countIn(
  db: Database,
  waiting: () => readonly Receipt[],
  query: HistogramQuery,
): Promise<CallsHistogram> {
  // From here to the first read nothing else runs: what waits now is exactly what the file lacks.
  db.run('BEGIN')
  const late = waiting().filter(({ id }) => !isEnded(db, id))
  const hidden = new Set(late.map(({ id }) => id))
  const running = callsInFlight(db, query).filter(({ id }) => !hidden.has(id))
  const oldest = db.query<{ at: number | null }, []>(`SELECT min(at) AS at ${ENDED_CALLS}`).get()?.at
  const fitting = late.filter(receipt => matches(receipt, query))
  const tally = openTally(query, [oldest ?? query.until, ...[...fitting, ...running].map(({ at }) => at)])
  for (const { at, ending } of fitting) tally.add(at, ending, 1)
  for (const { at } of running) tally.add(at, 'in-flight', 1)
  const countedFrom = query.ending === 'in-flight' ? undefined : await countEnded(db, query, tally)
  return { ...tally.histogram(), ...(countedFrom === undefined ? {} : { countedFrom }) }
}

/** The counts over receipts alone. */
export function histogramOf(receipts: readonly Receipt[], query: HistogramQuery): CallsHistogram {
  const fitting = receipts.filter(receipt => matches(receipt, query))
  const tally = openTally(
    query,
    fitting.map(({ at }) => at),
  )
  for (const { at, ending } of fitting) tally.add(at, ending, 1)
  return tally.histogram()
}

/** Counts from the newest bucket to the oldest. Gives the time from which on all are counted, if it was too much. */
async function countEnded(db: Database, query: HistogramQuery, tally: Tally): Promise<number | undefined> {
  const since = Math.max(tally.since, query.since ?? 0)
  const pieces = piecesOf(db, query, tally)
  const sums = pieces.query(ENDED.map(ending => `SUM(ended_${ending}) AS ${ending}`).join(', '))
  const rows = rowReader(db, query, tally)
  let looked = 0
  for (const stretch of pieces.stretches({ since, until: query.until }, tally.bucketOf).toReversed()) {
    for (let { until } = stretch; until > stretch.since; ) {
      const { from, counts, calls } =
        stretch.pieceMs === undefined
          ? rows(stretch.since, until)
          : { from: stretch.since, counts: sums(stretch)[0], calls: 0 }
      for (const ending of ENDED)
        if ((query.ending ?? ending) === ending) tally.add(from, ending, Number(counts?.[ending] ?? 0))
      until = from
      looked += calls
      if (looked >= LOOKED_AT_MAX && until > since) return until
      if (calls > 0 || stretch.pieceMs !== undefined) await breathe()
    }
  }
  return undefined
}

/** The pieces that count what is asked for, if buckets are made of whole ones. */
function piecesOf(db: Database, query: HistogramQuery, { bucketMs }: Tally): Pieces {
  if (bucketMs % QUARTER_MS !== 0) return NO_PIECES
  const filters = wanted(query).filter(([column]) => column !== 'ending')
  return openPieces(db, filters, query.fallback === true ? ['fallback_reason'] : [])
}

/** Counts the rows of some calls: the last ones of a time that are in one bucket. */
function rowReader(db: Database, query: HistogramQuery, tally: Tally) {
  const { sql, values } = conditionOf(query)
  const sums = ENDED.map(ending => `SUM(ending = '${ending}') AS ${ending}`).join(', ')
  const counts = db.query<Record<Ending, number | null>, Value[]>(
    `SELECT ${sums} ${ENDED_CALLS} AND at >= ? AND at < ?${sql}`,
  )
  const slice = slicesOf(db)
  return (since: number, until: number) => {
    const { from, looked: calls } = slice(Math.max(since, tally.bucketBefore(until)), until)
    return { from, calls, counts: calls === 0 ? undefined : counts.get(from, until, ...values) }
  }
}

interface Tally {
  readonly since: number
  readonly bucketMs: number
  bucketOf(at: number): number
  /** The begin of the bucket that holds the last moment before this one. */
  bucketBefore(until: number): number
  add(at: number, ending: Ending, calls: number): void
  histogram(): CallsHistogram
}

/** Buckets from the beginning of the stretch, or from the oldest of the calls there are. */
function openTally(query: HistogramQuery, times: readonly number[]): Tally {
  const { until, bucketsMax } = query
  const oldest = Math.min(...times, until)
  const begin = Math.min(query.since ?? (oldest < until ? oldest : until - EMPTY_MS), until - 1)
  const fits = (length: number) => Math.ceil(until / length) - Math.floor(begin / length) <= bucketsMax
  const bucketMs = LENGTHS.find(fits) ?? Math.ceil((until - begin) / (bucketsMax - 1))
  const since = Math.floor(begin / bucketMs) * bucketMs
  const buckets: Counts[] = Array.from({ length: Math.ceil((until - since) / bucketMs) }, () => ({}))
  const bucketOf = (at: number) => Math.floor((at - since) / bucketMs)
  return {
    since,
    bucketMs,
    bucketOf,
    bucketBefore: end => since + bucketOf(end - 1) * bucketMs,
    add(at, ending, calls) {
      const bucket = buckets[bucketOf(at)]
      if (bucket !== undefined && calls > 0) bucket[ending] = (bucket[ending] ?? 0) + calls
    },
    histogram: () => ({ since, bucketMs, buckets }),
  }
}
