import { readFile } from 'node:fs/promises'
import type { ConfigView, StatusView } from '../admin/contract.ts'
import type { Metrics } from '../admin/metrics/metrics.ts'
import { findModelView, modelViews } from '../admin/models.ts'
import { OVERVIEW_CALLS, type OverviewParts, overviewOf } from '../admin/overview.ts'
import { findReceipt, providerViews } from '../admin/questions.ts'
import { quotaStats } from '../admin/quota-views.ts'
import { answerRoute, routeViews } from '../admin/routes.ts'

import { VERSION } from '../base/version.ts'
import type { Knowledge } from '../http/answers.ts'
import type { DashboardFiles } from '../http/dashboard.ts'
import type { InFlight } from '../http/in-flight.ts'
import type { Sessions } from '../http/session.ts'
import type { KeyStore } from '../ledger/gateway-key.ts'
import type { LedgerStore } from '../ledger/store.ts'
import type { House } from '../pipeline/call.ts'
import { mayCall } from '../policy/model-allowlist.ts'
import type { KeyRing } from './key-ring.ts'
import type { LiveFeed } from './live-feed.ts'
import { spentOf, withBudgetsRestored } from './restore-sums.ts'

/** What is known at this moment. */
export interface KnownState {
  readonly house: House
  readonly keys: KeyRing
  readonly view: ConfigView
  readonly draining: boolean
  readonly inFlight: InFlight | undefined
}

/** What the knowledge is made from. */
export interface KnowledgeParts {
  state(): KnownState
  readonly made: KeyStore
  readonly ledger: LedgerStore
  readonly metrics: Metrics
  readonly live: LiveFeed
  readonly sessions: Sessions
  readonly dashboard: DashboardFiles
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

function keyWarnings({ warning, damaged }: KeyStore): string[] {
  return [
    ...(warning === undefined ? [] : [warning]),
    ...(damaged === 0 ? [] : [`Gateway keys that cannot be read and are refused: ${damaged}.`]),
  ]
}

/** Midnight where the gateway runs: what a person calls today. */
function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0)
}

/** The knowledge of the running gateway. */
export function knowledgeOf(parts: KnowledgeParts): Knowledge {
  const { state, made, ledger, metrics, live, startedAt, sessions, dashboard } = parts
  const now = () => state().house.clock.now()
  function status(): StatusView {
    const { house, view, draining, inFlight } = state()
    const known = house.directory.providers
    return {
      version: VERSION,
      startedAt: new Date(startedAt).toISOString(),
      config: { ...view, warnings: [...view.warnings, ...keyWarnings(made)] },
      draining,
      inFlight: inFlight?.count ?? 0,
      ledger: ledger.health(),
      providers: { available: known.filter(p => p.unavailable === undefined).length, known: known.length },
    }
  }

  async function overview() {
    // Before what is read: what happens meanwhile is then told twice rather than not at all.
    const cursor = live.cursor()
    const since = startOfDay(now())
    const [receipts, byProvider] = await Promise.all([
      ledger.list({ limit: OVERVIEW_CALLS }),
      ledger.usage({ since, by: 'provider' }),
    ])
    const parts: OverviewParts = {
      now: now(),
      status: status(),
      providers: providerViews(state().house),
      quotas: state().house.quotas.views(),
      usage: { since, byProvider },
      minutes: live.pace.minutes(),
      lately: live.pace.lately(),
      receipts,
      cursor,
    }
    return overviewOf(parts)
  }

  return {
    version: VERSION,
    now,
    keys: withBudgetsRestored(made, ledger, () => state().house),
    configKeys: () => state().keys.configured(),
    spent: (keyId, budget) => spentOf(keyId, budget, state().house),
    mayCall,
    models: all => modelViews(state().house, startedAt, all),
    model: name => findModelView(state().house, name, startedAt),
    providers: () => providerViews(state().house),
    routes: () => routeViews(state().house),
    explainRoute(body) {
      const { house, keys } = state()
      const all = [...keys.configured(), ...made.list()]
      return answerRoute(body, house, name => all.find(key => key.id === name || key.name === name))
    },
    receipt: id => findReceipt(ledger, id),
    receipts: (limit, before, keyId) =>
      ledger.list({
        limit,
        ...(before === undefined ? {} : { before }),
        ...(keyId === undefined ? {} : { keyId }),
      }),
    problems: () => readFile(new URL('../../docs/problems.md', import.meta.url), 'utf8'),
    metrics: () => metrics.render(),
    async quotas(refresh) {
      const { quotas } = state().house
      if (refresh) await quotas.refresh()
      return quotas.views()
    },
    ledger,
    sessions,
    dashboard,
    overview,
    live: after => live.read(after),
    async quotaStats() {
      const { house } = state()
      const { rows } = await ledger.usage({ since: startOfDay(now()), by: 'provider' })
      const { providers } = house.directory
      return quotaStats({ providers, views: house.quotas.views(), usage: rows, now: now() })
    },
    status,
  }
}
