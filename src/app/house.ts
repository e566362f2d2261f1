import type { Clock } from '../base/clock.ts'
import type { CoarseTimers } from '../base/coarse-timers.ts'
import type { Latch } from '../base/latch.ts'
import { PROVIDERS } from '../catalog/index.ts'
import { modelsOf } from '../catalog/models.ts'
import type { LedgerStore } from '../ledger/store.ts'
import type { House } from '../pipeline/call.ts'
import { openDirectory } from '../pipeline/model-directory.ts'
import type { SurfaceMemory } from '../pipeline/surface-memory.ts'
import { makePolicies } from '../policy/index.ts'
import type { Network } from '../upstream/network.ts'
import { WIRE_PROTOCOLS } from '../wire/index.ts'
import type { ResolvedConfig } from './config/resolve.ts'

/** What outlives a reload. */
export interface Foundations {
  readonly clock: Clock
  readonly timers: CoarseTimers
  readonly network: Network
  readonly ledger: LedgerStore
  readonly memory: SurfaceMemory
  readonly closing: Latch
}

/** Puts together what calls are served with. */
export function buildHouse(resolved: ResolvedConfig, foundations: Foundations): House {
  const { config, providers, gatewayKeys } = resolved
  const rows = new Map(PROVIDERS.map(row => [row.id, row]))
  const directory = openDirectory({
    providers,
    aliases: config.models.aliases,
    ...(config.models.default === undefined ? {} : { defaultModel: config.models.default }),
    routeNames: Object.keys(config.routes),
    catalogueModels(id) {
      const row = rows.get(id)
      return row === undefined ? [] : modelsOf(row)
    },
  })
  return {
    ...foundations,
    directory,
    protocols: new Map(WIRE_PROTOCOLS.map(protocol => [protocol.id, protocol])),
    policies: makePolicies({ apiKey: { keys: gatewayKeys } }),
    settings: {
      timeouts: config.gateway.timeouts,
      heartbeatMs: config.gateway.heartbeatMs,
      replyBytesMax: config.gateway.limits.replyBytesMax,
      allowLoss: config.translate.allowLoss,
    },
  }
}
