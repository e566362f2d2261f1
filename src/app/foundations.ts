import { openLoopLag } from '../admin/metrics/loop-lag.ts'
import { type Metrics, openMetrics } from '../admin/metrics/metrics.ts'
import { openQuotaHistory, type QuotaHistory } from '../admin/quota-history.ts'
import type { Clock } from '../base/clock.ts'
import { openCoarseTimers } from '../base/coarse-timers.ts'
import { openLatch } from '../base/latch.ts'
import { VERSION } from '../base/version.ts'
import { openBodyFiles } from '../ledger/body-files.ts'
import type { BodyStore } from '../ledger/kept-bodies.ts'
import type { LedgerStore } from '../ledger/store.ts'
import { openSealMemory } from '../pipeline/seal-memory.ts'
import { openSurfaceMemory } from '../pipeline/surface-memory.ts'
import type { CallWatcher } from '../pipeline/watcher.ts'
import { memoryCounters } from '../shared/memory-counters.ts'
import { memoryResponseCache } from '../shared/memory-response-cache.ts'
import type { Health } from '../upstream/health.ts'
import { openNetwork } from '../upstream/network.ts'
import { openHealth } from '../upstream/open-health.ts'
import type { QuotaBook } from '../upstream/quota.ts'
import { quotaAsker } from '../upstream/quota-ask.ts'
import { openQuotaBook } from '../upstream/quota-book.ts'
import type { AppOptions, LogLine } from './app.ts'
import { formatFor, openCallLog } from './call-log.ts'
import type { Config } from './config/config.ts'
import type { ResolvedConfig } from './config/resolve.ts'
import type { Foundations } from './house.ts'
import { type LiveFeed, openLiveFeed } from './live-feed.ts'
import { openTelemetry } from './otel/telemetry.ts'

/** What the foundations are laid with. Of the configuration they take what holds until the next start: {@link untilRestart}. */
export interface GroundPlan {
  readonly clock: Clock
  readonly ledger: LedgerStore
  readonly resolved: ResolvedConfig
  readonly options: Pick<AppOptions, 'env' | 'callLog' | 'log'>
  readonly dataDir: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  inFlight(): number
}

/** The parts of the configuration in which a change holds only from the next start, as far as these two differ in them. */
export function untilRestart(before: Config, after: Config): readonly string[] {
  const parts = (config: Config): Readonly<Record<string, unknown>> => ({
    'gateway.host': config.gateway.host,
    'gateway.port': config.gateway.port,
    'gateway.cacheBytesMax': config.gateway.cacheBytesMax,
    'gateway.quotaPollMs': config.gateway.quotaPollMs,
    logs: config.logs,
    telemetry: config.telemetry,
  })
  const now = parts(after)
  return Object.entries(parts(before)).flatMap(([name, value]) =>
    JSON.stringify(value) === JSON.stringify(now[name]) ? [] : [name],
  )
}

/** What outlives a reload, and what is done with it at the end. */
export interface Laid {
  readonly foundations: Foundations
  readonly metrics: Metrics
  readonly live: LiveFeed
  readonly quotaHistory: QuotaHistory
  /** True where the log is one JSON object a line. */
  readonly jsonLog: boolean
  /** Says a line in the log, or to the person. */
  say(line: LogLine): void
  /** Hands over the lines that were collected. */
  flush(): void
  /** Lets go of what would keep the process alive; the last traces and log lines are handed over. */
  close(): Promise<void>
}

/** Makes what outlives a reload. */
export function layFoundations(plan: GroundPlan): Laid {
  const { clock, ledger, resolved, options } = plan
  const { config, collectorHeaders } = resolved
  const { gateway } = config
  const closing = openLatch()
  const timers = openCoarseTimers(clock)
  const network = openNetwork({ clock, env: options.env })
  const health = openHealth({ clock })
  const quotas = openQuotaBook({
    clock,
    ask: quotaAsker({ closing, clock, timers, network }),
    pollMs: gateway.quotaPollMs,
  })
  const quotaHistory = openQuotaHistory(clock, () => quotas.peek())
  const { format } = config.logs
  const form = formatFor(format, options.callLog?.isTerminal ?? true)
  const log = options.callLog === undefined ? undefined : openCallLog({ ...options.callLog, format: form, clock })
  const live = openLiveFeed(clock)
  const write = log === undefined ? options.log : log.say
  const say = (line: LogLine) => {
    live.notice(line)
    write(line)
  }
  const bodyStore = openBodyFiles({ folder: plan.dataDir, clock, limits: config.bodies, say })
  const metrics = metricsOf(plan, health, quotas, bodyStore)
  const { otlp } = config.telemetry
  const sending = { version: VERSION, clock, timers, network, random: Math.random, log: say }
  const telemetry = otlp && openTelemetry({ ...otlp, ...sending, headers: collectorHeaders })
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
    bodyStore,
    watchers: watchersOf(metrics, telemetry, format === 'off' ? undefined : log, live),
    random: Math.random,
  }
  return {
    foundations,
    metrics,
    live,
    quotaHistory,
    jsonLog: log !== undefined && form === 'json',
    say,
    flush: () => log?.flush(),
    async close() {
      live.close()
      quotaHistory.close()
      quotas.close()
      await bodyStore.close()
      await telemetry?.close()
      log?.flush()
    },
  }
}

function metricsOf(
  { startedAt, inFlight, ledger }: GroundPlan,
  health: Health,
  quotas: QuotaBook,
  bodyStore: BodyStore,
): Metrics {
  const loopLag = openLoopLag()
  return openMetrics({
    version: VERSION,
    startedAt,
    inFlight,
    ledger: () => ledger.health(),
    bodies: () => bodyStore.health(),
    health: () => health.views(),
    quotas: () => quotas.peek(),
    loopLagSeconds: () => loopLag.takeSeconds(),
    residentMemory: () => process.memoryUsage.rss(),
  })
}

function watchersOf(...all: readonly (CallWatcher | undefined)[]): readonly CallWatcher[] {
  return all.filter(watcher => watcher !== undefined)
}
