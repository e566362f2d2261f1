import type { ProblemCode } from '../canon/problem.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import { inputTotal, outputTotal } from '../canon/usage.ts'
import type { Cost, Ending, Fallback, Receipt } from '../ledger/receipt.ts'
import type { AdmittedRow } from '../ledger/store.ts'
import type { Remark } from './remarks.ts'

/** A call in one line: what a list shows of it. */
export interface CallLine {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly operation: Receipt['operation']
  readonly protocol: ProtocolId
  readonly stream: boolean
  /** As the client wrote it; empty if it named none. */
  readonly asked: string
  /** `provider/model`. */
  readonly served?: string
  readonly route?: string
  readonly client: string
  /** Name of the gateway key. */
  readonly key?: string
  readonly ending: Ending
  /** 0: none was sent yet. */
  readonly status: number
  readonly problem?: ProblemCode
  readonly billing?: string
  readonly fallback?: Fallback
  readonly cache?: 'hit' | 'miss'
  readonly attempts: number
  /** Absent: not told. */
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cost: Cost
  readonly firstByteMs?: number
  /** Absent while it runs, and where nobody could measure it. */
  readonly totalMs?: number
}

/** What no call tells: a reload, a refused file, a ledger that cannot write. `at`: milliseconds since 1970. */
export interface Notice {
  readonly at: number
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
}

/** What `GET /candor/live` tells, each as a server-sent event of that name. */
export type LiveEvent =
  /** The first of every stream. Another `epoch` than before: the gateway was started anew, and what was known is old. */
  | { readonly type: 'hello'; readonly epoch: string }
  | { readonly type: 'begun'; readonly call: CallLine }
  | { readonly type: 'ended'; readonly call: CallLine; readonly remark?: Remark }
  | ({ readonly type: 'notice' } & Notice)
  /** So many events were not told: they came faster than they were taken. The ledger has all calls. */
  | { readonly type: 'dropped'; readonly count: number }

/** Some events, and where to go on after them. */
export interface LiveBatch {
  readonly events: readonly LiveEvent[]
  /** `<epoch>.<number>` */
  readonly cursor: string
}

/** Reads the live events at its own pace. */
export interface LiveReader {
  /** Waits for events. None of them: it was silent for a while. Undefined: the gateway stops. */
  take(): Promise<LiveBatch | undefined>
  close(): void
}

/** The call of a receipt as a line. */
export function callLine(receipt: Receipt): CallLine {
  const { usage, problem, servedModel, billing, fallback, cache, firstByteMs, ending } = receipt
  const inputTokens = usage && inputTotal(usage)
  const outputTokens = usage && outputTotal(usage)
  return {
    ...begunFacts(receipt),
    ending,
    status: receipt.status,
    attempts: receipt.attempts.length,
    cost: receipt.cost,
    ...(servedModel === undefined ? {} : { served: servedModel }),
    ...(problem === undefined ? {} : { problem: problem.code }),
    ...(billing === undefined ? {} : { billing }),
    ...(fallback === undefined ? {} : { fallback }),
    ...(cache === undefined ? {} : { cache }),
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(firstByteMs === undefined ? {} : { firstByteMs }),
    ...(ending === 'in-flight' || receipt.totalUnknown === true ? {} : { totalMs: receipt.totalMs }),
  }
}

/** A call that has just begun, as a line. */
export function begunLine(row: AdmittedRow): CallLine {
  return { ...begunFacts(row), ending: 'in-flight', status: 0, attempts: 0, cost: { type: 'none' } }
}

function begunFacts(row: AdmittedRow) {
  return {
    id: row.id,
    at: row.at,
    operation: row.operation,
    protocol: row.clientProtocol,
    stream: row.stream,
    asked: row.requestedModel,
    client: row.client,
    ...(row.route === undefined ? {} : { route: row.route }),
    ...(row.key === undefined ? {} : { key: row.key.name }),
  }
}
