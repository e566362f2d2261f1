import type { Ending } from './receipt.ts'
import type { Cell, Column } from './row.ts'
import type { UsageGroup, UsageQuery, UsageRow, UsageSums } from './usage.ts'

/** Reads the columns of one call that is not in the file yet. */
export type Cells = (column: Column) => Cell

/**
 * One number of the sums, said three times: of a row of `calls`, of a row of `usage_days`, and of a call that still waits. They must give
 * the same.
 */
interface Measure {
  readonly call: string
  readonly day: string
  of(cells: Cells): number
}

const FAILED = ['failed', 'truncated', 'interrupted']
const BUCKETS = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
] as const satisfies readonly Column[]

/** The measures that `usage_days` keeps, each in the column of its name. */
const KEPT = {
  calls: { call: '1', of: () => 1 },
  failed: {
    call: `coalesce(ending IN (${FAILED.map(ending => `'${ending}'`).join(', ')}), 0)`,
    of: cells => Number(FAILED.includes(String(cells('ending')))),
  },
  fallbacks: { call: 'fallback_reason IS NOT NULL', of: cells => Number(cells('fallback_reason') !== null) },
  cache_hits: { call: `cache IS 'hit'`, of: cells => Number(cells('cache') === 'hit') },
  input_tokens: numberIn('input_tokens'),
  cache_read_tokens: numberIn('cache_read_tokens'),
  cache_write_tokens: numberIn('cache_write_tokens'),
  output_tokens: numberIn('output_tokens'),
  reasoning_tokens: numberIn('reasoning_tokens'),
  cost_nano_usd: numberIn('cost_nano_usd'),
  unpriced: { call: `cost IS 'unknown'`, of: cells => Number(cells('cost') === 'unknown') },
  // Of an answer that did not come to its end what was told, if anything, need not be all. One that failed with nothing told used nothing.
  usage_unknown: {
    call: `cost IS NOT 'none' AND CASE ending
      WHEN 'complete' THEN coalesce(${BUCKETS.join(', ')}) IS NULL
      WHEN 'failed' THEN coalesce(${BUCKETS.join(', ')}) IS NOT NULL
      ELSE 1 END`,
    of(cells) {
      const isTold = BUCKETS.some(bucket => cells(bucket) !== null)
      const ending = cells('ending')
      const isOpen = ending === 'complete' ? !isTold : ending === 'failed' ? isTold : true
      return Number(cells('cost') !== 'none' && isOpen)
    },
  },
  charged_nano_usd: numberIn('charged_nano_usd'),
  charged_tokens: numberIn('charged_tokens'),
} satisfies Record<string, Omit<Measure, 'day'>>

function numberIn(column: Column): Omit<Measure, 'day'> {
  return { call: `coalesce(${column}, 0)`, of: cells => Number(cells(column) ?? 0) }
}

function lane(billing: string): Measure {
  return {
    call: `billing IS '${billing}'`,
    day: `iif(billing = '${billing}', calls, 0)`,
    of: cells => Number(cells('billing') === billing),
  }
}

const MEASURES: Readonly<Record<string, Measure>> = {
  ...Object.fromEntries(Object.entries(KEPT).map(([name, measure]) => [name, { ...measure, day: name }])),
  plan: lane('plan'),
  metered: lane('metered'),
  free: lane('free'),
  local: lane('local'),
}

/** How a group is told: of a row of `calls`, of a row of `usage_days`, of a row of `usage_sums`, and of a call that still waits. */
interface Grouping {
  readonly call: string
  readonly day: string
  /** The column of `calls`, which `usage_sums` has too. Absent: the time, or nothing. */
  readonly column?: Column
  of(cells: Cells): string | number
}

/** A quarter of an hour: every time zone's hours and days begin at one. Days are made of them where the time zone is known: not in the database. */
export const QUARTER_MS = 900_000

const byTime: Grouping = {
  call: `CAST(at AS INTEGER) / ${QUARTER_MS}`,
  day: 'day',
  of: cells => Math.floor(Number(cells('at')) / QUARTER_MS),
}

const GROUPINGS: Readonly<Record<UsageGroup, Grouping>> = {
  provider: named('provider', 'provider'),
  model: named('served_model', 'model'),
  key: named('key_id', 'key_id'),
  client: named('client', 'client'),
  billing: named('billing', 'billing'),
  day: byTime,
}

const TOGETHER: Grouping = { call: `''`, day: `''`, of: () => '' }

function named(column: Column, kept: string): Grouping {
  return { call: `coalesce(${column}, '')`, day: kept, column, of: cells => String(cells(column) ?? '') }
}

function groupingOf(by: UsageGroup | undefined): Grouping {
  return by === undefined ? TOGETHER : GROUPINGS[by]
}

/** What a query selects to be told apart by, as columns `grp` and `quarter`, and by what it groups. */
export function groupedBy({ by, slotOf }: UsageQuery, source: 'call' | 'day'): { columns: string; names: string } {
  const group = `${groupingOf(by)[source]} AS grp`
  return slotOf === undefined
    ? { columns: group, names: 'grp' }
    : { columns: `${group}, ${byTime[source]} AS quarter`, names: 'grp, quarter' }
}

const list = (source: 'call' | 'day') =>
  Object.entries(MEASURES)
    .map(([name, measure]) => `SUM(${measure[source]}) AS ${name}`)
    .join(', ')

/** All measures as columns of a query: over `calls`, over `usage_days`, and over `usage_sums`. */
export const SUMS = {
  call: list('call'),
  day: list('day'),
  piece: Object.keys(MEASURES)
    .map(name => `SUM(${name}) AS ${name}`)
    .join(', '),
} as const

/** The measures `usage_days` keeps: its columns, and their sums over `calls`. */
export const ROLL_UP: readonly { readonly column: string; readonly sum: string }[] = Object.entries(KEPT).map(
  ([column, { call }]) => ({ column, sum: `SUM(${call})` }),
)

/** How calls can have ended. `usage_sums` counts each, in a column of its name behind `ended_`. */
export const ENDED = [
  'complete',
  'failed',
  'truncated',
  'abandoned',
  'interrupted',
] as const satisfies readonly Ending[]

/** The measures `usage_sums` keeps: its columns, and their sums over `calls`. */
export const PIECES: readonly { readonly column: string; readonly sum: string }[] = [
  ...Object.entries(MEASURES).map(([column, { call }]) => ({ column, sum: `SUM(${call})` })),
  ...ENDED.map(ending => ({ column: `ended_${ending}`, sum: `SUM(ending = '${ending}')` })),
]

/** The column a question groups by, where it groups by one. */
export function columnOf(by: UsageGroup | undefined): Column | undefined {
  return groupingOf(by).column
}

/** Adds up what the rows of several queries say of the same group. */
export interface Tally {
  /** A row of a query with {@link SUMS} and a column `grp`. */
  row(row: Readonly<Record<string, unknown>>): void
  /** A call that is in no query. */
  call(cells: Cells): void
  rows(): readonly UsageRow[]
}

/** What is known of one group, in one slot. */
interface Heap {
  readonly group: string
  readonly slot: number | undefined
  dayOnly: number
  readonly sums: Record<string, number>
}

/** An empty tally for that query. */
export function openTally({ by, slotOf }: UsageQuery): Tally {
  const heaps = new Map<string, Heap>()
  const grouping = groupingOf(by)
  const add = (said: unknown, quarter: unknown, amount: (name: string, measure: Measure) => number) => {
    const group = typeof said === 'number' ? localDay(said * QUARTER_MS) : String(said)
    const slot = slotOf?.(momentOf(quarter))
    const at = `${slot} ${group}`
    const heap = heaps.get(at) ?? { group, slot, dayOnly: 0, sums: {} }
    const { sums } = heap
    for (const [key, measure] of Object.entries(MEASURES)) sums[key] = (sums[key] ?? 0) + amount(key, measure)
    heaps.set(at, heap)
    return heap
  }
  return {
    row(row) {
      const quarter = row['quarter']
      const heap = add(row['grp'], quarter, name => Number(row[name] ?? 0))
      if (typeof quarter === 'string') heap.dayOnly += Number(row['calls'] ?? 0)
    },
    call: cells => void add(grouping.of(cells), byTime.of(cells), (_, measure) => measure.of(cells)),
    rows: () => {
      const rows = [...heaps.values()].map(rowOf)
      const order = (a: UsageRow, b: UsageRow) =>
        (a.slot ?? 0) - (b.slot ?? 0) || (by === 'day' ? 0 : b.calls - a.calls) || (a.group < b.group ? -1 : 1)
      return rows.sort(order)
    },
  }
}

function rowOf({ group, slot, dayOnly, sums }: Heap): UsageRow {
  return {
    group,
    ...(slot === undefined ? {} : { slot }),
    ...(dayOnly === 0 ? {} : { dayOnly }),
    ...sumsOf(name => sums[name] ?? 0),
  }
}

/** The beginning of a quarter of an hour; of a day, its noon in UTC. */
function momentOf(quarter: unknown): number {
  return typeof quarter === 'number' ? quarter * QUARTER_MS : Date.parse(`${String(quarter)}T12:00:00Z`)
}

/** The date at that moment in the time zone of the process: `2026-11-29`. */
export function localDay(ms: number): string {
  const at = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

function sumsOf(value: (name: keyof typeof KEPT | keyof UsageSums['lanes']) => number): UsageSums {
  return {
    calls: value('calls'),
    failed: value('failed'),
    fallbacks: value('fallbacks'),
    cacheHits: value('cache_hits'),
    lanes: { plan: value('plan'), metered: value('metered'), free: value('free'), local: value('local') },
    tokens: {
      input: value('input_tokens'),
      cacheRead: value('cache_read_tokens'),
      cacheWrite: value('cache_write_tokens'),
      output: value('output_tokens'),
      reasoning: value('reasoning_tokens'),
    },
    costNanoUsd: value('cost_nano_usd'),
    unpriced: value('unpriced'),
    usageUnknown: value('usage_unknown'),
    chargedNanoUsd: value('charged_nano_usd'),
    chargedTokens: value('charged_tokens'),
  }
}
