import { remember } from '../base/remember.ts'
import { clientProduct } from './client-product.ts'
import type { Cost, Receipt } from './receipt.ts'
import { type AdmittedRow, type CallFilter, LIST_LIMIT_MAX, type ListQuery } from './store.ts'

/** The columns of the table `calls`, in its order: what can be asked for without reading the receipts. */
export const COLUMNS = [
  'id',
  'at',
  'ending',
  'requested_model',
  'served_model',
  'provider',
  'client_protocol',
  'status',
  'problem',
  'billing',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost',
  'cost_nano_usd',
  'total_ms',
  'first_byte_ms',
  'receipt',
  'key_id',
  'client',
  'route',
  'fallback_reason',
  'cache',
  'charged_nano_usd',
  'charged_tokens',
] as const

/** A column's name. */
export type Column = (typeof COLUMNS)[number]

/** Writes a row, in place of an earlier one of the same call. */
export const PUT_CALL = `INSERT OR REPLACE INTO calls (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`

/** What stands in a column. `null`: not known, which is never written as zero. */
export type Cell = string | number | null

/** Receipts longer than this are not kept: one call must not fill the queue. */
export const RECEIPT_CHARS_MAX = 1024 * 1024

/** One call as it is written. */
export interface Row {
  readonly id: string
  readonly ended: boolean
  readonly chars: number
  receipt(): Receipt
  /** The receipt as it is kept. */
  kept(): string
  /** In the order of {@link COLUMNS}. */
  cells(): readonly Cell[]
}

/** What the receipt of an admitted call counts in the queue, in characters. */
const ADMITTED_CHARS = 1_000

/** The receipt of a call of which only the beginning is known. */
export function receiptOfAdmitted(row: AdmittedRow): Receipt {
  return {
    id: row.id,
    at: row.at,
    operation: row.operation,
    clientProtocol: row.clientProtocol,
    client: row.client,
    stream: row.stream,
    requestedModel: row.requestedModel,
    ...(row.route === undefined ? {} : { route: row.route }),
    ...(row.key === undefined ? {} : { key: row.key }),
    ...(row.traceId === undefined ? {} : { traceId: row.traceId }),
    // What was reserved stands for a call of which nothing more is ever heard.
    ...(row.charged === undefined ? {} : { charged: row.charged }),
    attempts: [],
    passed: [],
    losses: [],
    assumptions: [],
    replyLosses: [],
    cost: { type: 'unknown', reason: 'the call has not ended' },
    requestBytes: row.requestBytes,
    replyBytes: 0,
    totalMs: 0,
    totalUnknown: true,
    ending: 'in-flight',
    status: 0,
  }
}

/** The receipt of a call that was in flight when Candor stopped. */
export function interrupted(receipt: Receipt): Receipt {
  const reason = 'Candor stopped while the call ran'
  return { ...receipt, ending: 'interrupted', totalMs: 0, totalUnknown: true, cost: { type: 'unknown', reason } }
}

/** The row of a call that has ended. Throws what `JSON.stringify` throws; secrets print masked. */
export function rowOf(receipt: Receipt): Row {
  return new EndedRow(receipt, JSON.stringify(receipt))
}

/** The row of a call that began. Nothing is made before it is asked for: most calls end before their admission is written. */
export function rowOfAdmitted(admitted: AdmittedRow): Row {
  return new BegunRow(admitted)
}

class EndedRow implements Row {
  readonly id: string
  readonly ended = true
  readonly chars: number
  readonly #receipt: Receipt
  readonly #kept: string

  constructor(receipt: Receipt, kept: string) {
    this.id = receipt.id
    this.chars = kept.length
    this.#receipt = receipt
    this.#kept = kept
  }

  receipt(): Receipt {
    return this.#receipt
  }

  kept(): string {
    return this.#kept
  }

  cells(): readonly Cell[] {
    return cellsOf(this.#receipt, this.#kept)
  }
}

class BegunRow implements Row {
  readonly id: string
  readonly ended = false
  readonly chars = ADMITTED_CHARS
  readonly #admitted: AdmittedRow

  constructor(admitted: AdmittedRow) {
    this.id = admitted.id
    this.#admitted = admitted
  }

  receipt(): Receipt {
    return receiptOfAdmitted(this.#admitted)
  }

  kept(): string {
    return JSON.stringify(this.receipt())
  }

  cells(): readonly Cell[] {
    return cellsOf(this.receipt(), this.kept())
  }
}

/** A receipt's cells, in the order of {@link COLUMNS}. `kept`: the receipt as it is kept. */
function cellsOf(receipt: Receipt, kept: string): readonly Cell[] {
  const { usage, cost } = receipt
  return [
    receipt.id,
    receipt.at,
    receipt.ending,
    receipt.requestedModel,
    receipt.servedModel ?? null,
    providerOf(receipt) ?? null,
    receipt.clientProtocol,
    receipt.status === 0 ? null : receipt.status,
    receipt.problem?.code ?? null,
    receipt.billing ?? null,
    usage?.input ?? null,
    usage?.cacheRead ?? null,
    usage?.cacheWrite ?? null,
    usage?.output ?? null,
    usage?.reasoning ?? null,
    cost.type,
    pricedPart(cost),
    receipt.totalUnknown === true ? null : receipt.totalMs,
    receipt.firstByteMs ?? null,
    kept,
    receipt.key?.id ?? null,
    clientName(String(receipt.client)),
    receipt.route ?? null,
    receipt.fallback?.reason ?? null,
    receipt.cache ?? null,
    receipt.charged?.nanoUsd ?? null,
    receipt.charged?.tokens ?? null,
  ]
}

/** The same clients come again and again. It is made a text before: a secret that strays in prints masked. */
const clientName = remember(clientProduct)

/** Reads a receipt's columns. */
export function columnsOf(receipt: Receipt): (column: Column) => Cell {
  const cells = cellsOf(receipt, '')
  return column => cells[COLUMNS.indexOf(column)] ?? null
}

/** Provider ids have no slash, so the part before the first one is the provider. */
function providerOf(receipt: Receipt): string | undefined {
  const served = receipt.servedModel
  if (served === undefined) return receipt.attempts.at(-1)?.provider
  const slash = served.indexOf('/')
  return slash < 0 ? undefined : served.slice(0, slash)
}

/** The filters of a query that ask for one value of one column. */
export function wanted(query: CallFilter): readonly (readonly [Column, string])[] {
  const asked: readonly (readonly [Column, string | undefined])[] = [
    ['ending', query.ending],
    ['provider', query.provider],
    ['requested_model', query.requestedModel],
    ['served_model', query.servedModel],
    ['problem', query.problem],
    ['billing', query.billing],
    ['key_id', query.keyId],
    ['route', query.route],
    ['client', query.client],
  ]
  return asked.flatMap(([column, value]) => (value === undefined ? [] : [[column, value] as const]))
}

/** True if the receipt belongs to the query: the same rule the database follows, for receipts still in memory. */
export function matches(receipt: Receipt, query: CallFilter & Pick<Partial<ListQuery>, 'before'>): boolean {
  if (query.before !== undefined && receipt.id >= query.before) return false
  if (query.since !== undefined && receipt.at < query.since) return false
  if (query.until !== undefined && receipt.at >= query.until) return false
  if (query.fallback === true && receipt.fallback === undefined) return false
  const cell = columnsOf(receipt)
  return wanted(query).every(([column, value]) => cell(column) === value)
}

/** The number of receipts a query gets. */
export function limitOf(query: ListQuery): number {
  return Math.min(LIST_LIMIT_MAX, Math.max(1, Math.floor(query.limit) || 1))
}

/** The newest receipts of a list, as many as the query wants. */
export function newest(receipts: readonly Receipt[], query: ListQuery): readonly Receipt[] {
  return receipts.toSorted((a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)).slice(0, limitOf(query))
}

/** What is known of the price; null if nothing is, or there is none. */
function pricedPart(cost: Cost): number | null {
  if (cost.type === 'unknown') return cost.atLeastNanoUsd ?? null
  return cost.type === 'metered' ? cost.nanoUsd : null
}
