import type { Database, Statement } from 'bun:sqlite'
import { ENDED_CALLS, isEnded } from './calls-search.ts'
import { PIECES, QUARTER_MS } from './usage-measures.ts'
import { FACET_COLUMNS, FACET_NAMES, FACETS, type Facet, LENGTHS_MS, summedIn } from './usage-pieces.ts'
import { HOUR_MS, hourOf, type Summed } from './usage-stretches.ts'

/** Calls summed up at once: a few milliseconds, in which no call goes on. */
const CALLS_PER_SLICE = 300
/** Only calls that began so long ago are summed up: nearly all of them have ended, and one that ends later costs more to write. */
const SETTLED_MS = 5 * 60 * 1000
/** How long there are pieces of a quarter of an hour. What is older is asked for by days, or by hours, which most places begin at the same moment. */
const QUARTERS_KEPT_MS = 8 * 24 * HOUR_MS
/** Hours whose quarters are removed at once. */
const HOURS_REMOVED = 6
/** A time with more pieces of one facet keeps none of them: they would save little, and anyone who may call may make up names. */
const PIECES_MAX = 500
/** What seems older is not summed up: there was no Candor. Milliseconds since 1970. */
const FIRST_MS = Date.UTC(2025, 0, 1)

/**
 * Writes the pieces, so that their law (`usage-pieces.ts`) holds after every transaction. For the one process that writes the ledger. What throws
 * throws SQLiteError.
 */
export interface Sums {
  /** False: no call admitted then, in milliseconds since 1970, is in a piece, so its row can be written as it is. */
  reach(at: number): boolean
  /** Writes the row of a call that has ended, within a transaction of the caller's. When it was admitted never changes. */
  change(id: string, write: () => void): void
  /** Forgets the hours up to this moment: rows of them were removed, in a transaction of the caller's in which this is called. */
  forget(lastAt: number): void
  /** Sums up some more calls, in one transaction. False: there are none now. */
  sumUp(now: number): boolean
  close(): void
}

type Value = string | number

interface Work {
  readonly db: Database
  /** Runs a statement, prepared once, and gives the number of rows it changed. */
  run(sql: string, ...values: Value[]): number
  /** No call admitted at this time or later is in a piece. */
  horizon: number
}

const NOTHING: Summed = { since: 0, quartersSince: 0, until: 0 }

/** Opens the sums of a ledger file. Throws SQLiteError. */
export function openSums(db: Database): Sums {
  const statements = new Map<string, Statement<unknown, Value[]>>()
  const work: Work = {
    db,
    run(sql, ...values) {
      const statement = statements.get(sql) ?? db.prepare<unknown, Value[]>(sql)
      statements.set(sql, statement)
      return statement.run(...values).changes
    },
    horizon: (summedIn(db) ?? NOTHING).until,
  }
  const slice = db.transaction((now: number) => sumSlice(work, now))
  return {
    reach: at => at < work.horizon,
    change(id, write) {
      if (isEnded(work.db, id)) addOne(work, id, -1)
      write()
      addOne(work, id, 1)
    },
    forget: lastAt => forget(work, lastAt),
    sumUp(now) {
      const more = slice.immediate(now)
      work.horizon = stateOf(work).until
      return more
    },
    close() {
      for (const statement of statements.values()) statement.finalize()
      statements.clear()
    },
  }
}

function stateOf({ db }: Work): Summed {
  return summedIn(db) ?? NOTHING
}

function saved(work: Work, state: Summed): Summed {
  const { since, quartersSince, until } = state
  // Too late a horizon does no harm, if the transaction comes to nothing.
  work.horizon = Math.max(work.horizon, until)
  work.run('UPDATE usage_summed SET since_ms = ?, quarters_since_ms = ?, until_ms = ?', since, quartersSince, until)
  return state
}

function sumSlice(work: Work, now: number): boolean {
  const settled = Math.floor(now - SETTLED_MS)
  const oldQuarters = hourOf(now - QUARTERS_KEPT_MS)
  const state = broughtUpTo(work, now, oldQuarters)
  if (state === undefined || state.until >= settled) return false
  if (state.quartersSince < oldQuarters) return true
  const calls = work.db.query<{ at: number }, number[]>(
    `SELECT at ${ENDED_CALLS} AND at >= ? AND at < ? ORDER BY at LIMIT 1 OFFSET ?`,
  )
  if (calls.get(state.until, settled, 0) === null) return false
  const next = calls.get(state.until, settled, CALLS_PER_SLICE)?.at
  // Calls of the same millisecond stay together.
  const until = next === undefined ? settled : Math.max(next, state.until + 1)
  add(work, HOUR_MS, state.until, until)
  add(work, QUARTER_MS, Math.max(state.until, state.quartersSince), until)
  saved(work, { ...state, until })
  return next !== undefined
}

/** What is summed up already, without what does not belong there any more. Undefined: there is no call to begin with. */
function broughtUpTo(work: Work, now: number, oldQuarters: number): Summed | undefined {
  const state = stateOf(work)
  if (state.until === 0) {
    const first = work.db.query<{ at: number | null }, [number]>(`SELECT min(at) AS at ${ENDED_CALLS} AND at >= ?`)
    const at = first.get(FIRST_MS)?.at ?? undefined
    if (at === undefined) return undefined
    return { since: hourOf(at), quartersSince: Math.max(hourOf(at), oldQuarters), until: hourOf(at) }
  }
  if (state.until > now) return withoutFuture(work, state, hourOf(now - SETTLED_MS))
  return state.quartersSince < oldQuarters ? withoutQuarters(work, state, oldQuarters) : state
}

/** The clock was put back: nearly every call would be one that ends late. */
function withoutFuture(work: Work, { since, quartersSince, until }: Summed, from: number): Summed {
  for (const ms of LENGTHS_MS) remove(work, ms, '>=', from)
  const least = (at: number) => Math.min(at, from)
  return saved(work, { since: least(since), quartersSince: least(quartersSince), until: least(until) })
}

/** Some hours at once, of those that have any. */
function withoutQuarters(work: Work, state: Summed, before: number): Summed {
  const some = state.quartersSince + HOURS_REMOVED * HOUR_MS
  const quartersSince = some < Math.min(state.until, before) ? some : before
  remove(work, QUARTER_MS, '<', quartersSince)
  return saved(work, { ...state, quartersSince })
}

function remove({ run }: Work, ms: number, side: '<' | '>=', at: number): void {
  for (const facet of FACET_NAMES)
    for (const table of ['usage_sums', 'usage_crowded'])
      run(`DELETE FROM ${table} WHERE facet = ? AND length_ms = ? AND start_ms ${side} ?`, facet, ms, at)
}

function forget(work: Work, lastAt: number): void {
  const { since, quartersSince, until } = stateOf(work)
  const kept = hourOf(lastAt) + HOUR_MS
  if (kept <= since) return
  for (const ms of LENGTHS_MS) remove(work, ms, '<', kept)
  saved(work, { since: kept, quartersSince: Math.max(kept, quartersSince), until: Math.max(kept, until) })
}

/** Adds the ended calls of a time to their pieces of that length. */
function add({ run }: Work, ms: number, since: number, until: number): void {
  if (since >= until) return
  const first = Math.floor(since / ms) * ms
  for (const facet of FACET_NAMES) {
    run(ADD[facet], ms, 1, since, until)
    const crowded = run(CROWDED, facet, ms, first, until)
    if (crowded > 0) run(CLEARED, facet, ms, first, until)
  }
}

/** Adds one call to its pieces or takes it out, if it is among those they say. */
function addOne(work: Work, id: string, sign: 1 | -1): void {
  const { since, quartersSince, until } = stateOf(work)
  for (const facet of FACET_NAMES) {
    work.run(ADD_ONE[facet], HOUR_MS, sign, since, until, id)
    work.run(ADD_ONE[facet], QUARTER_MS, sign, quartersSince, until, id)
  }
}

const CROWDED = `INSERT INTO usage_crowded SELECT facet, length_ms, start_ms FROM usage_sums
  WHERE facet = ? AND length_ms = ? AND start_ms >= ? AND start_ms < ? GROUP BY start_ms HAVING count(*) > ${PIECES_MAX}`
const CLEARED = `DELETE FROM usage_sums WHERE facet = ?1 AND length_ms = ?2 AND start_ms IN (
  SELECT start_ms FROM usage_crowded WHERE facet = ?1 AND length_ms = ?2 AND start_ms >= ?3 AND start_ms < ?4)`

const ADD = eachFacet(facet => addSql(facet, ENDED_CALLS))
const ADD_ONE = eachFacet(facet => addSql(facet, `FROM calls WHERE id = ?5 AND ending <> 'in-flight'`))

function eachFacet(sqlOf: (facet: Facet) => string): Readonly<Record<Facet, string>> {
  return {
    problem: sqlOf('problem'),
    client: sqlOf('client'),
    key: sqlOf('key'),
    route: sqlOf('route'),
    model: sqlOf('model'),
    asked: sqlOf('asked'),
  }
}

/** Adds calls to pieces. Its values: the length of the pieces, 1 or -1, the first moment of the calls and the one behind them. */
function addSql(facet: Facet, calls: string): string {
  const own: readonly string[] = FACETS[facet]
  const columns = FACET_COLUMNS.map(column => (own.includes(column) ? `coalesce(${column}, '')` : `''`))
  const names = PIECES.map(({ column }) => column)
  return `INSERT INTO usage_sums (facet, length_ms, start_ms, ${FACET_COLUMNS.join(', ')}, ${names.join(', ')})
    SELECT * FROM (
      SELECT '${facet}', ?1, CAST(at AS INTEGER) / ?1 * ?1 AS start_ms, ${columns.join(', ')}, ${PIECES.map(({ sum }) => `?2 * ${sum}`).join(', ')}
      ${calls} AND at >= ?3 AND at < ?4 GROUP BY start_ms, ${own.join(', ')}
    ) AS fresh
    WHERE NOT EXISTS (SELECT 1 FROM usage_crowded AS full
      WHERE full.facet = '${facet}' AND full.length_ms = ?1 AND full.start_ms = fresh.start_ms)
    ON CONFLICT DO UPDATE SET ${names.map(name => `${name} = ${name} + excluded.${name}`).join(', ')}`
}
