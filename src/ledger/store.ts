import type { Ending, Receipt } from './receipt.ts'
import type { Charged, Usage, UsageQuery } from './usage.ts'

/** What is known of a call at the moment it is let in: its part of the receipt that later never changes. */
export type AdmittedRow = Pick<
  Receipt,
  | 'id'
  | 'at'
  | 'operation'
  | 'clientProtocol'
  | 'client'
  | 'stream'
  | 'requestedModel'
  | 'requestBytes'
  | 'route'
  | 'key'
  | 'traceId'
  | 'charged'
>

/** What calls are searched by. Every filter given must hold. */
export interface CallFilter {
  /** Only calls admitted at this time or later, milliseconds since 1970. */
  readonly since?: number
  /** Only calls admitted before this time, milliseconds since 1970. */
  readonly until?: number
  readonly ending?: Ending
  /** The provider id of the model that answered, or was to answer. */
  readonly provider?: string
  readonly requestedModel?: string
  /** `provider/model`. */
  readonly servedModel?: string
  /** A problem code. */
  readonly problem?: string
  /** The billing lane. */
  readonly billing?: string
  /** Only calls made with this gateway key. */
  readonly keyId?: string
  /** The route that was called. */
  readonly route?: string
  /** The client's name without its version: `clientProduct`. */
  readonly client?: string
  /** Only calls that another target than the route's first one answered, or was to answer. */
  readonly fallback?: true
}

/** A page of receipts, newest first. */
export interface ListQuery extends CallFilter {
  /** Only calls older than this id: the last id of the page before. */
  readonly before?: string
  /** Receipts wanted, 1 to {@link LIST_LIMIT_MAX}; other numbers are brought into that range. */
  readonly limit: number
}

/** Most receipts one page may have. */
export const LIST_LIMIT_MAX = 500

/** A page of a search. */
export interface CallsPage {
  /** Newest first, as many as were asked for or fewer. */
  readonly receipts: readonly Receipt[]
  /** `before` of the next page. Absent: there is nothing older. */
  readonly next?: string
  /**
   * So much was looked through that the search stopped here, milliseconds since 1970, before the page was full: what is older was not looked at yet.
   */
  readonly lookedBackTo?: number
}

/** A stretch of time whose calls are to be counted. */
export interface HistogramQuery extends CallFilter {
  readonly until: number
  /** The most stretches to cut it into, at least 2. */
  readonly bucketsMax: number
}

/** How many calls ended how, over time. */
export interface CallsHistogram {
  /** Begins with the first bucket, milliseconds since 1970. */
  readonly since: number
  readonly bucketMs: number
  /** One after the other without a gap. An ending that is not named: none. */
  readonly buckets: readonly Readonly<Partial<Record<Ending, number>>>[]
  /** There were so many calls that only those from here on are counted, milliseconds since 1970. */
  readonly countedFrom?: number
  /** Why the counts are not all there is, in words. */
  readonly fault?: string
}

/** The questions a ledger answers. None of them rejects: what cannot be read is left out and counted. */
export interface LedgerReads {
  /** The receipt of one call, also while it is in flight. */
  find(id: string): Promise<Receipt | undefined>
  /** The newest call, in flight or ended. */
  last(): Promise<Receipt | undefined>
  list(query: ListQuery): Promise<readonly Receipt[]>
  /** The same as a search that a person waits for: it ends early rather than looking through a whole large ledger, and says so. */
  page(query: ListQuery): Promise<CallsPage>
  /** Counts calls over time, those in flight too. */
  histogram(query: HistogramQuery): Promise<CallsHistogram>
  /** Sums over ended calls, also those still waiting to be written and those whose receipts are gone. */
  usage(query: UsageQuery): Promise<Usage>
  /** What all ended calls of a key count against budgets, or those admitted at this time or later (milliseconds since 1970). */
  charged(keyId: string, since: number | undefined): Promise<Charged>
}

/** What went wrong while reading. */
export interface ReadFaults {
  /** Rows whose receipt could not be understood, each time one was met. */
  readonly damaged: number
  readonly lastError?: string
}

/** A ledger open only to read, beside the gateway that writes it. */
export interface LedgerReader extends LedgerReads {
  faults(): ReadFaults
  close(): void
}

/** What the ledger holds and what it could not keep. The counters begin at zero with the process and never go back. */
export interface LedgerHealth extends ReadFaults {
  /** Receipts of ended calls that are in the ledger's file. */
  readonly recorded: number
  /** Receipts of ended calls that this process gave up. */
  readonly lost: number
  /** Calls that were answered before their receipt was durable, since the store could not write. Most are recorded later. */
  readonly late: number
  /** Calls whose admission was dropped to make room. Their receipt is still recorded when they end. */
  readonly admissionsDropped: number
  /** Rows waiting to be written. */
  readonly queued: number
  /** How long the oldest of them has waited. */
  readonly lagMs: number
  /** For people: what is not being recorded, why, and what to do. Absent when all is well. */
  readonly warning?: string
}

/**
 * Every call is written twice: when it is admitted and when it has ended. A call left without its second row was interrupted.
 * Nothing here throws or rejects: a ledger that cannot write says so in {@link LedgerStore.health} and calls go on.
 */
export interface LedgerStore extends LedgerReads {
  /** Notes that a call began; returns at once. */
  admit(row: AdmittedRow): void
  /**
   * Notes how a call ended. Resolves when the receipt is durable against the death of the process, or, if the store cannot write,
   * within {@link SETTLE_WAIT_MS_MAX}; that is then counted as `late`, or `lost`. A second receipt of the same id takes the first one's place.
   */
  settle(receipt: Receipt): Promise<void>
  /** Tries to write everything that waits, now. Resolves also if that failed. */
  flush(): Promise<void>
  /** Writes what waits, counts what could not be written as lost, and lets go of the files. */
  close(): Promise<void>
  health(): LedgerHealth
}

/** The longest a call waits for a ledger that cannot write. */
export const SETTLE_WAIT_MS_MAX = 250

/** Why a ledger was not opened, told so that a person can mend it. The files are left as they were found. */
export interface LedgerRefusal {
  readonly code: 'in-use' | 'newer-schema' | 'corrupt' | 'not-a-ledger' | 'absent' | 'unreadable'
  readonly path: string
  readonly what: string
  readonly why: string
  /** What to do, most useful first. */
  readonly fix: readonly string[]
  /** The process that has the ledger, for `in-use`, where known. */
  readonly pid?: number
}
