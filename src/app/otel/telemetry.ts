import type { Call } from '../../pipeline/call.ts'
import type { CallWatcher } from '../../pipeline/watcher.ts'
import type { LogLine } from '../app.ts'
import { type CollectorOptions, openCollector } from './collector.ts'
import { openExporter } from './exporter.ts'
import { openMeters } from './meters.ts'
import { attributes, metricsBody, tracesBody } from './otlp.ts'
import { PROMPT_BYTES_MAX, type Prompt } from './prompts.ts'

/** Traces and metrics for an OpenTelemetry collector. */
export interface Telemetry extends CallWatcher {
  /** Sends what waits, once, for at most {@link CLOSE_MS_MAX}. Calls told after that are counted as lost. */
  close(): Promise<void>
}

/** How telemetry is opened. */
export interface TelemetryOptions extends CollectorOptions {
  readonly serviceName: string
  readonly version: string
  /** Tell what was asked, too. */
  readonly prompts: boolean
  /** Between 0 and 1, 1 excluded. */
  readonly random: () => number
  readonly log: (line: LogLine) => void
}

/** The longest a shutdown waits for the collector, in milliseconds. */
export const CLOSE_MS_MAX = 3_000

/** Opens the telemetry. Nothing on a call's way waits for the collector, and what waits to be sent is bounded. */
export function openTelemetry(options: TelemetryOptions): Telemetry {
  const { clock, random, log, prompts, serviceName, version } = options
  const resource = attributes({ 'service.name': serviceName, 'service.version': version })
  const scope = { name: 'candor', version }
  const meters = openMeters()
  const startMs = clock.now()
  const exporter = openExporter({
    collector: openCollector(options),
    clock,
    random,
    log,
    traces: spans => tracesBody(resource, scope, spans),
    metrics() {
      const metrics = meters.read()
      if (metrics.every(({ points }) => points.length === 0)) return undefined
      return metricsBody(resource, scope, metrics, { startMs, nowMs: clock.now() })
    },
  })
  return {
    name: 'telemetry',
    ended(receipt, call) {
      meters.note(receipt)
      const { trace } = call
      // The caller decides for the whole trace.
      if (trace === undefined || !trace.sampled) return
      const prompt = prompts ? promptOf(call) : undefined
      exporter.add(prompt === undefined ? { receipt, trace } : { receipt, trace, prompt })
    },
    close: () => exporter.close(CLOSE_MS_MAX),
  }
}

function promptOf({ operation, protocol, body, names }: Call): Prompt | undefined {
  return operation === 'generate' && body.length > 0 && body.length <= PROMPT_BYTES_MAX
    ? { protocol, body, names }
    : undefined
}
