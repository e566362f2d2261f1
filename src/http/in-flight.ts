import { BriefMap } from '../base/brief-map.ts'
import type { Clock } from '../base/clock.ts'

/** Bun closes a connection after this many seconds of silence; the largest it takes. Streams have heartbeats; see `stretch`. */
export const IDLE_SECONDS = 255
const STRETCH_AFTER_MS = 120_000
const SWEEP_MS = 30_000

/** The calls that run now: counted against the cap, waited for when the gateway drains. */
export interface InFlight {
  readonly count: number
  /** Notes a call; the returned function notes its end, once. */
  enter(request: Request): () => void
  /** Resolves when no call runs. */
  empty(): Promise<void>
  stop(): void
}

/**
 * `stretch` lifts the connection's idle limit of a call whose provider has been silent for two minutes: with a first-byte limit above four
 * minutes the server would else hang up on a client that still waits.
 */
export function openInFlight(clock: Clock, stretch: (request: Request) => void): InFlight {
  const running = new BriefMap<Request, { readonly request: Request; readonly since: number; stretched: boolean }>()
  let waiting: (() => void)[] = []
  let cancel = clock.after(SWEEP_MS, sweep)

  function sweep(): void {
    const now = clock.monotonicMs()
    for (const call of running.values()) {
      if (call.stretched || now - call.since < STRETCH_AFTER_MS) continue
      call.stretched = true
      stretch(call.request)
    }
    cancel = clock.after(SWEEP_MS, sweep)
  }

  return {
    get count() {
      return running.size
    },
    enter(request) {
      running.set(request, { request, since: clock.monotonicMs(), stretched: false })
      return () => {
        if (!running.delete(request) || running.size > 0) return
        for (const wake of waiting) wake()
        waiting = []
      }
    },
    empty() {
      return running.size === 0 ? Promise.resolve() : new Promise(resolve => waiting.push(resolve))
    },
    stop: () => cancel(),
  }
}
