import { openTelemetry, type Telemetry, type TelemetryOptions } from '../../src/app/otel/telemetry.ts'
import { openCoarseTimers } from '../../src/base/coarse-timers.ts'
import { Secret } from '../../src/base/secret.ts'
import { openNetwork } from '../../src/upstream/network.ts'
import { type ManualClock, manualClock } from '../ledger/manual-clock.ts'
import { receipt } from '../ledger/receipts.ts'
import { someCall } from './some-call.ts'

/** Telemetry with a clock that the test moves, and what it told the log. */
export interface Tested {
  readonly telemetry: Telemetry
  readonly clock: ManualClock
  readonly logged: string[]
}

export const NOW = 1_800_000_000_000

export const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
export const CALLER = '00f067aa0ba902b7'
export const SPAN = '1111111111111111'

/** A call in somebody's trace. */
export const tracedCall = () => someCall({ trace: { traceId: TRACE, spanId: SPAN, parentId: CALLER, sampled: true } })

/** Telemetry for a collector, with headers that hold a secret. */
export function telemetryFor(endpoint: string, overrides: Partial<TelemetryOptions> = {}): Tested {
  const clock = manualClock(NOW)
  const logged: string[] = []
  const telemetry = openTelemetry({
    endpoint,
    headers: { 'X-Collector-Key': new Secret('collector-secret') },
    serviceName: 'test-gateway',
    version: '1.2.3',
    prompts: false,
    clock,
    timers: openCoarseTimers(clock),
    network: openNetwork({ clock, env: {} }),
    random: () => 0.5,
    log: ({ level, message }) => logged.push(`${level}: ${message}`),
    ...overrides,
  })
  return { telemetry, clock, logged }
}

/** Tells of so many calls. */
export function tellCalls(telemetry: Telemetry, count: number): void {
  for (let n = 0; n < count; n += 1) telemetry.ended(receipt({ id: `req_${n}` }), tracedCall())
}

/** Lets what is ready go on until something holds. The test's own limit ends it otherwise. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}
