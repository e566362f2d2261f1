import type { Receipt } from './receipt.ts'
import { type AdmittedRow, LIST_LIMIT_MAX, type ListQuery } from './store.ts'

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
] as const

type Column = (typeof COLUMNS)[number]

/** What stands in a column. `null`: not known, which is never written as zero. */
export type Cell = string | number | null

/** Receipts longer than this are not kept: one call must not fill the queue. */
export const RECEIPT_CHARS_MAX = 1024 * 1024

/** One call as it is written. */
export interface Row {
  readonly id: string
  readonly ended: boolean
  readonly chars: number
  /** In the order of {@link COLUMNS}. An admission's are made when it is written: most calls end before that. */
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

/** The row of a receipt. Throws what `JSON.stringify` throws, for an admission only when its cells are asked for; secrets print masked. */
export function rowOf(receipt: Receipt): Row {
  const { id } = receipt
  if (receipt.ending === 'in-flight') {
    return { id, ended: false, chars: ADMITTED_CHARS, cells: () => allCells(receipt, JSON.stringify(receipt)) }
  }
  const kept = JSON.stringify(receipt)
  return { id, ended: true, chars: kept.length, cells: () => allCells(receipt, kept) }
}

function allCells(receipt: Receipt, kept: string): readonly Cell[] {
  const columns: Record<Column, Cell> = { ...cellsOf(receipt), receipt: kept }
  return COLUMNS.map(column => columns[column])
}

function cellsOf(receipt: Receipt): Record<Exclude<Column, 'receipt'>, Cell> {
  const usage = receipt.usage ?? {}
  return {
    id: receipt.id,
    at: receipt.at,
    ending: receipt.ending,
    requested_model: receipt.requestedModel,
    served_model: receipt.servedModel ?? null,
    provider: providerOf(receipt) ?? null,
    client_protocol: receipt.clientProtocol,
    status: receipt.status === 0 ? null : receipt.status,
    problem: receipt.problem?.code ?? null,
    billing: receipt.billing ?? null,
    input_tokens: usage.input ?? null,
    cache_read_tokens: usage.cacheRead ?? null,
    cache_write_tokens: usage.cacheWrite ?? null,
    output_tokens: usage.output ?? null,
    reasoning_tokens: usage.reasoning ?? null,
    cost: receipt.cost.type,
    cost_nano_usd: receipt.cost.type === 'metered' ? receipt.cost.nanoUsd : null,
    total_ms: receipt.totalUnknown === true ? null : receipt.totalMs,
    first_byte_ms: receipt.firstByteMs ?? null,
  }
}

/** Provider ids have no slash, so the part before the first one is the provider. */
function providerOf(receipt: Receipt): string | undefined {
  const served = receipt.servedModel
  if (served === undefined) return receipt.attempts.at(-1)?.provider
  const slash = served.indexOf('/')
  return slash < 0 ? undefined : served.slice(0, slash)
}

/** The filters of a query that ask for one value of one column. */
export function wanted(query: ListQuery): readonly (readonly [Column, string])[] {
  const asked: readonly (readonly [Column, string | undefined])[] = [
    ['ending', query.ending],
    ['provider', query.provider],
    ['requested_model', query.requestedModel],
    ['served_model', query.servedModel],
    ['problem', query.problem],
  ]
  return asked.flatMap(([column, value]) => (value === undefined ? [] : [[column, value] as const]))
}

/** True if the receipt belongs to the query: the same rule the database follows, for receipts still in memory. */
export function matches(receipt: Receipt, query: ListQuery): boolean {
  if (query.before !== undefined && receipt.id >= query.before) return false
  if (query.since !== undefined && receipt.at < query.since) return false
  const cells: Partial<Record<Column, Cell>> = cellsOf(receipt)
  return wanted(query).every(([column, value]) => cells[column] === value)
}

/** The number of receipts a query gets. */
export function limitOf(query: ListQuery): number {
  return Math.min(LIST_LIMIT_MAX, Math.max(1, Math.floor(query.limit) || 1))
}

/** The newest receipts of a list, as many as the query wants. */
export function newest(receipts: readonly Receipt[], query: ListQuery): readonly Receipt[] {
  return receipts.toSorted((a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)).slice(0, limitOf(query))
}
