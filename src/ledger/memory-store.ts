import { histogramOf } from './calls-histogram.ts'
import { pageOf } from './calls-search.ts'
import type { Receipt } from './receipt.ts'
import { ENDED_MAX, openRecent } from './recent.ts'
import { limitOf, matches, newest, receiptOfAdmitted } from './row.ts'
import type { LedgerStore, ListQuery } from './store.ts'
import { chargedOf, usageOf } from './usage-reads.ts'

const MEMORY_ONLY = `The ledger cannot be written: only the last ${ENDED_MAX} calls since the start are counted.`

/** A ledger that writes nothing, for a data folder that cannot be written: the last receipts are kept until the process ends, and all count as lost. */
export function memoryStore(warning: string): LedgerStore {
  const recent = openRecent()
  let lost = 0
  const list = (query: ListQuery): readonly Receipt[] =>
    newest(
      recent.all().filter(receipt => matches(receipt, query)),
      query,
    )
  return {
    admit: row => recent.put(receiptOfAdmitted(row)),
    async settle(receipt) {
      recent.put(receipt)
      lost += 1
    },
    find: async id => recent.find(id),
    last: async () => list({ limit: 1 })[0],
    list: async query => list(query),
    page: async query => pageOf(list(query), limitOf(query)),
    histogram: async query => ({ ...histogramOf(recent.all(), query), fault: MEMORY_ONLY }),
    usage: async query => ({ rows: usageOf(recent.all(), query), fault: MEMORY_ONLY }),
    charged: async (keyId, since) => ({ ...chargedOf(recent.all(), keyId, since), fault: MEMORY_ONLY }),
    async flush() {},
    async close() {},
    health: () => ({ recorded: 0, lost, late: 0, admissionsDropped: 0, queued: 0, lagMs: 0, damaged: 0, warning }),
  }
}
