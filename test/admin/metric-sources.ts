import type { GaugeSources } from '../../src/admin/metrics/gauges.ts'

/** A gateway at rest, as the metrics see it. */
export function sources(overrides: Partial<GaugeSources> = {}): GaugeSources {
  return {
    version: '1.2.3',
    startedAt: 1_800_000_000_500,
    inFlight: () => 0,
    ledger: () => ({ recorded: 0, lost: 0, late: 0, admissionsDropped: 0, queued: 0, lagMs: 0, damaged: 0 }),
    bodies: () => ({ keepDays: 7, bytesMax: 1_024, totalBytesMax: 4_096, bytes: 2_048, dropped: 0 }),
    health: () => [],
    quotas: () => [],
    loopLagSeconds: () => 0,
    residentMemory: () => 1,
    ...overrides,
  }
}
