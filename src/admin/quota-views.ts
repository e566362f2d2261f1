import type { UsageRow } from '../ledger/usage.ts'
import type { ProviderSetup } from '../upstream/provider-setup.ts'
import type { QuotaView, QuotaWindow } from '../upstream/quota.ts'

/** A {@link QuotaView} with its age, so that whoever shows it needs no clock that agrees with the gateway's. */
export interface AgedQuotaView extends QuotaView {
  readonly ageMs: number
}

/** The answer to `GET /candor/quotas`. */
export interface QuotaList {
  readonly object: 'list'
  readonly data: readonly AgedQuotaView[]
}

/** What {@link quotaStats} is made of. */
export interface QuotaStatsInput {
  readonly providers: readonly Pick<ProviderSetup, 'id' | 'credentials'>[]
  readonly views: readonly QuotaView[]
  /** By provider, over whatever time. */
  readonly usage: readonly UsageRow[]
  /** Milliseconds since 1970. */
  readonly now: number
}

/** One window in the form of {@link QuotaStats}. */
export interface QuotaGroup {
  readonly name: string
  readonly credential: string
  readonly remaining_percent: number
  /** ISO 8601. */
  readonly reset_time?: string
}

/** One provider in the form of {@link QuotaStats}. */
export interface ProviderStats {
  readonly credential_count: number
  /** Of these, the ones with something left in every window, or of which nothing is known. */
  readonly active_count: number
  readonly exhausted_count: number
  readonly total_requests: number
  readonly tokens: { readonly input_cached: number; readonly input_uncached: number; readonly output: number }
  /** USD, what is known of it, by the ledger. Absent: nothing was metered. */
  readonly approx_cost?: number
  /** By the providers. */
  readonly quota_groups: readonly QuotaGroup[]
}

/**
 * The answer to `GET /v1/quota-stats`, in the form that quota bars poll: steipete/CodexBar, docs/llm-proxy.md and its reader LLMProxyUsageFetcher,
 * after LLM-API-Key-Proxy. Groups hold what providers say; requests, tokens and costs are the gateway's own count, as in the original.
 */
export interface QuotaStats {
  readonly providers: Readonly<Record<string, ProviderStats>>
  readonly summary: {
    readonly total_providers: number
    readonly total_credentials: number
    readonly active_credentials: number
    readonly exhausted_credentials: number
    readonly total_requests: number
    readonly total_tokens: number
    readonly approx_cost?: number
  }
  /** Seconds since 1970. */
  readonly timestamp: number
}

const NANO = 1e9

/** The views with their age. `now`: milliseconds since 1970. */
export function quotaList(views: readonly QuotaView[], now: number): QuotaList {
  return { object: 'list', data: views.map(view => ({ ...view, ageMs: Math.max(0, now - view.at) })) }
}

/** The views in the form quota bars poll. Stale windows, and those that do not limit calls to models, are left out: a bar shows the lowest of all. */
export function quotaStats({ providers, views, usage, now }: QuotaStatsInput): QuotaStats {
  const stats = new Map<string, ProviderStats>()
  for (const provider of providers) {
    const own = views.filter(view => view.provider === provider.id)
    stats.set(
      provider.id,
      statsOf(
        provider,
        own,
        usage.find(({ group }) => group === provider.id),
      ),
    )
  }
  const all = [...stats.values()]
  const metered = usage.filter(row => stats.has(row.group) && row.lanes.metered > 0)
  return {
    providers: Object.fromEntries(stats),
    summary: {
      total_providers: all.length,
      total_credentials: sum(all.map(each => each.credential_count)),
      active_credentials: sum(all.map(each => each.active_count)),
      exhausted_credentials: sum(all.map(each => each.exhausted_count)),
      total_requests: sum(all.map(each => each.total_requests)),
      total_tokens: sum(all.map(({ tokens }) => tokens.input_cached + tokens.input_uncached + tokens.output)),
      ...(metered.length === 0 ? {} : { approx_cost: sum(metered.map(row => row.costNanoUsd)) / NANO }),
    },
    timestamp: Math.floor(now / 1000),
  }
}

function statsOf(
  provider: QuotaStatsInput['providers'][number],
  views: readonly QuotaView[],
  row: UsageRow | undefined,
): ProviderStats {
  const count = provider.credentials.length
  const exhausted = provider.credentials.filter(({ name }) =>
    views.some(view => view.credential === name && currentWindows(view).some(isUsedUp)),
  ).length
  return {
    credential_count: count,
    active_count: count - exhausted,
    exhausted_count: exhausted,
    total_requests: row?.calls ?? 0,
    tokens: {
      input_cached: row?.tokens.cacheRead ?? 0,
      input_uncached: (row?.tokens.input ?? 0) + (row?.tokens.cacheWrite ?? 0),
      output: (row?.tokens.output ?? 0) + (row?.tokens.reasoning ?? 0),
    },
    ...(row === undefined || row.lanes.metered === 0 ? {} : { approx_cost: row.costNanoUsd / NANO }),
    quota_groups: views.flatMap(groupsOf),
  }
}

function groupsOf(view: QuotaView): QuotaGroup[] {
  return currentWindows(view).flatMap(({ name, remainingPercent, resetsAtMs }) => {
    if (remainingPercent === undefined) return []
    const reset = resetsAtMs === undefined ? {} : { reset_time: new Date(resetsAtMs).toISOString() }
    return [{ name, credential: view.credential, remaining_percent: remainingPercent, ...reset }]
  })
}

/** The windows that limit calls to models and are not of the past. */
export function currentWindows({ windows }: QuotaView): readonly QuotaWindow[] {
  return windows.filter(window => window.stale !== true && window.aside !== true)
}

/** Nothing is left of it. */
export function isUsedUp({ remaining, remainingPercent }: QuotaWindow): boolean {
  return remainingPercent === 0 || (remaining !== undefined && remaining <= 0)
}

/** A window with less left than this is told as one with little left: percent. */
const LOW_PERCENT = 10

/** Little is left of it, or nothing. */
export function isLow(window: QuotaWindow): boolean {
  return isUsedUp(window) || (window.remainingPercent ?? 100) < LOW_PERCENT
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
