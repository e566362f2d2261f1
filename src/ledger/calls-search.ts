import type { Database } from 'bun:sqlite'
import { firstIdAt, timeOfId } from '../base/ids.ts'
import { openCandidates } from './calls-candidates.ts'
import type { Receipt } from './receipt.ts'
import { limitOf, matches, newest, wanted } from './row.ts'
import { type CallFilter, type CallsPage, LIST_LIMIT_MAX, type ListQuery } from './store.ts'

/** Calls looked at in one go: half a millisecond in which nothing else goes on, more where the disk has to be read first. */
const CALLS_PER_SLICE = 2_000
/** Calls one page looks through at most: a tenth of a second of work, on an index alone. */
const LOOKED_AT_MAX = 500_000

/** What a value in a query may be. */
export type Value = string | number

/** Where ended calls are found by time, with all they are searched by beside it: no receipt is read for a call that does not fit. */
export const ENDED_CALLS = `FROM calls INDEXED BY calls_usage WHERE ending <> 'in-flight'`

/** A condition of SQL, beginning with ` AND` unless it is empty, and the values of its marks. */
export interface Condition {
  readonly sql: string
  readonly values: readonly Value[]
}

/** The filters, but for the time, as a condition. */
export function conditionOf(filter: CallFilter): Condition {
  const asked = wanted(filter)
  const fallback = filter.fallback === true ? ' AND fallback_reason IS NOT NULL' : ''
  return {
    sql: asked.map(([column]) => ` AND ${column} = ?`).join('') + fallback,
    values: asked.map(([, value]) => value),
  }
}

/** True if the file has the receipt of how the call ended. */
export function isEnded(db: Database, id: string): boolean {
  return db.query(`SELECT 1 FROM calls WHERE id = ? AND ending <> 'in-flight'`).get(id) !== null
}

/** Lets whatever waits go on. */
export function breathe(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** Where a slice begins that ends before `until`: as many calls as make one, or fewer if the stretch has no more. */
export interface Slice {
  readonly from: number
  readonly looked: number
}

/** Cuts a stretch of time into slices, from its end. Calls of the same millisecond stay together. */
export function slicesOf(db: Database): (since: number, until: number) => Slice {
  const query = db.query<{ looked: number; oldest: number | null }, Value[]>(
    `SELECT count(*) AS looked, min(at) AS oldest FROM (
       SELECT at ${ENDED_CALLS} AND at >= ? AND at < ? ORDER BY at DESC LIMIT ${CALLS_PER_SLICE})`,
  )
  return (since, until) => {
    const found = query.get(since, until)
    const looked = found?.looked ?? 0
    return { from: looked < CALLS_PER_SLICE ? since : Math.max(since, found?.oldest ?? since), looked }
  }
}

/** What a search reads from. */
export interface SearchParts {
  readonly db: Database
  find(id: string): Receipt | undefined
  list(query: ListQuery): readonly Receipt[]
  /** Receipts not in the file yet, which take the place of what the file says of the same calls. */
  waiting(): readonly Receipt[]
}

/**
 * A page of calls. Without filters, or by key alone, an index leads straight to them. Any other filter is looked for from the newest call on, on an
 * index that holds what is asked for, in slices between which others go on. Throws SQLiteError.
 */
export async function searchCalls(parts: SearchParts, query: ListQuery): Promise<CallsPage> {
  const { keyId: _, ...rest } = query
  const limit = limitOf(query)
  if (wanted(rest).length === 0 && rest.fallback !== true) return pageOf(parts.list(query), limit)
  const waiting = parts.waiting()
  const hidden = new Set(waiting.map(({ id }) => id))
  const running = callsInFlight(parts.db, query).filter(({ id }) => !hidden.has(id))
  for (const { id } of running) hidden.add(id)
  const { ids, cut } = query.ending === 'in-flight' ? NONE : await lookThrough(parts.db, query, hidden)
  const behindCut = cut === undefined ? '' : firstIdAt('req', cut)
  const read = [...running, ...ids].flatMap(({ id }) => parts.find(id) ?? [])
  const fitting = [...waiting.filter(receipt => matches(receipt, query)), ...read]
  // What is older than the calls looked at belongs to a later page.
  const found = newest(
    fitting.filter(({ id }) => id >= behindCut),
    query,
  )
  if (cut === undefined || found.length === limit) return pageOf(found, limit)
  return { receipts: found, next: behindCut, lookedBackTo: cut }
}

/** A page of receipts that were all there is to look through. */
export function pageOf(receipts: readonly Receipt[], limit: number): CallsPage {
  const last = receipts.length < limit ? undefined : receipts.at(-1)
  return { receipts, ...(last === undefined ? {} : { next: last.id }) }
}

/** A call as it is found. */
export interface FoundCall {
  readonly id: string
  readonly at: number
}

interface Found {
  readonly ids: readonly FoundCall[]
  /** Calls before this time were not looked at. Absent: there are none, or enough were found. */
  readonly cut?: number
}

const NONE: Found = { ids: [] }

/** `hidden`: calls that are not to be found. */
async function lookThrough(db: Database, query: ListQuery, hidden: ReadonlySet<string>): Promise<Found> {
  const { since = 0, before = BEHIND_ALL } = query
  const limit = limitOf(query)
  const candidates = openCandidates(db, query)
  const slice = slicesOf(db)
  const within = sliceReader(db, query)
  const ids: FoundCall[] = []
  let until = endOf(query)
  for (let looked = 0; until > since; ) {
    const near = candidates(since, until)
    until = near.until
    const next = slice(near.since, until)
    for (let from = before; ; ) {
      const some = within(next.from, until, from)
      ids.push(...some.filter(({ id }) => !hidden.has(id)))
      if (ids.length >= limit) return { ids }
      const last = some.at(-1)
      if (last === undefined || some.length < limit) break
      from = last.id
    }
    until = next.from
    looked += next.looked
    if (looked >= LOOKED_AT_MAX && until > since) return { ids, cut: until }
    await breathe()
  }
  return { ids }
}

/** The time from which on no call can be on the page. */
function endOf({ until = Number.MAX_SAFE_INTEGER, before }: CallFilter & { readonly before?: string }): number {
  const made = before === undefined ? undefined : timeOfId(before)
  return made === undefined ? until : Math.min(until, made + 1)
}

type SliceReader = (from: number, until: number, before: string) => readonly FoundCall[]

function sliceReader(db: Database, query: ListQuery): SliceReader {
  const { sql, values } = conditionOf(query)
  const calls = db.query<FoundCall, Value[]>(
    `SELECT id, at ${ENDED_CALLS} AND at >= ? AND at < ? AND id < ?${sql} ORDER BY at DESC, id DESC LIMIT ?`,
  )
  return (from, until, before) => calls.all(from, until, before, ...values, limitOf(query))
}

/** Sorts behind every id of a call. */
const BEHIND_ALL = 'req~'

/** Calls in flight in the file that fit, newest first; the file never has many. */
export function callsInFlight(db: Database, filter: CallFilter & { readonly before?: string }): readonly FoundCall[] {
  if ((filter.ending ?? 'in-flight') !== 'in-flight') return []
  const { sql, values } = conditionOf(filter)
  const { since = 0, before = BEHIND_ALL } = filter
  const query = db.query<FoundCall, Value[]>(
    `SELECT id, at FROM calls INDEXED BY calls_in_flight
     WHERE ending = 'in-flight' AND at >= ? AND at < ? AND id < ?${sql} ORDER BY id DESC LIMIT ${LIST_LIMIT_MAX}`,
  )
  return query.all(since, endOf(filter), before, ...values)
}
