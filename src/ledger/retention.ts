import type { Database } from 'bun:sqlite'
import type { Clock } from '../base/clock.ts'
import { firstIdAt } from '../base/ids.ts'
import { ROLL_UP } from './usage-measures.ts'
import type { Sums } from './usage-sums.ts'

/** Rows removed at once: few enough that no call notices. */
const ROWS_PER_STEP_MAX = 200
/** Pause between steps while there is more to remove. */
const STEP_PAUSE_MS = 100
/** Pause once everything old is gone. */
const ROUND_PAUSE_MS = 60 * 60 * 1000
const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Removes ended calls older than `keepDays` a few at a time, beginning shortly after the start; the returned function stops it. What they add to
 * the sums of their day stays: it is put there in the same transaction, in which the sums of their hour go. `Infinity` keeps everything. The file does not get smaller: SQLite uses
 * the room again. A step that fails is told and the next round tries again.
 */
export function startRetention(
  db: Database,
  sums: Sums,
  clock: Clock,
  keepDays: number,
  onError: (error: unknown) => void,
): () => void {
  const due = `SELECT id FROM calls WHERE id < ? AND ending <> 'in-flight' ORDER BY id LIMIT ?`
  const add = db.prepare(rollUpSql(due))
  const remove = db.prepare(`DELETE FROM calls WHERE id IN (${due})`)
  const last = db.prepare<{ at: number | null }, [string, number]>(
    `SELECT max(at) AS at FROM calls WHERE id IN (${due})`,
  )
  const removeSome = db.transaction((before: string) => {
    const lastAt = last.get(before, ROWS_PER_STEP_MAX)?.at
    if (typeof lastAt === 'number') sums.forget(lastAt)
    add.run(before, ROWS_PER_STEP_MAX)
    return remove.run(before, ROWS_PER_STEP_MAX).changes
  })
  let cancel = clock.after(STEP_PAUSE_MS, step)

  function step(): void {
    let removed = 0
    try {
      removed = removeSome.immediate(firstIdAt('req', clock.now() - keepDays * DAY_MS))
    } catch (error) {
      onError(error)
    }
    cancel = clock.after(removed === ROWS_PER_STEP_MAX ? STEP_PAUSE_MS : ROUND_PAUSE_MS, step)
  }

  return () => {
    cancel()
    for (const statement of [add, last, remove]) statement.finalize()
  }
}

/** Adds rows of `calls` to the sums of their days, in UTC as budgets are. `due`: a query of their ids. */
function rollUpSql(due: string): string {
  const columns = ROLL_UP.map(({ column }) => column)
  return `INSERT INTO usage_days (day, key_id, client, route, provider, model, billing, ${columns.join(', ')})
    SELECT date(at / 1000, 'unixepoch') AS on_day, coalesce(key_id, ''), coalesce(client, ''), coalesce(route, ''),
      coalesce(provider, ''), coalesce(served_model, ''), coalesce(billing, ''), ${ROLL_UP.map(({ sum }) => sum).join(', ')}
    FROM calls WHERE id IN (${due}) AND at IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT DO UPDATE SET ${columns.map(column => `${column} = ${column} + excluded.${column}`).join(', ')}`
}
