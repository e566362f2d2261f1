import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { startCollector, type TestCollector } from '../app/collector.ts'
import { type ReadSpan, readSpans } from '../app/otlp-reading.ts'
import { type Gateway, type GatewayOptions, startGateway } from './harness.ts'
import { entryOf, headerOf, simulate } from './providers.ts'

/** A caller's trace, as section 3.2 of the W3C specification writes it. */
export const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' } as const

/** What a client sends to put its call into that trace. */
export function traceHeader(flags: '00' | '01' = '01'): string {
  return `00-${CALLER.traceId}-${CALLER.spanId}-${flags}`
}

/** The variable with the secret of the collector, and the secret. */
export const COLLECTOR_SECRET = { name: 'COLLECTOR_KEY', value: 'canary4Tm8Kcollector' } as const

/** A gateway before two simulated providers, with a collector beside it. */
export interface Traced {
  readonly gateway: Gateway
  readonly collector: TestCollector
  readonly openai: Sim
  readonly anthropic: Sim
  /** Stops the gateway in order, which hands over what waits, and gives the spans. */
  spans(): Promise<readonly ReadSpan[]>
  [Symbol.asyncDispose](): Promise<void>
}

/** How they are set up. */
export interface TracedOptions {
  /** In place of the collector's own address; `null`: no telemetry at all. */
  readonly endpoint?: string | null
  readonly otlp?: object
  readonly rest?: Exclude<GatewayOptions['config'], string>
}

/** Two attempts at the first target, then the other one, which speaks another protocol. */
const ROUTES = {
  pair: {
    targets: ['openai/gpt-4.1', 'anthropic/claude-sonnet-4-5'],
    fallbackOn: ['overloaded' as const],
    retry: { max: 1, baseMs: 1 },
  },
}

/** Starts them. */
export async function startTraced({ endpoint, otlp, rest = {} }: TracedOptions = {}): Promise<Traced> {
  const [openai, anthropic] = await Promise.all([simulate('openai'), simulate('anthropic')])
  const collector = startCollector()
  const telemetry = {
    otlp: {
      endpoint: endpoint ?? collector.url,
      headers: { 'X-Collector-Key': `\${${COLLECTOR_SECRET.name}}` },
      ...otlp,
    },
  }
  const gateway = await startGateway({
    env: { [COLLECTOR_SECRET.name]: COLLECTOR_SECRET.value },
    config: {
      models: { providers: { openai: entryOf(openai), anthropic: entryOf(anthropic) } },
      routes: ROUTES,
      ...(endpoint === null ? {} : { telemetry }),
      ...rest,
    },
  })
  let stopped = false
  const stop = async () => {
    if (!stopped) await gateway.stop()
    stopped = true
  }
  return {
    gateway,
    collector,
    openai,
    anthropic,
    async spans() {
      await stop()
      return collector.received.filter(({ path }) => path === '/v1/traces').flatMap(readSpans)
    },
    async [Symbol.asyncDispose]() {
      await stop()
      collector.stop()
      await Promise.all([openai.stop(), anthropic.stop()])
    },
  }
}

/** The spans of one call: its own, and those of its attempts in their order. */
export function spansOfCall(spans: readonly ReadSpan[], { id }: Receipt) {
  const call = spans.find(span => span.attributes['candor.request.id'] === id)
  if (call === undefined) throw new Error(`no span of ${id}`)
  return { call, attempts: spans.filter(span => span.parentSpanId === call.spanId) }
}

/** What the provider was told of the trace, in the order it was asked. */
export function toldTraces(sim: Sim): readonly (string | undefined)[] {
  return sim.requests().map(request => headerOf(request, 'traceparent'))
}
