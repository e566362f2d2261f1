import type { Receipt } from '../ledger/receipt.ts'
import type { AdmittedRow } from '../ledger/store.ts'
import type { Call } from './call.ts'

/** Somebody who is told of calls: metrics, the log, traces, the live feed. Must not throw, and must not wait. */
export interface CallWatcher {
  readonly name: string
  /** The call passed the policies and is about to be sent. */
  begun?(row: AdmittedRow): void
  /** The receipt is closed. Told once for every call, refused ones too. */
  ended(receipt: Receipt, call: Call): void
}
