import type { Database } from 'bun:sqlite'
import type { Receipt } from './receipt.ts'
import { readReceipt } from './receipt-guard.ts'
import { COLUMNS, interrupted, PUT_CALL, rowOf } from './row.ts'
import type { Sums } from './usage-sums.ts'

/** Writes the receipts of ended calls that an earlier process left in its journal; again does no harm. One transaction; throws SQLiteError. */
export function replay(db: Database, sums: Sums, receipts: readonly Receipt[]): void {
  if (receipts.length === 0) return
  const put = db.prepare(PUT_CALL)
  try {
    db.transaction(() => {
      for (const receipt of receipts) {
        const write = () => put.run(...rowOf(receipt).cells())
        if (sums.reach(receipt.at)) sums.change(receipt.id, write)
        else write()
      }
    }).immediate()
  } finally {
    put.finalize()
  }
}

/**
 * Marks every call that is still in flight in the file as interrupted, and gives their number. Only for the process that has just
 * taken the data folder: whoever wrote those rows is gone. One transaction; throws SQLiteError.
 */
export function markInterrupted(db: Database, sums: Sums): number {
  const left = db.prepare<{ id: string; receipt: unknown }, []>(
    `SELECT id, receipt FROM calls WHERE ending = 'in-flight'`,
  )
  const set = COLUMNS.map(column => `${column} = ?`).join(', ')
  const rewrite = db.prepare(`UPDATE calls SET ${set} WHERE id = ?`)
  const mark = db.prepare(`UPDATE calls SET ending = 'interrupted' WHERE id = ?`)
  try {
    return db
      .transaction(() => {
        const rows = left.all()
        for (const { id, receipt: kept } of rows) {
          const receipt = readReceipt(kept)
          if (receipt?.id !== id) sums.change(id, () => mark.run(id))
          else sums.change(id, () => rewrite.run(...rowOf(interrupted(receipt)).cells(), id))
        }
        return rows.length
      })
      .immediate()
  } finally {
    for (const statement of [left, rewrite, mark]) statement.finalize()
  }
}
