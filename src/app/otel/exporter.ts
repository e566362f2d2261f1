import type { Clock } from '../../base/clock.ts'
import type { LogLine } from '../app.ts'
import type { Collector, Delivery } from './collector.ts'
import { BATCH_SPANS_MAX, openSpanQueue, type WaitingCall } from './span-queue.ts'

/** Spans wait this long for company, in milliseconds. */
export const SPANS_EVERY_MS = 5_000

/** Metrics are told this often, in milliseconds: the default of OpenTelemetry's own exporters. */
export const METRICS_EVERY_MS = 60_000

/** A batch is sent at most so often; then it is dropped. */
export const TRIES_MAX = 5

const BACKOFF_MS = 1_000
const BACKOFF_MS_MAX = 30_000

/** A collector that asks for a longer wait is asked again after this, in milliseconds: meanwhile the queue fills. */
const WAIT_MS_MAX = 60_000

/** What could not be delivered is told at most this often, in milliseconds. */
export const TELL_EVERY_MS = 60_000

/** Sends spans and metrics in the background. */
export interface Exporter {
  /** Takes a call. Returns at once; what there is no room for is counted. */
  add(call: WaitingCall): void
  /** Sends what waits, once, and gives up after that many milliseconds. Rejects never. */
  close(withinMs: number): Promise<void>
}

/** What an exporter works with. */
export interface ExporterOptions {
  readonly collector: Collector
  readonly clock: Clock
  /** Between 0 and 1, 1 excluded. */
  readonly random: () => number
  /** The body of a request with these spans, each as JSON text. */
  readonly traces: (spans: readonly string[]) => string
  /** The body of a request with the metrics of this moment; undefined while there is nothing to tell. */
  readonly metrics: () => string | undefined
  readonly log: (line: LogLine) => void
}

/** Opens an exporter. It asks nothing of the collector before there is something to tell. */
export function openExporter(options: ExporterOptions): Exporter {
  const exporter = new BackgroundExporter(options)
  exporter.start()
  return exporter
}

class BackgroundExporter implements Exporter {
  readonly #options: ExporterOptions
  readonly #queue = openSpanQueue()
  readonly #leaving = new AbortController()
  readonly #losses: Losses
  #working: Promise<void> | undefined
  #closing = false
  #cancelSpans: (() => void) | undefined
  #cancelMetrics: (() => void) | undefined
  /** Ends the wait between two tries. */
  #hurry: (() => void) | undefined

  constructor(options: ExporterOptions) {
    this.#options = options
    this.#losses = openLosses(options)
  }

  start(): void {
    this.#cancelMetrics = this.#options.clock.after(METRICS_EVERY_MS, () => {
      this.start()
      void this.#sendMetrics()
    })
  }

  add(call: WaitingCall): void {
    if (this.#closing || !this.#queue.add(call)) {
      const why = this.#closing ? 'the gateway was stopping' : 'more waited than fits'
      this.#losses.note(1 + call.receipt.attempts.length, 'spans', why)
      return
    }
    if (this.#queue.spans >= BATCH_SPANS_MAX) this.#work()
    else this.#cancelSpans ??= this.#options.clock.after(SPANS_EVERY_MS, () => this.#work())
  }

  async close(withinMs: number): Promise<void> {
    this.#closing = true
    this.#cancelMetrics?.()
    this.#losses.hold()
    const cancel = this.#options.clock.after(withinMs, () => this.#leaving.abort())
    this.#hurry?.()
    await Promise.all([this.#finish(), this.#sendMetrics()])
    cancel()
    this.#losses.tell()
  }

  async #finish(): Promise<void> {
    while (this.#working !== undefined || this.#queue.spans > 0) await this.#work()
  }

  #work(): Promise<void> {
    this.#cancelSpans?.()
    this.#cancelSpans = undefined
    this.#working ??= this.#drain()
      .catch((error: unknown) => {
        this.#losses.note(1, 'batches', error instanceof Error ? error.message : 'unknown')
      })
      .finally(() => {
        this.#working = undefined
      })
    return this.#working
  }

  async #drain(): Promise<void> {
    while (this.#queue.spans > 0) {
      const spans = await this.#queue.take()
      const why = await this.#deliver(spans)
      if (why !== undefined) this.#losses.note(spans.length, 'spans', why)
    }
  }

  /** Sends one batch, again if need be. Undefined: it was taken, or what was not taken is noted. */
  async #deliver(spans: readonly string[]): Promise<string | undefined> {
    const body = this.#options.traces(spans)
    for (let tried = 1; ; tried += 1) {
      const delivery = await this.#options.collector.post('traces', body, this.#leaving.signal)
      if (delivery.type === 'accepted') {
        this.#noteRejected(delivery, 'spans')
        return undefined
      }
      if (delivery.type === 'refused' || this.#closing || tried >= TRIES_MAX) return delivery.why
      await this.#pause(this.#backoffMs(tried, delivery.waitMs))
    }
  }

  async #sendMetrics(): Promise<void> {
    const body = this.#options.metrics()
    if (body === undefined) return
    const delivery = await this.#options.collector.post('metrics', body, this.#leaving.signal)
    if (delivery.type === 'accepted') this.#noteRejected(delivery, 'data points')
    // The next ones hold everything these held, so nothing is lost but the moment.
    else this.#losses.note(1, 'reports of metrics', delivery.why)
  }

  #noteRejected({ rejected, said }: Extract<Delivery, { type: 'accepted' }>, what: string): void {
    if (rejected > 0) this.#losses.note(rejected, what, `it rejected them${said === '' ? '' : `: ${said}`}`)
  }

  /** Full jitter, and never sooner than the collector asked for. */
  #backoffMs(tried: number, askedMs = 0): number {
    const most = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** tried)
    return Math.max(Math.min(askedMs, WAIT_MS_MAX), Math.ceil(this.#options.random() * most))
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const cancel = this.#options.clock.after(ms, resolve)
      this.#hurry = () => {
        cancel()
        resolve()
      }
    })
  }
}

/** What could not be delivered, told once in a while. */
interface Losses {
  note(count: number, what: string, why: string): void
  /** Until the next `tell`, what is lost is only noted: the end of a gateway is told in one line. */
  hold(): void
  /** Tells what is not told yet. */
  tell(): void
}

function openLosses({ clock, collector, log }: ExporterOptions): Losses {
  const counts = new Map<string, number>()
  let toldAtMs = Number.NEGATIVE_INFINITY
  let reason = ''
  let held = false

  function tell(): void {
    held = false
    if (counts.size === 0) return
    const lost = [...counts].map(([what, count]) => `${count} ${what}`).join(' and ')
    counts.clear()
    toldAtMs = clock.monotonicMs()
    log({
      level: 'warn',
      message: `${lost} did not reach the collector at ${collector.origin}: ${reason}. Calls are not affected.`,
    })
  }

  return {
    note(count, what, why) {
      counts.set(what, (counts.get(what) ?? 0) + count)
      reason = why
      if (!held && clock.monotonicMs() - toldAtMs >= TELL_EVERY_MS) tell()
    },
    hold() {
      held = true
    },
    tell,
  }
}
