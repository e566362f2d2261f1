import type { Receipt } from './receipt.ts'

/** Receipts in memory: of calls in flight, and of those that ended last. Found at once, before any write. */
export interface Recent {
  /** Takes an in-flight receipt, or one of an ended call in place of it. The oldest make room. */
  put(receipt: Receipt): void
  find(id: string): Receipt | undefined
  all(): readonly Receipt[]
}

/** Receipts of calls in flight that are kept; more calls than any gateway should let in. */
const IN_FLIGHT_MAX = 10_000
/** Receipts of ended calls that are kept. A receipt is a few kilobytes, so this is a few megabytes. */
export const ENDED_MAX = 1_000

/** An empty memory of receipts. */
export function openRecent(): Recent {
  const inFlight = new Map<string, Receipt>()
  const ended = new Map<string, Receipt>()
  return {
    put(receipt) {
      inFlight.delete(receipt.id)
      if (receipt.ending === 'in-flight') keep(inFlight, receipt, IN_FLIGHT_MAX)
      else keep(ended, receipt, ENDED_MAX)
    },
    find: id => ended.get(id) ?? inFlight.get(id),
    all: () => [...ended.values(), ...inFlight.values()],
  }
}

function keep(receipts: Map<string, Receipt>, receipt: Receipt, max: number): void {
  receipts.set(receipt.id, receipt)
  if (receipts.size <= max) return
  const oldest = receipts.keys().next()
  if (!oldest.done) receipts.delete(oldest.value)
}
