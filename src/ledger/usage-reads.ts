import type { Database } from 'bun:sqlite'
import { firstIdAt } from '../base/ids.ts'
import { breathe, ENDED_CALLS, isEnded, type Value } from './calls-search.ts'
import { openLedgerFileReadonly, type ReadingManner } from './ledger-file.ts'
import { SCHEMA_VERSION, schemaVersion } from './migrations.ts'
import type { Receipt } from './receipt.ts'
import { columnsOf } from './row.ts'
import { faultWords } from './sqlite-fault.ts'
import type { Charged, Usage, UsageQuery } from './usage.ts'
import { columnOf, groupedBy, localDay, openTally, QUARTER_MS, SUMS, type Tally } from './usage-measures.ts'
import { openPieces } from './usage-pieces.ts'
import type { Stretch } from './usage-stretches.ts'

/** The sums over a ledger file. Nothing rejects: why something is missing is told beside the sums. */
export interface UsageReads {
  usage(query: UsageQuery): Promise<Usage>
  charged(keyId: string, since: number | undefined): Charged
}

/** Calls summed up at once: a few milliseconds, in which no other call goes on. */
const CALLS_PER_SLICE = 2_000
const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Sums over the file at that path, and over the calls that wait to be written into it. `db` is any open handle on the file. A sum over many calls
 * is made in slices, on a handle of its own that sees the file as it was at the beginning: what is written in between is counted by whoever asks
 * next, never twice.
 */
export function usageReads(
  path: string,
  db: Database,
  waiting: () => readonly Receipt[],
  manner: ReadingManner = 'shared',
): UsageReads {
  return {
    async usage(query) {
      const file = openLedgerFileReadonly(path, manner)
      if (!file.ok) return { rows: usageOf(waiting(), query), fault: `${file.refusal.what} ${file.refusal.why}` }
      const tally = openTally(query)
      try {
        const old = ageFault(file.db)
        if (old !== undefined) return { rows: [], fault: old }
        await sumUp(file.db, query, waiting(), tally)
        return { rows: tally.rows() }
      } catch (error) {
        return { rows: tally.rows(), fault: faultWords(error) }
      } finally {
        if (file.db.inTransaction) file.db.run('ROLLBACK')
        file.db.close()
      }
    },
    charged(keyId, since) {
      try {
        const kept = chargedInFile(db, keyId, since)
        const late = chargedOf(
          waiting().filter(({ id }) => !isEnded(db, id)),
          keyId,
          since,
        )
        return { nanoUsd: kept.nanoUsd + late.nanoUsd, tokens: kept.tokens + late.tokens }
      } catch (error) {
        return { nanoUsd: 0, tokens: 0, fault: faultWords(error) }
      }
    },
  }
}

/** The sums over receipts alone. */
export function usageOf(receipts: readonly Receipt[], query: UsageQuery): Usage['rows'] {
  const tally = openTally(query)
  for (const receipt of receipts) if (belongs(receipt, query)) tally.call(columnsOf(receipt))
  return tally.rows()
}

/** What receipts alone count against the budgets of a key. */
export function chargedOf(receipts: readonly Receipt[], keyId: string, since: number | undefined): Charged {
  const query: UsageQuery = { keyId, ...(since === undefined ? {} : { since }) }
  let [nanoUsd, tokens] = [0, 0]
  for (const receipt of receipts) {
    if (!belongs(receipt, query)) continue
    nanoUsd += receipt.charged?.nanoUsd ?? 0
    tokens += receipt.charged?.tokens ?? 0
  }
  return { nanoUsd, tokens }
}

/** The columns a query asks one value of: they have the same names in both tables. */
function filtersOf({
  keyId,
  route,
  billing,
}: UsageQuery): readonly (readonly ['key_id' | 'route' | 'billing', string])[] {
  const all = [['key_id', keyId] as const, ['route', route] as const, ['billing', billing] as const]
  return all.flatMap(([column, value]) => (value === undefined ? [] : [[column, value] as const]))
}

function belongs(receipt: Receipt, query: UsageQuery): boolean {
  if (receipt.ending === 'in-flight') return false
  const { since, until } = query
  const cells = columnsOf(receipt)
  if (filtersOf(query).some(([column, value]) => cells(column) !== value)) return false
  return (since === undefined || receipt.at >= since) && (until === undefined || receipt.at < until)
}

/** A reader changes no file, so an old one stays without the columns that are asked for. */
function ageFault(db: Database): string | undefined {
  const version = schemaVersion(db) ?? 0
  if (version >= SCHEMA_VERSION) return undefined
  return 'The ledger was written by an older Candor. It is brought up to date when the gateway starts: candor serve.'
}

async function sumUp(db: Database, query: UsageQuery, waiting: readonly Receipt[], tally: Tally): Promise<void> {
  // From here to the first read nothing else runs: what waits now is exactly what the file lacks.
  db.run('BEGIN')
  for (const receipt of waiting) if (belongs(receipt, query) && !isEnded(db, receipt.id)) tally.call(columnsOf(receipt))
  addDays(db, query, tally)
  const { since = 0, until = Number.MAX_SAFE_INTEGER, by } = query
  const column = columnOf(by)
  const pieces = openPieces(db, filtersOf(query), column === undefined ? [] : [column])
  const sums = pieces.query(`${column ?? `''`} AS grp, ${SUMS.piece}`, 'GROUP BY grp HAVING SUM(calls) > 0')
  const slice = openSlices(db, query)
  for (const stretch of pieces.stretches({ since, until }, markOf(query))) {
    if (stretch.pieceMs === undefined) await addRows(slice, stretch, tally)
    else {
      const quarter = stretch.since / QUARTER_MS
      for (const row of sums(stretch)) tally.row(by === 'day' ? { ...row, grp: quarter, quarter } : { ...row, quarter })
      await breathe()
    }
  }
}

/** What a question tells apart by time: all that is in one piece has to have the same. */
function markOf({ by, slotOf }: UsageQuery): ((at: number) => string | number) | undefined {
  if (by !== 'day') return slotOf
  return slotOf === undefined ? localDay : at => `${slotOf(at)} ${localDay(at)}`
}

async function addRows(slice: Slicer, { since, until }: Stretch, tally: Tally): Promise<void> {
  for (let from: number | undefined = since; from !== undefined; ) {
    from = slice(from, until, tally)
    await breathe()
  }
}

/** Sums up the calls of a time, as many as make a slice, and gives the moment at which the next one begins. */
type Slicer = (from: number, end: number, tally: Tally) => number | undefined

function openSlices(db: Database, query: UsageQuery): Slicer {
  const filters = filtersOf(query)
  const wanted = filters.map(([column]) => `AND ${column} = ?`).join(' ')
  const values = filters.map(([, value]) => value)
  const range = `${ENDED_CALLS} AND at >= ? AND at < ?`
  const next = db.query<{ at: number }, Value[]>(`SELECT at ${range} ORDER BY at LIMIT 1 OFFSET ${CALLS_PER_SLICE}`)
  const { columns, names } = groupedBy(query, 'call')
  const sums = db.query<Record<string, unknown>, Value[]>(
    `SELECT ${columns}, ${SUMS.call} ${range} ${wanted} GROUP BY ${names}`,
  )
  return (from, end, tally) => {
    const found = next.get(from, end)?.at
    // Calls of the same millisecond stay together.
    const before = found === undefined ? end : Math.max(found, from + 1)
    for (const row of sums.all(from, before, ...values)) tally.row(row)
    return found === undefined ? undefined : before
  }
}

function addDays(db: Database, query: UsageQuery, tally: Tally): void {
  const { since, until } = query
  const where: string[] = []
  const values: Value[] = []
  const only = (condition: string, value: Value | undefined) => {
    if (value === undefined) return
    where.push(condition)
    values.push(value)
  }
  only('day >= ?', since === undefined ? undefined : firstDayFrom(since))
  only('day < ?', until === undefined ? undefined : firstDayFrom(until))
  for (const [column, value] of filtersOf(query)) only(`${column} = ?`, value)
  const condition = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`
  const { columns, names } = groupedBy(query, 'day')
  const sql = `SELECT ${columns}, ${SUMS.day} FROM usage_days ${condition} GROUP BY ${names}`
  for (const row of db.query<Record<string, unknown>, Value[]>(sql).all(...values)) tally.row(row)
}

/** The first day in UTC whose noon is at that time or later. */
function firstDayFrom(ms: number): string {
  const day = Math.ceil((ms - DAY_MS / 2) / DAY_MS)
  return new Date(Math.min(day * DAY_MS, LAST_DATE_MS)).toISOString().slice(0, 10)
}

/** Later moments have no date of four digits for their year. */
const LAST_DATE_MS = Date.UTC(9999, 11, 31)

/** In one statement: what retention moves from one table to the other meanwhile is in it once. */
function chargedInFile(db: Database, keyId: string, since: number | undefined): Charged {
  const [firstId, firstDay] = since === undefined ? ['', ''] : [firstIdAt('req', since), firstDayFrom(since)]
  const sql = `SELECT coalesce(SUM(nano_usd), 0) AS nanoUsd, coalesce(SUM(tokens), 0) AS tokens FROM (
    SELECT charged_nano_usd AS nano_usd, charged_tokens AS tokens FROM calls WHERE key_id = ? AND id >= ?
    UNION ALL SELECT charged_nano_usd, charged_tokens FROM usage_days WHERE key_id = ? AND day >= ?)`
  const found = db.query<{ nanoUsd: number; tokens: number }, string[]>(sql).get(keyId, firstId, keyId, firstDay)
  return { nanoUsd: found?.nanoUsd ?? 0, tokens: found?.tokens ?? 0 }
}
