import { readFile } from 'node:fs/promises'
import type { ConfigView } from '../admin/contract.ts'
import type { Metrics } from '../admin/metrics/metrics.ts'
import { findModelView, modelViews } from '../admin/models.ts'
import { findReceipt, providerViews } from '../admin/questions.ts'
import { quotaStats } from '../admin/quota-views.ts'
import { answerRoute, routeViews } from '../admin/routes.ts'

import { VERSION } from '../base/version.ts'
import type { Knowledge } from '../http/answers.ts'
import type { InFlight } from '../http/in-flight.ts'
import type { KeyStore } from '../ledger/gateway-key.ts'
import type { LedgerStore } from '../ledger/store.ts'
import type { House } from '../pipeline/call.ts'
import { mayCall } from '../policy/model-allowlist.ts'
import type { KeyRing } from './key-ring.ts'
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
export function knowledgeOf({ state, made, ledger, metrics, startedAt }: KnowledgeParts): Knowledge {
  const now = () => state().house.clock.now()
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
    async quotaStats() {
      const { house } = state()
      const { rows } = await ledger.usage({ since: startOfDay(now()), by: 'provider' })
      const { providers } = house.directory
      return quotaStats({ providers, views: house.quotas.views(), usage: rows, now: now() })
    },
    status() {
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
    },
  }
}
