import type { Database } from 'bun:sqlite'
import type { Clock } from '../base/clock.ts'
import type { Sums } from './usage-sums.ts'

/** Pause before the first slice, and once all is summed up. */
const ROUND_PAUSE_MS = 60_000
const FIRST_PAUSE_MS = 1_000
/** While there is more, a slice is followed by a pause so many times as long: longer where calls are being recorded. */
const PAUSE_IDLE = 3
const PAUSE_BUSY = 40
const PAUSE_MS_MIN = 10

/**
 * Sums calls up in the background, a slice at a time; the returned function stops it. What is not summed up yet is read from the rows, so nothing waits
 * for this: neither the start nor an answer. A slice that fails is told, and tried again later.
 */
export function startSumming(db: Database, clock: Clock, sums: Sums, onError: (error: unknown) => void): () => void {
  const written = db.prepare<{ rows: number }, []>('SELECT total_changes() AS rows')
  const rowsWritten = () => written.get()?.rows
  let before: number | undefined
  let cancel = clock.after(FIRST_PAUSE_MS, step)

  function step(): void {
    const [began, busy] = [clock.monotonicMs(), rowsWritten() !== before]
    let pause = ROUND_PAUSE_MS
    try {
      const more = sums.sumUp(clock.now())
      const took = clock.monotonicMs() - began
      if (more) pause = Math.max(PAUSE_MS_MIN, took * (busy ? PAUSE_BUSY : PAUSE_IDLE))
    } catch (error) {
      onError(error)
    }
    before = rowsWritten()
    cancel = clock.after(pause, step)
  }

  return () => {
    cancel()
    written.finalize()
  }
}
