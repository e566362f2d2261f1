import { isProblem, type Problem } from '../canon/problem.ts'
import { USAGE_GROUPS, type UsageGroup, type UsageRow } from '../ledger/usage.ts'
import type { QuotaHistoryView } from './quota-history.ts'
import {
  named,
  totalOf,
  type UsageAsked,
  type UsageLedger,
  type UsageRowView,
  type UsageView,
  unknownGroup,
  withDollars,
} from './usage.ts'
import { type BucketSize, type Buckets, bucketSize, bucketsBetween, rememberedStart } from './usage-buckets.ts'
import { type UsageSpan, usageSpan } from './usage-span.ts'

/** Numbers over time: each list has one for each bucket. */
export interface UsageColumns {
  readonly calls: readonly number[]
  readonly failed: readonly number[]
  /** All input, also what was read from and written to a cache. */
  readonly tokensIn: readonly number[]
  /** All output, also reasoning. */
  readonly tokensOut: readonly number[]
  /** What is known of the cost of metered calls. */
  readonly costNanoUsd: readonly number[]
  /** Calls whose cost is not known, and so not in `costNanoUsd`. */
  readonly unpriced: readonly number[]
  /** Calls whose usage is not known, and so not in the tokens. */
  readonly usageUnknown: readonly number[]
}

/** One group over time. */
export interface UsageLine extends UsageColumns {
  /** As in the rows. */
  readonly group: string
  readonly name?: string
}

/** The answer to `/candor/usage/series`: `/candor/usage`, and the same over time. */
export interface UsageSeriesView extends Omit<UsageView, 'object'> {
  readonly object: 'usage.series'
  readonly bucket: BucketSize
  /** Where each bucket begins, milliseconds since 1970. */
  readonly starts: readonly number[]
  /** All calls. */
  readonly all: UsageColumns
  /** The groups with the most calls, tokens or cost. What `all` has beyond them is of the others. */
  readonly lines: readonly UsageLine[]
  /** Calls of which only the day is kept: they stand at noon in UTC. Absent: of none, or the buckets are days. */
  readonly dayOnly?: number
  /** What providers said is left, since the gateway started. Only for administrators. */
  readonly quotas?: QuotaHistoryView
}

/** A question about usage over time. Every field is a text that may be wrong. */
export interface SeriesAsked extends UsageAsked {
  readonly bucket?: string | undefined
}

/** So many groups of each measure are told over time. */
const LINES_EACH = 6

/** Answers a question about usage over time: of all calls, or of one key's. `now`: milliseconds since 1970. */
export async function usageSeriesView(
  asked: SeriesAsked,
  ledger: UsageLedger,
  now: number,
  keyId?: string,
): Promise<UsageSeriesView | Problem> {
  const span = usageSpan(asked, now)
  if (isProblem(span)) return span
  const by = USAGE_GROUPS.find(group => group === asked.by)
  if (by === undefined && asked.by !== undefined) return unknownGroup(asked.by)
  const bucket = bucketSize(asked.bucket, span)
  if (isProblem(bucket)) return bucket
  const { since, until } = span
  // A time that is too long is told before it is counted.
  const given = since === undefined ? undefined : bucketsBetween(bucket, since, until)
  if (isProblem(given)) return given
  const range = { until, ...(since === undefined ? {} : { since }), ...(keyId === undefined ? {} : { keyId }) }
  const usage = await ledger.usage({ ...range, by, slotOf: rememberedStart(bucket) })
  const buckets = given ?? bucketsBetween(bucket, usage.rows[0]?.slot ?? now, until)
  if (isProblem(buckets)) return buckets
  const sums = sumsByGroup(usage.rows, by)
  const rows = by === undefined ? [] : await named(sums, by, ledger)
  return {
    ...headOf(span, by),
    ...overTime(usage.rows, rows, buckets),
    rows,
    total: withDollars(totalOf(sums)),
    ...(usage.fault === undefined ? {} : { fault: usage.fault }),
  }
}

function headOf(span: UsageSpan, by: UsageGroup | undefined) {
  const { period, since, until } = span
  return {
    object: 'usage.series' as const,
    period,
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    until: new Date(until).toISOString(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(by === undefined ? {} : { by }),
  }
}

/** The same rows `/candor/usage` has, in its order. */
function sumsByGroup(cells: readonly UsageRow[], by: UsageGroup | undefined): readonly UsageRow[] {
  const groups = Map.groupBy(cells, ({ group }) => group)
  const rows = [...groups].map(([group, own]) => ({ group, ...totalOf(own) }))
  return rows.sort((a, b) => (by === 'day' ? 0 : b.calls - a.calls) || (a.group < b.group ? -1 : 1))
}

function overTime(
  cells: readonly UsageRow[],
  rows: readonly UsageRowView[],
  { size, starts }: Buckets,
): Pick<UsageSeriesView, 'bucket' | 'starts' | 'all' | 'lines' | 'dayOnly'> {
  const groups = Map.groupBy(cells, ({ group }) => group)
  const lines = largest(rows).map(({ group, name }) => ({
    group,
    ...(name === undefined ? {} : { name }),
    ...columnsOf(groups.get(group) ?? [], starts),
  }))
  const dayOnly = size === 'day' ? 0 : cells.reduce((sum, row) => sum + (row.dayOnly ?? 0), 0)
  return { bucket: size, starts, all: columnsOf(cells, starts), lines, ...(dayOnly === 0 ? {} : { dayOnly }) }
}

const MEASURES: Readonly<Record<keyof UsageColumns, (row: UsageRow | UsageRowView) => number>> = {
  calls: row => row.calls,
  failed: row => row.failed,
  tokensIn: ({ tokens }) => tokens.input + tokens.cacheRead + tokens.cacheWrite,
  tokensOut: ({ tokens }) => tokens.output + tokens.reasoning,
  costNanoUsd: row => row.costNanoUsd,
  unpriced: row => row.unpriced,
  usageUnknown: row => row.usageUnknown,
}

function largest(rows: readonly UsageRowView[]): readonly UsageRowView[] {
  const measures = [
    MEASURES.calls,
    MEASURES.costNanoUsd,
    (row: UsageRowView) => MEASURES.tokensIn(row) + MEASURES.tokensOut(row),
  ]
  const chosen = measures.flatMap(of => rows.toSorted((a, b) => of(b) - of(a)).slice(0, LINES_EACH))
  return rows.filter(row => chosen.includes(row))
}

function columnsOf(cells: readonly UsageRow[], starts: readonly number[]): UsageColumns {
  const places = new Map(starts.map((start, place) => [start, place]))
  const column = (of: (row: UsageRow) => number) => {
    const values = starts.map(() => 0)
    for (const cell of cells) {
      const place = places.get(cell.slot ?? Number.NaN)
      if (place !== undefined) values[place] = (values[place] ?? 0) + of(cell)
    }
    return values
  }
  return {
    calls: column(MEASURES.calls),
    failed: column(MEASURES.failed),
    tokensIn: column(MEASURES.tokensIn),
    tokensOut: column(MEASURES.tokensOut),
    costNanoUsd: column(MEASURES.costNanoUsd),
    unpriced: column(MEASURES.unpriced),
    usageUnknown: column(MEASURES.usageUnknown),
  }
}
