import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bucketStart, rememberedStart } from '../src/admin/usage-buckets.ts'
import { systemClock } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { ledgerPath, openLedgerFile } from '../src/ledger/ledger-file.ts'
import { openLedger, openLedgerReader } from '../src/ledger/open.ts'
import type { Receipt } from '../src/ledger/receipt.ts'
import type { LedgerReads, LedgerStore } from '../src/ledger/store.ts'
import { receipt } from '../test/ledger/receipts.ts'
import { seedLedger } from './seed-ledger.ts'
import { round, row, table } from './table.ts'

/** How many calls are in flight at once, and for how long calls are made. */
const IN_FLIGHT = 64
const RUN_MS = 3_000

/** Calls of the large ledger, and the days they lie in. */
const CALLS = Number(process.env['BENCH_CALLS'] ?? 1_000_000)
const DAYS = 90
const DAY_MS = 24 * 60 * 60 * 1000

/** What the ledger takes, and how fast it answers when it is large. */
export async function measureLedger(): Promise<void> {
  await inFolder(measureWriting)
  await inFolder(measureReading)
}

async function inFolder(measure: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  try {
    await measure(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

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

async function measureWriting(folder: string): Promise<void> {
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
  waits.sort((a, b) => a - b)
  const wait = (part: number) => round(waits[Math.floor(waits.length * part)] ?? 0, 2)
  table('The ledger takes', 'calls/s', 'in flight', 'p50 ms', 'p99 ms', 'longest block ms', 'lost', 'late')
  row(round(recorded / seconds), `${IN_FLIGHT}`, wait(0.5), wait(0.99), round(longestMs, 1), `${lost}`, `${late}`)
}

type Question = readonly [name: string, ask: (reads: LedgerReads, now: number) => Promise<unknown>]

const QUESTIONS: readonly Question[] = [
  ['the newest calls', reads => reads.page({ limit: 50 })],
  ['calls with a problem one in a hundred thousand has', reads => reads.page({ limit: 50, problem: 'region_blocked' })],
  ['calls with a model nobody asked for', reads => reads.page({ limit: 50, requestedModel: 'nothing' })],
  ['calls over all time, by ending', (reads, now) => reads.histogram({ until: now, bucketsMax: 120 })],
  ['today, by provider', reads => reads.usage({ since: bucketStart('day', Date.now()), by: 'provider' })],
  ['30 days, by model', (reads, now) => reads.usage({ since: now - 30 * DAY_MS, by: 'model' })],
  ['90 days, by key', (reads, now) => reads.usage({ since: now - 90 * DAY_MS, by: 'key' })],
  ['90 days, by client', (reads, now) => reads.usage({ since: now - 90 * DAY_MS, by: 'client' })],
  [
    '90 days, by model, each day for itself',
    (reads, now) => reads.usage({ since: now - 90 * DAY_MS, by: 'model', slotOf: rememberedStart('day') }),
  ],
]

/** The same questions before anything is summed up, and after. */
async function measureReading(folder: string): Promise<void> {
  const now = Date.now()
  seedLedger(folder, CALLS, DAYS * DAY_MS, now)
  const began = performance.now()
  const file = openLedgerFile(ledgerPath(folder))
  const opened = openLedgerReader(folder)
  if (!file.ok || !opened.ok) throw new Error('the ledger does not open')
  const openedMs = performance.now() - began
  const fromRows = await timesOf(opened.reader, now)
  const slices: number[] = []
  for (let more = true; more; ) {
    const start = performance.now()
    more = file.sums.sumUp(now)
    slices.push(performance.now() - start)
  }
  const summed = await timesOf(opened.reader, now)
  opened.reader.close()
  file.sums.close()
  file.db.close()
  table(`A ledger of ${CALLS} calls in ${DAYS} days answers`, 'question', 'not summed up yet, ms', 'summed up, ms')
  for (const [n, [name]] of QUESTIONS.entries()) row(name, round(fromRows[n] ?? 0), round(summed[n] ?? 0))
  const total = slices.reduce((sum, ms) => sum + ms, 0)
  slices.sort((a, b) => a - b)
  const p99 = slices[Math.floor(slices.length * 0.99)] ?? 0
  console.log(
    `\nOpened in ${round(openedMs)} ms. Summed up in ${round(total / 1000)} s of work, ${slices.length} slices, p99 ${round(p99, 1)} ms.`,
  )
}

async function timesOf(reads: LedgerReads, now: number): Promise<readonly number[]> {
  const times: number[] = []
  for (const [, ask] of QUESTIONS) {
    const began = performance.now()
    await ask(reads, now)
    times.push(performance.now() - began)
  }
  return times
}
