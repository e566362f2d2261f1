import type { Clock } from '../base/clock.ts'
import type { QuotaView, QuotaWindow } from '../upstream/quota.ts'
import { forecastOf, type QuotaForecast, type QuotaPoint } from './quota-forecast.ts'

/** One window of a plan over time. */
export interface WindowHistory {
  readonly provider: string
  readonly credential: string
  readonly billing: string
  /** As the provider names it: `weekly`. */
  readonly window: string
  readonly source: QuotaView['source']
  /** As the provider told it, in the order of time. */
  readonly points: readonly QuotaPoint[]
  /** Milliseconds since 1970. */
  readonly resetsAtMs?: number
  /** The numbers are of the past. */
  readonly stale: boolean
  /** An estimate of ours. */
  readonly forecast: QuotaForecast
}

/** What is known of windows over time. */
export interface QuotaHistoryView {
  /** Nothing is kept from before: milliseconds since 1970. */
  readonly since: number
  /** Of this moment. */
  readonly now: number
  readonly windows: readonly WindowHistory[]
}

/** Keeps what providers said is left, in memory, since the start. */
export interface QuotaHistory {
  /** What is kept, with what is known now. */
  view(views: readonly QuotaView[]): QuotaHistoryView
  close(): void
}

/** Windows kept; others are not. */
export const WINDOWS_MAX = 60
/** Points kept of a window. Then every second one of the older half goes. */
export const POINTS_MAX = 400
/** How often it is looked whether something new was told, in milliseconds. */
export const LOOK_EVERY_MS = 60_000

interface Kept {
  readonly view: QuotaView
  readonly window: QuotaWindow
  points: QuotaPoint[]
}

/** Looks at the book every minute. `peek`: what is known, without asking anybody. */
export function openQuotaHistory(clock: Clock, peek: () => readonly QuotaView[]): QuotaHistory {
  const since = clock.now()
  let kept: ReadonlyMap<string, Kept> = new Map()
  let cancel = clock.after(LOOK_EVERY_MS, look)

  function look(): void {
    note(peek())
    cancel = clock.after(LOOK_EVERY_MS, look)
  }

  /** Windows that are no longer told, for a key that is no longer there, are forgotten. */
  function note(views: readonly QuotaView[]): void {
    const all = views.flatMap(view =>
      view.windows.filter(window => isOfPlan(window, view)).map(window => ({ view, window })),
    )
    kept = new Map(
      all.slice(0, WINDOWS_MAX).map(({ view, window }) => {
        const id = JSON.stringify([view.provider, view.credential, view.source, window.name])
        return [id, { view, window, points: withPoint(kept.get(id)?.points ?? [], view.at, window) }]
      }),
    )
  }

  return {
    view(views) {
      note(views)
      const now = clock.now()
      return { since, now, windows: [...kept.values()].map(each => historyOf(each, now)) }
    },
    close: () => cancel(),
  }
}

/** Rates of a minute, which answers tell in headers, are no windows of a plan. */
function isOfPlan({ remainingPercent, aside }: QuotaWindow, { source, billing }: QuotaView): boolean {
  return remainingPercent !== undefined && aside !== true && (source === 'endpoint' || billing === 'plan')
}

function withPoint(points: QuotaPoint[], at: number, { remainingPercent }: QuotaWindow): QuotaPoint[] {
  const last = points.at(-1)
  if (remainingPercent === undefined || (last !== undefined && at <= last[0])) return points
  const more: QuotaPoint[] = [...points, [at, remainingPercent]]
  return more.length <= POINTS_MAX ? more : more.filter((_, i) => i >= POINTS_MAX / 2 || i % 2 === 0)
}

function historyOf({ view, window, points }: Kept, now: number): WindowHistory {
  const { provider, credential, billing, source } = view
  const { resetsAtMs } = window
  return {
    provider,
    credential,
    billing,
    window: window.name,
    source,
    points,
    ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    stale: view.stale || window.stale === true,
    forecast: forecastOf(points, resetsAtMs, now),
  }
}
