import { writeSync } from 'node:fs'
import { systemClock } from '../../src/base/clock.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { admission, receipt } from './receipts.ts'

/** Makes calls for as long as it lives, and says on stdout which are durable: `ended ID`, or `open ID` for one that never ends. */
async function makeCalls(folder: string): Promise<void> {
  const opened = openLedger({ folder, clock: systemClock })
  if (!opened.ok) throw new Error(opened.refusal.what)
  for (;;) {
    const open = admission()
    opened.store.admit(open)
    // An admission is durable a few milliseconds later by itself; a flush waits for no clock.
    await opened.store.flush()
    const calls = Array.from({ length: 4 }, () => receipt())
    for (const call of calls) opened.store.admit(call)
    await Promise.all(calls.map(call => opened.store.settle(call)))
    for (const call of calls) writeSync(1, `ended ${call.id}\n`)
    writeSync(1, `open ${open.id}\n`)
  }
}

await makeCalls(process.argv[2] ?? '')
