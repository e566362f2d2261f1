/** What was told of one window at one moment: milliseconds since 1970, and percent left. */
export type QuotaPoint = readonly [at: number, percentLeft: number]

/** Where a window is heading: an estimate of ours, never the provider's word. */
export type QuotaForecast =
  | {
      readonly type: 'line'
      /** Percent an hour; below zero: it gets less. */
      readonly perHour: number
      /** Of how long the line is made, in milliseconds. */
      readonly overMs: number
      /** When nothing would be left, milliseconds since 1970. Absent: not before the reset. */
      readonly emptyAt?: number
      /** Percent that would be left at the reset. Absent: none, or no reset is known. */
      readonly atReset?: number
    }
  /** Why there is none. */
  | { readonly type: 'none'; readonly why: string }

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** The line is made of the last part of what was told: so long at least and at most, and in between a quarter of the time to the reset. */
const RECENT_MS = { least: 30 * MINUTE_MS, most: 24 * HOUR_MS } as const
/** A line made of less time says nothing. */
const BASE_MS_MIN = 5 * MINUTE_MS

/**
 * A straight line from the first to the last of the recent points, up to the reset. What was told before the window was opened again does not
 * count. `points` rise in time. `now`, `resetsAt`: milliseconds since 1970.
 */
export function forecastOf(points: readonly QuotaPoint[], resetsAt: number | undefined, now: number): QuotaForecast {
  const last = points.at(-1)
  if (last === undefined) return none('nothing was told yet')
  if (resetsAt !== undefined && resetsAt <= now) return none('the window has been reset since it was told')
  const [lastAt, left] = last
  const first = firstRecent(sinceReset(points), lastAt - recentMs(resetsAt, lastAt))
  const overMs = first === undefined ? 0 : lastAt - first[0]
  if (first === undefined || overMs < BASE_MS_MIN) return none('too little was told since the start of the gateway')
  const perMs = (left - first[1]) / overMs
  const line = { type: 'line' as const, perHour: perMs * HOUR_MS, overMs }
  const emptyAt = left <= 0 ? lastAt : perMs < 0 ? lastAt + left / -perMs : undefined
  if (emptyAt !== undefined && (resetsAt === undefined || emptyAt < resetsAt))
    return { ...line, emptyAt: Math.round(emptyAt) }
  if (resetsAt === undefined) return line
  return { ...line, atReset: Math.max(0, Math.min(100, left + perMs * (resetsAt - lastAt))) }
}

function recentMs(resetsAt: number | undefined, at: number): number {
  if (resetsAt === undefined) return RECENT_MS.most
  return Math.min(RECENT_MS.most, Math.max(RECENT_MS.least, (resetsAt - at) / 4))
}

/** A window never has more left than before, unless it was opened again. */
function sinceReset(points: readonly QuotaPoint[]): readonly QuotaPoint[] {
  const rise = points.findLastIndex(([, left], i) => left > (points[i - 1]?.[1] ?? left))
  return points.slice(Math.max(0, rise))
}

function firstRecent(points: readonly QuotaPoint[], since: number): QuotaPoint | undefined {
  return points.find(([at]) => at >= since)
}

function none(why: string): QuotaForecast {
  return { type: 'none', why }
}
