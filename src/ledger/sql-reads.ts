import type { Database } from 'bun:sqlite'
import { firstIdAt } from '../base/ids.ts'
import { searchCalls } from './calls-search.ts'
import type { Receipt } from './receipt.ts'
import { readReceipt } from './receipt-guard.ts'
import { limitOf, matches, newest, wanted } from './row.ts'
import { faultWords } from './sqlite-fault.ts'
import type { CallsPage, ListQuery, ReadFaults } from './store.ts'

/** Receipts not in the file yet, which take the place of what the file says of the same calls. */
export interface Overlay {
  has(id: string): boolean
  waiting(): readonly Receipt[]
}

/** Reading from an open ledger file, at once. Nothing throws: what cannot be read is counted in `faults`. */
export interface SqlReads {
  find(id: string): Receipt | undefined
  list(query: ListQuery): readonly Receipt[]
  /** Not at once: others go on meanwhile. */
  page(query: ListQuery): Promise<CallsPage>
  faults(): ReadFaults
}

interface Kept {
  readonly id: string
  readonly receipt: unknown
}

const NOTHING: Overlay = { has: () => false, waiting: () => [] }

/** Reads through the handle, seeing the overlay's receipts before the file's. */
export function sqlReads(db: Database, overlay: Overlay = NOTHING): SqlReads {
  let damaged = 0
  let lastError: string | undefined

  const understood = (kept: Kept): Receipt | undefined => {
    const receipt = readReceipt(kept.receipt)
    if (receipt?.id === kept.id) return receipt
    damaged += 1
    return undefined
  }
  const attempt = <T>(read: () => T, otherwise: T): T => {
    try {
      return read()
    } catch (error) {
      lastError = faultWords(error)
      return otherwise
    }
  }

  /** Rows the overlay replaces, and damaged ones, are passed over: further pages are read until enough are found. */
  const listFile = (query: ListQuery): readonly Receipt[] => {
    const limit = limitOf(query)
    const found: Receipt[] = []
    let next: ListQuery = query
    for (;;) {
      const page = pageOf(db, next, limit)
      for (const kept of page) {
        const receipt = overlay.has(kept.id) ? undefined : understood(kept)
        if (receipt !== undefined) found.push(receipt)
      }
      const oldest = page.at(-1)
      if (found.length >= limit || page.length < limit || oldest === undefined) return found
      next = { ...next, before: oldest.id }
    }
  }

  const find = (id: string) =>
    attempt(() => {
      const kept = db.query<Kept, [string]>('SELECT id, receipt FROM calls WHERE id = ?').get(id)
      return kept === null ? undefined : understood(kept)
    }, undefined)
  const waitingFor = (query: ListQuery) => overlay.waiting().filter(receipt => matches(receipt, query))
  const list = (query: ListQuery) =>
    newest([...waitingFor(query), ...attempt<readonly Receipt[]>(() => listFile(query), [])], query)
  return {
    find,
    list,
    async page(query) {
      try {
        return await searchCalls({ db, find, list, waiting: overlay.waiting }, query)
      } catch (error) {
        lastError = faultWords(error)
        return { receipts: newest(waitingFor(query), query) }
      }
    },
    faults: () => ({ damaged, ...(lastError === undefined ? {} : { lastError }) }),
  }
}

function pageOf(db: Database, query: ListQuery, limit: number): readonly Kept[] {
  const where: string[] = []
  const values: (string | number)[] = []
  const only = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return
    where.push(condition)
    values.push(value)
  }
  only('id < ?', query.before)
  only('id >= ?', query.since === undefined ? undefined : firstIdAt('req', query.since))
  only('id < ?', query.until === undefined ? undefined : firstIdAt('req', query.until))
  if (query.fallback === true) where.push('fallback_reason IS NOT NULL')
  for (const [column, value] of wanted(query)) only(`${column} = ?`, value)
  const condition = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`
  const sql = `SELECT id, receipt FROM calls ${condition} ORDER BY id DESC LIMIT ?`
  return db.query<Kept, (string | number)[]>(sql).all(...values, limit)
}
