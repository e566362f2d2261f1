import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { openLedger } from '../../src/ledger/open.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'

/** Writes calls into the ledger of a home, before its gateway is started. */
export async function seedLedger(home: string, calls: readonly Receipt[]): Promise<void> {
  const opened = openLedger({ folder: join(home, 'data'), clock: systemClock })
  if (!opened.ok) throw new Error(opened.refusal.what)
  await Promise.all(calls.map(call => opened.store.settle(call)))
  await opened.store.close()
}
