import type { Receipt } from './receipt.ts'

/** The receipts of the calls that ended last: found at once, also those the store could not write. */
export interface LastEnded {
  put(receipt: Receipt): void
  find(id: string): Receipt | undefined
}

/** An empty memory of `most` receipts. A ring: every call writes into it, and only a person's question reads it. */
export function openLastEnded(most: number): LastEnded {
  const ring: Receipt[] = []
  let next = 0
  return {
    put(receipt) {
      ring[next] = receipt
      next = (next + 1) % most
    },
    find: id => ring.find(kept => kept.id === id),
  }
}
