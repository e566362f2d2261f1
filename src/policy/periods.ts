import type { BudgetPeriod } from '../ledger/gateway-key.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WEEK_DAYS = 7
/** 1970-01-01 was a Thursday: a Monday lies three days before it. */
const DAYS_AFTER_MONDAY = 3

/** One stretch a budget is counted over, in UTC. Times in milliseconds since 1970. */
export interface Period {
  /** `2026-11-23T04`, `2026-11-23`, `2026-W48`, `2026-11`, or `all`. */
  readonly id: string
  /** Absent: from the beginning. */
  readonly startMs?: number
  /** The first moment of the next one; absent: it never ends. */
  readonly endMs?: number
}

/** The period of that kind the moment lies in. Weeks are those of ISO 8601: from Monday, in the year their Thursday lies in. */
export function periodAt(kind: BudgetPeriod, atMs: number): Period {
  switch (kind) {
    case 'hour':
      return stretch(atMs, HOUR_MS, 13)
    case 'day':
      return stretch(atMs, DAY_MS, 10)
    case 'week':
      return weekAt(atMs)
    case 'month':
      return monthAt(atMs)
    case 'total':
      return { id: 'all' }
  }
}

/** A stretch of fixed length, named by so many characters of its time. */
function stretch(atMs: number, lengthMs: number, idChars: number): Period {
  const startMs = Math.floor(atMs / lengthMs) * lengthMs
  return { id: new Date(startMs).toISOString().slice(0, idChars), startMs, endMs: startMs + lengthMs }
}

function weekAt(atMs: number): Period {
  const weeks = Math.floor((Math.floor(atMs / DAY_MS) + DAYS_AFTER_MONDAY) / WEEK_DAYS)
  const startMs = (weeks * WEEK_DAYS - DAYS_AFTER_MONDAY) * DAY_MS
  const thursdayMs = startMs + DAYS_AFTER_MONDAY * DAY_MS
  const year = new Date(thursdayMs).getUTCFullYear()
  const week = Math.floor((thursdayMs - Date.UTC(year, 0, 1)) / (WEEK_DAYS * DAY_MS)) + 1
  return { id: `${year}-W${String(week).padStart(2, '0')}`, startMs, endMs: startMs + WEEK_DAYS * DAY_MS }
}

function monthAt(atMs: number): Period {
  const at = new Date(atMs)
  const startMs = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1)
  const endMs = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1)
  return { id: at.toISOString().slice(0, 7), startMs, endMs }
}
