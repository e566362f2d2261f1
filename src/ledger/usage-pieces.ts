import type { Database } from 'bun:sqlite'
import { SCHEMA_VERSION, schemaVersion } from './migrations.ts'
import type { Column } from './row.ts'
import { QUARTER_MS } from './usage-measures.ts'
import { HOUR_MS, type Stretch, type Summed, stretchesOf } from './usage-stretches.ts'

/*
 * Sums that are made once, so that a question about a million calls need not read a million rows. A piece is a row of `usage_sums`: the sums over the
 * ended calls of one hour, or of one quarter of an hour, that are alike in the columns of one facet. The law: a piece says exactly what the rows of
 * `calls` say that lie in its time and between `since` and `until` of `usage_summed`. So an answer takes pieces for times they cover, rows for the
 * rest, and is the same with and without them. Hours and quarters are those of UTC, of which the hours and days of any time zone are made.
 */

/** How long a piece is. */
export const LENGTHS_MS = [HOUR_MS, QUARTER_MS] as const

/** Columns that pieces are told apart by: a call is in one piece of each facet. First those that have the fewest. */
export const FACETS = {
  problem: ['problem'],
  client: ['client'],
  key: ['key_id'],
  route: ['route', 'billing'],
  model: ['provider', 'served_model', 'billing'],
  asked: ['requested_model'],
} as const satisfies Readonly<Record<string, readonly Column[]>>

/** One way to tell calls apart. */
export type Facet = keyof typeof FACETS

/** All of them. */
export const FACET_NAMES = Object.keys(FACETS) as readonly Facet[]

/** The columns of all facets. A facet's pieces are empty in those of the others. */
export const FACET_COLUMNS: readonly Column[] = [...new Set(Object.values(FACETS).flat())]

/** The facet that tells all these columns apart, if there is one. */
export function facetOf(columns: readonly Column[]): Facet | undefined {
  return FACET_NAMES.find(name => columns.every(column => FACETS[name].some(each => each === column)))
}

/** What is summed up in the file. Undefined: the file is of an older Candor, which sums nothing up. */
export function summedIn(db: Database): Summed | undefined {
  if ((schemaVersion(db) ?? 0) < SCHEMA_VERSION) return undefined
  return (
    db
      .query<Summed, []>(
        'SELECT since_ms AS since, quarters_since_ms AS quartersSince, until_ms AS until FROM usage_summed',
      )
      .get() ?? undefined
  )
}

/** Reads the pieces that answer a question. */
export interface Pieces {
  /** Cuts a time into stretches that pieces answer, and those that rows have to. */
  stretches(time: Stretch, markOf?: (at: number) => string | number): readonly Stretch[]
  /** A query over the pieces of a stretch: what it selects, and how it groups. */
  query(select: string, group?: string): (stretch: Stretch) => readonly Readonly<Record<string, unknown>>[]
}

/** No pieces: rows answer. */
export const NO_PIECES: Pieces = { stretches: time => [time], query: () => () => [] }

/**
 * The pieces of calls that have these values in these columns, told apart by further columns. They are as the file is when this is called: call it
 * in the transaction in which they are read. Throws SQLiteError.
 */
export function openPieces(
  db: Database,
  filters: readonly (readonly [Column, string])[],
  columns: readonly Column[],
): Pieces {
  const facet = facetOf([...columns, ...filters.map(([column]) => column)])
  // In a piece nothing at all and an empty text are the same.
  if (facet === undefined || filters.some(([, value]) => value === '')) return NO_PIECES
  const summed = summedIn(db)
  if (summed === undefined) return NO_PIECES
  const crowded = crowdedIn(db, facet)
  const wanted = filters.map(([column]) => ` AND ${column} = ?`).join('')
  return {
    stretches: (time, markOf) => stretchesOf(time, summed, { crowded: (ms, at) => crowded.has(`${ms} ${at}`), markOf }),
    query(select, group = '') {
      const query = db.query<Record<string, unknown>, (string | number)[]>(
        `SELECT ${select} FROM usage_sums WHERE facet = ? AND length_ms = ? AND start_ms >= ? AND start_ms < ?${wanted} ${group}`,
      )
      const values = filters.map(([, value]) => value)
      return ({ pieceMs = 0, since, until }) => query.all(facet, pieceMs, since, until, ...values)
    },
  }
}

function crowdedIn(db: Database, facet: Facet): ReadonlySet<string> {
  const query = db.query<{ length: number; start: number }, [string]>(
    'SELECT length_ms AS length, start_ms AS start FROM usage_crowded WHERE facet = ?',
  )
  return new Set(query.all(facet).map(({ length, start }) => `${length} ${start}`))
}
