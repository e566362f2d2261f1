import { openLoopLag } from '../admin/metrics/loop-lag.ts'
import { type Metrics, openMetrics } from '../admin/metrics/metrics.ts'
import type { Clock } from '../base/clock.ts'
import { openCoarseTimers } from '../base/coarse-timers.ts'
import { openLatch } from '../base/latch.ts'
import { VERSION } from '../base/version.ts'
import type { LedgerStore } from '../ledger/store.ts'
import { openSealMemory } from '../pipeline/seal-memory.ts'
import { openSurfaceMemory } from '../pipeline/surface-memory.ts'
import { memoryCounters } from '../shared/memory-counters.ts'
import { memoryResponseCache } from '../shared/memory-response-cache.ts'
import { openNetwork } from '../upstream/network.ts'
import { openHealth } from '../upstream/open-health.ts'
import { quotaAsker } from '../upstream/quota-ask.ts'
import { openQuotaBook } from '../upstream/quota-book.ts'
import type { Config } from './config/config.ts'
import type { Environment } from './config/paths.ts'
import type { Foundations } from './house.ts'

/** What the foundations are laid with. Of the configuration only what holds until the next start. */
export interface GroundPlan {
  readonly clock: Clock
  readonly env: Environment
  readonly ledger: LedgerStore
  readonly gateway: Pick<Config['gateway'], 'cacheBytesMax' | 'quotaPollMs'>
  /** Milliseconds since 1970. */
  readonly startedAt: number
  inFlight(): number
}

/** Makes what outlives a reload. `close` lets go of what would keep the process alive. */
export function layFoundations(plan: GroundPlan): {
  readonly foundations: Foundations
  readonly metrics: Metrics
  close(): void
} {
  const { clock, env, ledger, gateway, startedAt } = plan
  const closing = openLatch()
  const timers = openCoarseTimers(clock)
  const network = openNetwork({ clock, env })
  const health = openHealth({ clock })
  const quotas = openQuotaBook({
    clock,
    ask: quotaAsker({ closing, clock, timers, network }),
    pollMs: gateway.quotaPollMs,
  })
  const loopLag = openLoopLag()
  const metrics = openMetrics({
    version: VERSION,
    startedAt,
    inFlight: plan.inFlight,
    ledger: () => ledger.health(),
    health: () => health.views(),
    quotas: () => quotas.peek(),
    loopLagSeconds: () => loopLag.takeSeconds(),
    residentMemory: () => process.memoryUsage.rss(),
  })
  const foundations: Foundations = {
    clock,
    timers,
    network,
    ledger,
    closing,
    memory: openSurfaceMemory(clock),
    seals: openSealMemory(clock),
    health,
    quotas,
    counters: memoryCounters(clock),
    cache: memoryResponseCache({ clock, bytesMax: gateway.cacheBytesMax }),
    watchers: [metrics],
    random: Math.random,
  }
  return {
    foundations,
    metrics,
    close: () => quotas.close(),
  }
}
