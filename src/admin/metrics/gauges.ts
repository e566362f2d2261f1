import type { BodyHealth } from '../../ledger/kept-bodies.ts'
import type { LedgerHealth } from '../../ledger/store.ts'
import type { HealthView } from '../../upstream/health.ts'
import type { QuotaView } from '../../upstream/quota.ts'
import { type GaugeValue, type OnOverflow, renderGauge } from './series.ts'

/** What is asked for when the metrics are read; between two readings it costs nothing. */
export interface GaugeSources {
  readonly version: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Calls running now. */
  inFlight(): number
  ledger(): LedgerHealth
  bodies(): BodyHealth
  health(): readonly HealthView[]
  quotas(): readonly QuotaView[]
  /** Seconds; see LoopLag. */
  loopLagSeconds(): number
  /** Bytes. */
  residentMemory(): number
}

/** A breaker's state as a number that can be compared and alerted on. */
const BREAKER: Readonly<Record<HealthView['state'], number>> = { closed: 0, 'half-open': 1, open: 2 }

/** The gauges, and the counters other parts keep. */
export function renderGauges(from: GaugeSources, overflow: OnOverflow): string {
  return [
    one('candor_in_flight', 'Calls running now.', from.inFlight()),
    many(
      'candor_breaker_state',
      'Circuit breaker of a model asked for with a credential: 0 closed, 1 half-open, 2 open.',
      ['provider', 'credential', 'model'],
      breakerValues(from.health()),
    ),
    many(
      'candor_quota_remaining_ratio',
      'Share of a window that is left, 0 to 1, as the provider told it lately.',
      ['provider', 'credential', 'window'],
      quotaValues(from.quotas()),
    ),
    ...ledgerLines(from.ledger()),
    ...bodyLines(from.bodies()),
    one(
      'candor_event_loop_lag_seconds',
      'Longest delay of the event loop since the metrics were last read; measured from the first reading on.',
      from.loopLagSeconds(),
    ),
    many(
      'candor_build_info',
      'Always 1; the version is in the label.',
      ['version'],
      [{ labels: [from.version], value: 1 }],
    ),
    one('process_resident_memory_bytes', 'Resident memory of the process.', from.residentMemory()),
    one('process_start_time_seconds', 'Start of the process, seconds since 1970.', from.startedAt / 1_000),
  ].join('')

  function one(name: string, help: string, value: number): string {
    return renderGauge({ name, help }, [], [{ value }], overflow)
  }

  function many(name: string, help: string, labels: readonly string[], values: readonly GaugeValue[]): string {
    return renderGauge({ name, help }, labels, values, overflow)
  }

  function total(name: string, help: string, value: number): string {
    return renderGauge({ name, help, type: 'counter' }, [], [{ value }], overflow)
  }

  function bodyLines({ bytes, dropped }: BodyHealth): readonly string[] {
    const kept = bytes === undefined ? [] : [{ value: bytes }]
    return [
      many('candor_bodies_bytes', 'What kept bodies take on the disk; absent until it was counted.', [], kept),
      total('candor_bodies_dropped_total', 'Calls whose bodies were to be kept, and are not.', dropped),
    ]
  }

  function ledgerLines(ledger: LedgerHealth): readonly string[] {
    return [
      one('candor_ledger_lag_seconds', 'How long the oldest receipt has waited to be written.', ledger.lagMs / 1_000),
      one('candor_ledger_queued', 'Rows waiting to be written to the ledger.', ledger.queued),
      total('candor_ledger_lost_total', 'Receipts of ended calls that will never be in the ledger.', ledger.lost),
      total('candor_ledger_late_total', 'Calls answered before their receipt was durable.', ledger.late),
    ]
  }
}

/** A model that never answered, and for which no breaker is open, may be a name that a client made up: those are no labels. */
function breakerValues(views: readonly HealthView[]): readonly GaugeValue[] {
  return views
    .filter(({ answered, state }) => answered > 0 || state !== 'closed')
    .map(({ provider, credential, model, state }) => ({ labels: [provider, credential, model], value: BREAKER[state] }))
}

/** A number that is past its time is worse than none: stale windows are left out. Of one window told twice, the smaller share counts. */
function quotaValues(views: readonly QuotaView[]): readonly GaugeValue[] {
  const found = new Map<string, GaugeValue>()
  for (const { provider, credential, windows, stale } of views) {
    if (stale) continue
    for (const { name, remainingPercent } of windows) {
      if (remainingPercent === undefined) continue
      const key = JSON.stringify([provider, credential, name])
      const value = remainingPercent / 100
      const before = found.get(key)
      if (before === undefined || value < before.value) found.set(key, { labels: [provider, credential, name], value })
    }
  }
  return [...found.values()]
}
