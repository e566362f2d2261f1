import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How late the event loop was. */
export interface LoopLag {
  /** The longest delay since it was last asked, in seconds; 0 at the first time. */
  takeSeconds(): number
}

/** How often the loop is looked at, in milliseconds: shorter costs a measurable share of an idle processor. */
const RESOLUTION_MS = 50

const NANO = 1e9

/**
 * Measures the event loop's delay, from the first time it is asked for on: a gateway whose metrics nobody reads runs no timer for it. Does not
 * keep the process alive.
 */
export function openLoopLag(): LoopLag {
  let histogram: ReturnType<typeof monitorEventLoopDelay> | undefined
  return {
    takeSeconds() {
      if (histogram === undefined) {
        histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
        histogram.enable()
        return 0
      }
      const longest = histogram.max / NANO
      histogram.reset()
      return longest
    },
  }
}
