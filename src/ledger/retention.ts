import type { Database } from 'bun:sqlite'
import type { Clock } from '../base/clock.ts'
import { firstIdAt } from '../base/ids.ts'

/** Rows removed at once: few enough that no call notices. */
const ROWS_PER_STEP_MAX = 200
/** Pause between steps while there is more to remove. */
const STEP_PAUSE_MS = 100
/** Pause once everything old is gone. */
const ROUND_PAUSE_MS = 60 * 60 * 1000
const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Removes ended calls older than `keepDays` a few at a time, beginning shortly after the start; the returned function stops it.
 * `Infinity` keeps everything. The file does not get smaller: SQLite uses the room again. A step that fails is told and the next round tries again.
 */
export function startRetention(
  db: Database,
  clock: Clock,
  keepDays: number,
  onError: (error: unknown) => void,
): () => void {
  const remove = db.prepare(
    `DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE id < ? AND ending <> 'in-flight' ORDER BY id LIMIT ?)`,
  )
  let cancel = clock.after(STEP_PAUSE_MS, step)

  function step(): void {
    let removed = 0
    try {
      removed = remove.run(firstIdAt('req', clock.now() - keepDays * DAY_MS), ROWS_PER_STEP_MAX).changes
    } catch (error) {
      onError(error)
    }
    cancel = clock.after(removed === ROWS_PER_STEP_MAX ? STEP_PAUSE_MS : ROUND_PAUSE_MS, step)
  }

  return () => {
    cancel()
    remove.finalize()
  }
}
