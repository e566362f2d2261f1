import type { Database } from 'bun:sqlite'
import type { Value } from './calls-search.ts'
import { wanted } from './row.ts'
import type { CallFilter } from './store.ts'
import { type Facet, facetOf, summedIn } from './usage-pieces.ts'
import { HOUR_MS, hourOf, type Stretch } from './usage-stretches.ts'

/** Pieces of so many hours are looked at in one go: a millisecond, in which no call goes on. */
const HOURS_AT_ONCE = 7 * 24

/** What the pieces of one facet have to say of an hour in which a call may fit. */
interface Sign {
  readonly facet: Facet
  readonly sql: string
  readonly values: readonly Value[]
}

/**
 * Where to look for calls that fit, from the end of a time on: the last stretch in which there may be any, so that nothing behind it needs to be looked
 * at. It may be empty, with more to be looked for before it. Where pieces say nothing it is the rest of the time. Throws SQLiteError.
 */
export function openCandidates(db: Database, filter: CallFilter): (since: number, until: number) => Stretch {
  const signs = signsOf(filter)
  const lastHours = signs.map(sign => lastHourReader(db, sign))
  return (since, until) => {
    const summed = lastHours.length === 0 ? undefined : summedIn(db)
    if (summed === undefined || until <= summed.since) return { since, until }
    if (until > summed.until) return { since: Math.max(since, summed.until), until }
    const least = Math.max(since, summed.since)
    const first = Math.max(hourOf(least), hourOf(until - 1) - HOURS_AT_ONCE * HOUR_MS)
    const hour = lastCommon(lastHours, first, hourOf(until - 1))
    if (hour === undefined) return { since: Math.max(first, least), until: Math.max(first, least) }
    return { since: Math.max(hour, least), until: Math.min(hour + HOUR_MS, until) }
  }
}

/** The last hour of a filter's signs in a time, or undefined if it has none. */
type LastHour = (first: number, last: number) => number | undefined

/** The last hour that has all signs. */
function lastCommon(lastHours: readonly LastHour[], first: number, last: number): number | undefined {
  for (let hour: number | undefined = last; hour !== undefined && hour >= first; ) {
    const before: number = hour
    for (const lastHour of lastHours) hour = hour === undefined ? undefined : lastHour(first, hour)
    if (hour === before) return hour
  }
  return undefined
}

/** If one facet tells all that is asked for, its pieces say most. */
function signsOf(filter: CallFilter): readonly Sign[] {
  const { ending, fallback } = filter
  const measures = [
    ...(ending === undefined || ending === 'in-flight' ? [] : [`ended_${ending} > 0`]),
    ...(fallback === true ? ['fallbacks > 0'] : []),
  ]
  const columns = wanted(filter).filter(([column]) => column !== 'ending')
  const together = facetOf(columns.map(([column]) => column))
  const parts = together === undefined ? columns.map(column => [column]) : [columns]
  return parts.flatMap(part => {
    const facet = facetOf(part.map(([column]) => column))
    const conditions = [...part.map(([column]) => `${column} = ?`), ...measures]
    if (facet === undefined || conditions.length === 0) return []
    return [{ facet, sql: conditions.join(' AND '), values: part.map(([, value]) => value) }]
  })
}

function lastHourReader(db: Database, { facet, sql, values }: Sign): LastHour {
  const hours = `facet = ? AND length_ms = ${HOUR_MS} AND start_ms >= ? AND start_ms <= ?`
  const last = 'ORDER BY start_ms DESC LIMIT 1'
  const piece = db.query<{ hour: number }, Value[]>(
    `SELECT start_ms AS hour FROM usage_sums WHERE ${hours} AND ${sql} ${last}`,
  )
  const crowded = db.query<{ hour: number }, Value[]>(
    `SELECT start_ms AS hour FROM usage_crowded WHERE ${hours} ${last}`,
  )
  return (first, until) => {
    const found = piece.get(facet, first, until, ...values)?.hour
    return crowded.get(facet, found ?? first, until)?.hour ?? found
  }
}
