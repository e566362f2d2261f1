import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { openLedger } from '../src/ledger/open.ts'
import type { Receipt } from '../src/ledger/receipt.ts'
import type { LedgerStore } from '../src/ledger/store.ts'
import { receipt } from '../test/ledger/receipts.ts'

/** How many calls are in flight at once, and for how long calls are made. */
const IN_FLIGHT = 64
const RUN_MS = 3_000

/** Watches the event loop: the longest time between two turns of it. */
function watchLoop(): () => number {
  let longestMs = 0
  let last = performance.now()
  let running = true
  const turn = () => {
    const now = performance.now()
    longestMs = Math.max(longestMs, now - last)
    last = now
    if (running) setImmediate(turn)
  }
  turn()
  return () => {
    running = false
    return longestMs
  }
}

async function caller(store: LedgerStore, like: Receipt, until: number, waits: number[]): Promise<void> {
  while (performance.now() < until) {
    const at = Date.now()
    const call = { ...like, id: newId('req', at), at }
    store.admit(call)
    await new Promise<void>(resolve => setImmediate(resolve))
    const began = performance.now()
    await store.settle(call)
    waits.push(performance.now() - began)
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  const opened = openLedger({ folder, clock: systemClock })
  if (!opened.ok) throw new Error(opened.refusal.what)
  const waits: number[] = []
  const longest = watchLoop()
  const began = performance.now()
  const callers = Array.from({ length: IN_FLIGHT }, () => caller(opened.store, receipt(), began + RUN_MS, waits))
  await Promise.all(callers)
  const seconds = (performance.now() - began) / 1000
  const longestMs = longest()
  const { recorded, lost, late } = opened.store.health()
  await opened.store.close()
  rmSync(folder, { recursive: true })
  waits.sort((a, b) => a - b)
  const wait = (part: number) => (waits[Math.floor(waits.length * part)] ?? 0).toFixed(2)
  console.log(
    `ledger: ${Math.round(recorded / seconds)} admit+settle pairs/s (${IN_FLIGHT} in flight), settle p50 ${wait(0.5)} ms, ` +
      `p99 ${wait(0.99)} ms, longest event-loop block ${longestMs.toFixed(1)} ms, lost ${lost}, late ${late}`,
  )
}

await main()
