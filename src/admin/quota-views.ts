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

/** What went through the gateway to one provider, as the ledger knows it, over whatever time it was asked for. */
export interface ProviderUse {
  readonly provider: string
  readonly requests: number
  /** Input tokens the provider had cached, and the others. */
  readonly cachedInputTokens: number
  readonly uncachedInputTokens: number
  readonly outputTokens: number
  /** What metered calls cost. Absent: not known, or nothing there is metered. */
  readonly nanoUsd?: number
}

/** What {@link quotaStats} is made of. */
export interface QuotaStatsInput {
  readonly providers: readonly Pick<ProviderSetup, 'id' | 'credentials'>[]
  readonly views: readonly QuotaView[]
  readonly use: readonly ProviderUse[]
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
  /** USD, by the ledger. */
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
export function quotaStats({ providers, views, use, now }: QuotaStatsInput): QuotaStats {
  const stats = new Map<string, ProviderStats>()
  for (const provider of providers) {
    const own = views.filter(view => view.provider === provider.id)
    stats.set(
      provider.id,
      statsOf(
        provider,
        own,
        use.find(each => each.provider === provider.id),
      ),
    )
  }
  const all = [...stats.values()]
  const costs = use.flatMap(each => (stats.has(each.provider) ? (each.nanoUsd ?? []) : []))
  return {
    providers: Object.fromEntries(stats),
    summary: {
      total_providers: all.length,
      total_credentials: sum(all.map(each => each.credential_count)),
      active_credentials: sum(all.map(each => each.active_count)),
      exhausted_credentials: sum(all.map(each => each.exhausted_count)),
      total_requests: sum(all.map(each => each.total_requests)),
      total_tokens: sum(all.map(({ tokens }) => tokens.input_cached + tokens.input_uncached + tokens.output)),
      ...(costs.length === 0 ? {} : { approx_cost: sum(costs) / NANO }),
    },
    timestamp: Math.floor(now / 1000),
  }
}

function statsOf(
  provider: QuotaStatsInput['providers'][number],
  views: readonly QuotaView[],
  use: ProviderUse | undefined,
): ProviderStats {
  const count = provider.credentials.length
  const exhausted = provider.credentials.filter(({ name }) =>
    views.some(view => view.credential === name && currentWindows(view).some(isUsedUp)),
  ).length
  return {
    credential_count: count,
    active_count: count - exhausted,
    exhausted_count: exhausted,
    total_requests: use?.requests ?? 0,
    tokens: {
      input_cached: use?.cachedInputTokens ?? 0,
      input_uncached: use?.uncachedInputTokens ?? 0,
      output: use?.outputTokens ?? 0,
    },
    ...(use?.nanoUsd === undefined ? {} : { approx_cost: use.nanoUsd / NANO }),
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

function currentWindows({ windows }: QuotaView): readonly QuotaWindow[] {
  return windows.filter(window => window.stale !== true && window.aside !== true)
}

function isUsedUp({ remaining, remainingPercent }: QuotaWindow): boolean {
  return remainingPercent === 0 || (remaining !== undefined && remaining <= 0)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
