import { quoteText } from '../base/redact.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { LedgerReads } from '../ledger/store.ts'
import { USAGE_GROUPS, type Usage, type UsageGroup, type UsageRow, type UsageSums } from '../ledger/usage.ts'
import { type UsagePeriod, type UsageSpan, usageSpan } from './usage-span.ts'

/** Sums, as shown. */
export interface UsageSumsView extends UsageSums {
  /** US dollars. `null`: calls were metered, and of none of them the cost is known. Where some are `unpriced`, it was or may have been more than this. */
  readonly costUsd: number | null
}

/** One group, as shown. */
export interface UsageRowView extends UsageSumsView {
  /** Empty: the calls have none. */
  readonly group: string
  /** The name of the key, where groups are keys. */
  readonly name?: string
}

/** The answer to `/candor/usage`. */
export interface UsageView {
  readonly object: 'usage'
  readonly period: UsagePeriod | 'custom'
  /** ISO 8601; absent: from the beginning. */
  readonly since?: string
  /** ISO 8601; the calls are from before this. */
  readonly until: string
  /** Whose days `today`, `week`, `month` and the group `day` go by. Budgets go by days in UTC. */
  readonly timeZone: string
  readonly by?: UsageGroup
  readonly rows: readonly UsageRowView[]
  readonly total: UsageSumsView
  /** Why the sums are not all there is. */
  readonly fault?: string
}

/** What usage is read from. */
export type UsageLedger = Pick<LedgerReads, 'usage' | 'list'>

/** A question about usage, as it was asked. Every field is a text that may be wrong. */
export interface UsageAsked {
  readonly period?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly by?: string | undefined
}

/**
 * Answers a question about usage: of all calls, or of one key's. A question that is not understood is a problem. `now`: milliseconds since 1970.
 */
export async function usageView(
  asked: UsageAsked,
  ledger: UsageLedger,
  now: number,
  keyId?: string,
): Promise<UsageView | Problem> {
  const span = usageSpan(asked, now)
  if (isProblem(span)) return span
  const by = USAGE_GROUPS.find(group => group === asked.by)
  if (by === undefined && asked.by !== undefined) return unknownGroup(asked.by)
  const { since, until } = span
  const range = { until, ...(since === undefined ? {} : { since }), ...(keyId === undefined ? {} : { keyId }) }
  const usage = await ledger.usage({ ...range, by })
  return shown(span, by, usage, await named(usage.rows, by, ledger))
}

function shown(span: UsageSpan, by: UsageGroup | undefined, usage: Usage, rows: readonly UsageRowView[]): UsageView {
  return {
    object: 'usage',
    period: span.period,
    ...(span.since === undefined ? {} : { since: new Date(span.since).toISOString() }),
    until: new Date(span.until).toISOString(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(by === undefined ? {} : { by }),
    rows: by === undefined ? [] : rows,
    total: withDollars(totalOf(usage.rows)),
    ...(usage.fault === undefined ? {} : { fault: usage.fault }),
  }
}

/** A key's name is the one in its newest receipt: also for keys that are no longer there. */
export async function named(
  rows: readonly UsageRow[],
  by: UsageGroup | undefined,
  ledger: UsageLedger,
): Promise<readonly UsageRowView[]> {
  const views: UsageRowView[] = []
  for (const { group, ...sums } of rows) {
    const [newest] = by === 'key' && group !== '' ? await ledger.list({ limit: 1, keyId: group }) : []
    const name = newest?.key?.name
    views.push({ group, ...(name === undefined ? {} : { name }), ...withDollars(sums) })
  }
  return views
}

/** With the cost in dollars, where any of it is known. */
export function withDollars(sums: UsageSums): UsageSumsView {
  const { costNanoUsd, unpriced } = sums
  return { ...sums, costUsd: costNanoUsd === 0 && unpriced > 0 ? null : costNanoUsd / 1e9 }
}

/** The sums of all. */
export function totalOf(rows: readonly UsageSums[]): UsageSums {
  const sum = (pick: (row: UsageSums) => number) => rows.reduce((total, row) => total + pick(row), 0)
  return {
    calls: sum(row => row.calls),
    failed: sum(row => row.failed),
    fallbacks: sum(row => row.fallbacks),
    cacheHits: sum(row => row.cacheHits),
    lanes: {
      plan: sum(row => row.lanes.plan),
      metered: sum(row => row.lanes.metered),
      free: sum(row => row.lanes.free),
      local: sum(row => row.lanes.local),
    },
    tokens: {
      input: sum(row => row.tokens.input),
      cacheRead: sum(row => row.tokens.cacheRead),
      cacheWrite: sum(row => row.tokens.cacheWrite),
      output: sum(row => row.tokens.output),
      reasoning: sum(row => row.tokens.reasoning),
    },
    costNanoUsd: sum(row => row.costNanoUsd),
    unpriced: sum(row => row.unpriced),
    usageUnknown: sum(row => row.usageUnknown),
    chargedNanoUsd: sum(row => row.chargedNanoUsd),
    chargedTokens: sum(row => row.chargedTokens),
  }
}

/** That usage cannot be grouped so. */
export function unknownGroup(by: string): Problem {
  return problem('bad_request', `Usage cannot be grouped by "${quoteText(by, 40)}".`, {
    fix: [`Group by one of: ${USAGE_GROUPS.join(', ')}.`],
    paths: ['by'],
  })
}
