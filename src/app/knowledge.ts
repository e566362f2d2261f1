import { readFile } from 'node:fs/promises'
import { findBodies } from '../admin/bodies.ts'
import type { ConfigurationView, FileView } from '../admin/config-view.ts'
import type { ConfigView, StatusView } from '../admin/contract.ts'
import type { Metrics } from '../admin/metrics/metrics.ts'
import { findModelView, modelViews } from '../admin/models.ts'
import { OVERVIEW_CALLS, type Overview, overviewOf } from '../admin/overview.ts'
import { findReceipt, providerViews } from '../admin/questions.ts'
import type { QuotaHistory } from '../admin/quota-history.ts'
import { quotaStats } from '../admin/quota-views.ts'
import { answerRoute, routeViews } from '../admin/routes.ts'

import { ownFile } from '../base/own-files.ts'
import { VERSION } from '../base/version.ts'
import type { Knowledge } from '../http/answers.ts'
import type { DashboardFiles } from '../http/dashboard.ts'
import type { InFlight } from '../http/in-flight.ts'
import type { Sessions } from '../http/session.ts'
import type { KeyStore } from '../ledger/gateway-key.ts'
import type { BodyStore } from '../ledger/kept-bodies.ts'
import type { LedgerStore } from '../ledger/store.ts'
import type { House } from '../pipeline/call.ts'
import { mayCall } from '../policy/model-allowlist.ts'
import type { Config } from './config/config.ts'
import { comparedWithFile } from './config/pending.ts'
import { effectiveValues } from './config/show.ts'
import type { GatewayDoctor } from './doctor/running.ts'
import { untilRestart } from './foundations.ts'
import type { KeyRing } from './key-ring.ts'
import type { LiveFeed } from './live-feed.ts'
import { spentOf, withBudgetsRestored } from './restore-sums.ts'
import { openTodaySums, startOfDay, type TodaySums } from './today-sums.ts'

/** What is known at this moment. */
export interface KnownState {
  readonly house: House
  readonly keys: KeyRing
  readonly config: Config
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
  readonly quotaHistory: QuotaHistory
  readonly bodies: BodyStore
  readonly sessions: Sessions
  readonly dashboard: DashboardFiles
  readonly doctor: GatewayDoctor
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** The configuration file that is read and watched; absent: none is. */
  readonly configFile: string | undefined
}

function keyWarnings({ warning, damaged }: KeyStore): string[] {
  return [
    ...(warning === undefined ? [] : [warning]),
    ...(damaged === 0 ? [] : [`Gateway keys that cannot be read and are refused: ${damaged}.`]),
  ]
}

/** The configuration in force, and how the file stands to it. */
async function configurationOf(
  { house, config, view }: KnownState,
  started: Config,
  file: string | undefined,
): Promise<ConfigurationView> {
  const onDisk: FileView = file === undefined ? { state: 'none' } : await comparedWithFile(config, file)
  return {
    ...(file === undefined ? {} : { file }),
    loadedAt: view.loadedAt,
    values: effectiveValues({ config, providers: house.directory.providers }),
    warnings: view.warnings,
    ...(view.refused === undefined ? {} : { refused: view.refused }),
    onDisk,
    fromNextStart: untilRestart(started, config),
  }
}

/** The knowledge of the running gateway. */
export function knowledgeOf(parts: KnowledgeParts): Knowledge {
  const { state, made, ledger, metrics, live, startedAt, sessions, dashboard } = parts
  const now = () => state().house.clock.now()
  const today = openTodaySums(ledger, state().house.clock)
  const { config: started } = state()
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
    keptBodies: id => findBodies(id, { ledger, bodies: parts.bodies }),
    receipts: (limit, before, keyId) =>
      ledger.list({
        limit,
        ...(before === undefined ? {} : { before }),
        ...(keyId === undefined ? {} : { keyId }),
      }),
    configuration: () => configurationOf(state(), started, parts.configFile),
    problems: () => readFile(ownFile('docs/problems.md'), 'utf8'),
    metrics: () => metrics.render(),
    async quotas(refresh) {
      const { quotas } = state().house
      if (refresh) await quotas.refresh()
      return quotas.views()
    },
    quotaHistory: () => parts.quotaHistory.view(state().house.quotas.views()),
    ledger,
    sessions,
    dashboard,
    doctor: parts.doctor,
    overview: () => overviewFrom(parts, today),
    live: after => live.read(after),
    async quotaStats() {
      const { house } = state()
      const { rows } = await ledger.usage({ since: startOfDay(now()), by: 'provider' })
      const { providers } = house.directory
      return quotaStats({ providers, views: house.quotas.views(), usage: rows, now: now() })
    },
    status: () => statusOf(parts),
  }
}

function statusOf({ state, made, ledger, bodies, startedAt }: KnowledgeParts): StatusView {
  const { house, view, draining, inFlight } = state()
  const known = house.directory.providers
  return {
    version: VERSION,
    startedAt: new Date(startedAt).toISOString(),
    config: { ...view, warnings: [...view.warnings, ...keyWarnings(made)] },
    draining,
    inFlight: inFlight?.count ?? 0,
    ledger: ledger.health(),
    bodies: bodies.health(),
    providers: { available: known.filter(p => p.unavailable === undefined).length, known: known.length },
  }
}

async function overviewFrom(parts: KnowledgeParts, today: () => Promise<TodaySums>): Promise<Overview> {
  const { state, ledger, live } = parts
  const { house } = state()
  // Taken before anything is read: what happens meanwhile is then told twice rather than not at all.
  const cursor = live.cursor()
  const now = house.clock.now()
  const [receipts, usage] = await Promise.all([ledger.list({ limit: OVERVIEW_CALLS }), today()])
  return overviewOf({
    now,
    status: statusOf(parts),
    providers: providerViews(house),
    quotas: house.quotas.views(),
    usage,
    minutes: live.pace.minutes(),
    lately: live.pace.lately(),
    receipts,
    notices: live.notices(),
    cursor,
  })
}
