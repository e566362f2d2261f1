import type { Clock } from '../base/clock.ts'
import type { CoarseTimers } from '../base/coarse-timers.ts'
import type { openLatch } from '../base/latch.ts'
import { fromUsd } from '../base/money.ts'
import type { Secret } from '../base/secret.ts'
import { PROVIDERS } from '../catalog/index.ts'
import { modelsOf } from '../catalog/models.ts'
import type { KeyStore } from '../ledger/gateway-key.ts'
import type { BodyStore } from '../ledger/kept-bodies.ts'
import type { LedgerStore } from '../ledger/store.ts'
import type { House } from '../pipeline/call.ts'
import { openDirectory } from '../pipeline/model-directory.ts'
import type { Retry, RouteSetup } from '../pipeline/route.ts'
import type { SealMemory } from '../pipeline/seal-memory.ts'
import type { SurfaceMemory } from '../pipeline/surface-memory.ts'
import type { CallWatcher } from '../pipeline/watcher.ts'
import { makePolicies } from '../policy/index.ts'
import type { Counters } from '../shared/counters.ts'
import type { ResponseCache } from '../shared/response-cache.ts'
import type { Health } from '../upstream/health.ts'
import type { Network } from '../upstream/network.ts'
import type { QuotaBook } from '../upstream/quota.ts'
import { WIRE_PROTOCOLS } from '../wire/index.ts'
import type { Config } from './config/config.ts'
import type { ResolvedConfig } from './config/resolve.ts'
import { type KeyRing, openKeyRing } from './key-ring.ts'

/** What outlives a reload. */
export interface Foundations {
  readonly clock: Clock
  readonly timers: CoarseTimers
  readonly network: Network
  readonly ledger: LedgerStore
  readonly memory: SurfaceMemory
  readonly seals: SealMemory
  readonly health: Health
  readonly quotas: QuotaBook
  readonly counters: Counters
  readonly cache: ResponseCache
  readonly bodyStore: BodyStore
  readonly watchers: readonly CallWatcher[]
  readonly random: () => number
  readonly closing: ReturnType<typeof openLatch>
}

/** The gateway's own keys, beside those of the configuration. */
export interface OwnKeys {
  readonly made: KeyStore
  readonly adminToken: Secret
}

/** What a configuration comes to. */
export interface Built {
  readonly house: House
  readonly keys: KeyRing
}

/** Puts together what calls are served with. */
export function buildHouse(resolved: ResolvedConfig, foundations: Foundations, own: OwnKeys): Built {
  const { config, providers, gatewayKeys } = resolved
  const { clock, counters } = foundations
  const rows = new Map(PROVIDERS.map(row => [row.id, row]))
  const directory = openDirectory({
    providers,
    aliases: config.models.aliases,
    ...(config.models.default === undefined ? {} : { defaultModel: config.models.default }),
    routes: routesOf(config),
    catalogueModels(id) {
      const row = rows.get(id)
      return row === undefined ? [] : modelsOf(row)
    },
  })
  const keys = openKeyRing({ configured: gatewayKeys, ...own, clock })
  const { timeouts, heartbeatMs, limits, retry } = config.gateway
  const { keepDays, bytesMax } = config.bodies
  const { bodyStore: store } = foundations
  const house: House = {
    ...foundations,
    bodies: keepDays === 0 ? undefined : { bytesMax, store, room: store.room },
    directory,
    protocols: new Map(WIRE_PROTOCOLS.map(protocol => [protocol.id, protocol])),
    policies: makePolicies({ keysRequired: keys.required, counters, clock }),
    findKey: keys.find,
    keysRequired: keys.required,
    settings: {
      timeouts,
      heartbeatMs,
      replyBytesMax: limits.replyBytesMax,
      allowLoss: config.translate.allowLoss,
      retry,
      traced: foundations.watchers.some(({ name }) => name === 'telemetry'),
    },
  }
  return { house, keys }
}

/** The routes as the pipeline takes them. */
function routesOf(config: Config): RouteSetup[] {
  return Object.entries(config.routes).map(([name, route]) => ({
    name,
    targets: route.targets.map(({ model, priority, weight }, i) => ({
      name: model,
      priority: priority ?? (route.balance === 'order' ? i + 1 : 1),
      weight,
    })),
    fallbackOn: new Set(route.fallbackOn),
    crossBilling: crossingOf(route.crossBilling),
    retry: retryOf(route.retry ?? config.gateway.retry),
    balance: route.balance,
    affinity: route.affinity,
    signedReasoning: route.signedReasoning,
    ...(route.cache === undefined ? {} : { cacheMs: route.cache.ttlSeconds * 1_000 }),
  }))
}

function crossingOf(written: Config['routes'][string]['crossBilling']): RouteSetup['crossBilling'] {
  return typeof written === 'boolean' ? written : { nanoUsdPerDay: fromUsd(written.maxUsdPerDay) }
}

function retryOf({ max, baseMs, capMs, waitMsMax }: Retry): Retry {
  return { max, baseMs, capMs, waitMsMax }
}
