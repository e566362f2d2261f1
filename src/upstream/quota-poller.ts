import type { Clock } from '../base/clock.ts'

/** Something to ask again and again. The times are kept here by the poller: monotonic milliseconds. */
export interface Polled {
  /** Those of one line are asked one after the other. */
  readonly line: string
  /** Asks once. True: there was an answer. Never rejects. */
  ask(): Promise<boolean>
  /** When somebody last used it, or looked. */
  wantedMs: number
  /** Not before that. */
  dueMs: number
  askedMs: number
  /** Questions without an answer since the last one with. */
  failures: number
  /** Nobody wanted it for long: it is not asked until somebody does. */
  resting: boolean
  pending: Promise<void> | undefined
}

/** The part of {@link Polled} that the poller keeps, as it is at the start. */
export function neverPolled(): Omit<Polled, 'line' | 'ask'> {
  const never = Number.NEGATIVE_INFINITY
  return { wantedMs: never, dueMs: 0, askedMs: never, failures: 0, resting: true, pending: undefined }
}

/** How often. */
export interface PollerOptions {
  readonly clock: Clock
  /** Between two questions, where they are answered. */
  readonly pollMs: number
  /** Between 0 and 1, 1 excluded. */
  readonly random: () => number
}

/** Asks gently. */
export interface Poller {
  /** What may be asked from now on, in place of what was. */
  watch(all: readonly Polled[]): void
  /** Somebody rested and is wanted again: it is asked when it is due. */
  wake(polled: Polled): void
  /** Asks these now, unless that was a moment ago. Resolves when all are through. */
  askNow(which: readonly Polled[]): Promise<void>
  /** Nothing is asked any more. */
  close(): void
}

/** A credential nobody has used or looked at for an hour is left alone. */
const WANTED_FOR_MS = 3_600_000
const BACKOFF_MAX_MS = 3_600_000
/** Whoever presses a button twice gets the same answer. */
const ASK_NOW_GAP_MS = 5_000
/** Questions are spread by this share of the pause between them, in both directions. */
const JITTER = 0.1

/** Opens a poller with nothing to ask. It has one timer, and only while something is wanted. */
export function openPoller(options: PollerOptions): Poller {
  const { clock } = options
  const lines = new Map<string, Promise<void>>()
  let all: readonly Polled[] = []
  let stopTimer: (() => void) | undefined
  let closed = false

  function schedule(): void {
    stopTimer?.()
    stopTimer = undefined
    if (closed) return
    const waiting = all.filter(each => !each.resting && each.pending === undefined)
    if (waiting.length === 0) return
    const nextMs = Math.min(...waiting.map(each => each.dueMs))
    stopTimer = clock.after(Math.max(0, nextMs - clock.monotonicMs()), tick)
  }

  function tick(): void {
    const now = clock.monotonicMs()
    for (const each of all) {
      if (each.resting || each.pending !== undefined || each.dueMs > now) continue
      if (now - each.wantedMs > WANTED_FOR_MS) each.resting = true
      else enqueue(each)
    }
    schedule()
  }

  function enqueue(polled: Polled): Promise<void> {
    const before = lines.get(polled.line) ?? Promise.resolve()
    const asked = before.then(() => run(polled))
    polled.pending = asked
    lines.set(polled.line, asked)
    return asked
  }

  async function run(polled: Polled): Promise<void> {
    if (!closed && all.includes(polled)) {
      polled.askedMs = clock.monotonicMs()
      polled.failures = (await polled.ask()) ? 0 : polled.failures + 1
      polled.dueMs = clock.monotonicMs() + pauseMs(options, polled.failures)
    }
    polled.pending = undefined
    schedule()
  }

  return {
    watch(next) {
      all = next
      schedule()
    },
    wake(polled) {
      polled.resting = false
      schedule()
    },
    async askNow(which) {
      const now = clock.monotonicMs()
      const due = which.filter(each => each.pending !== undefined || now - each.askedMs >= ASK_NOW_GAP_MS)
      await Promise.all(due.map(each => each.pending ?? enqueue(each)))
    },
    close() {
      closed = true
      stopTimer?.()
      stopTimer = undefined
    },
  }
}

/** Twice as long with every failure. */
function pauseMs({ pollMs, random }: PollerOptions, failures: number): number {
  const plain = Math.max(pollMs, Math.min(pollMs * 2 ** failures, BACKOFF_MAX_MS))
  return plain * (1 - JITTER + 2 * JITTER * random())
}
