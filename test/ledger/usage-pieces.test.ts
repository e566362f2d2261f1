import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { firstIdAt } from '../../src/base/ids.ts'
import { problem } from '../../src/canon/problem.ts'
import { journalPath, openJournal, readJournal } from '../../src/ledger/journal.ts'
import { ledgerPath, openLedgerFile } from '../../src/ledger/ledger-file.ts'
import { openLedgerReader } from '../../src/ledger/open.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { sqliteStore } from '../../src/ledger/sqlite-store.ts'
import type { CallFilter, LedgerReads } from '../../src/ledger/store.ts'
import { USAGE_GROUPS, type UsageQuery } from '../../src/ledger/usage.ts'
import { manualClock } from './manual-clock.ts'
import { receipt } from './receipts.ts'
import { temporaryFolder } from './temporary-folder.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 10, 20, 12, 20)
const FILES = ['ledger.sqlite', 'ledger.sqlite-wal', 'ledger.sqlite-receipts']

/** A gateway's ledger that can be killed: what lies on the disk at that moment is all that the next one finds. */
function mortalLedger() {
  const clock = manualClock(NOW)
  let jumped = 0
  const laterClock = { ...clock, now: () => clock.now() + jumped }
  const open = (folder: ReturnType<typeof temporaryFolder>) => {
    const path = ledgerPath(folder.path)
    const found = readJournal(journalPath(path))
    const file = openLedgerFile(path, found.receipts)
    if (!file.ok) throw new Error(file.refusal.what)
    const journal = openJournal(journalPath(path))
    const { db, sums } = file
    const store = sqliteStore({ db, sums, path, journal, found, clock: laterClock, keepDays: 90, onClosed: () => {} })
    return { folder, store, sums }
  }
  let alive = open(temporaryFolder())
  const dead: (typeof alive)[] = []
  return {
    get store() {
      return alive.store
    },
    sumUp: (ago: number) => alive.sums.sumUp(laterClock.now() - ago),
    /** Days later: an hour in which retention and summing have their turns. */
    later(days: number) {
      jumped += days * DAY - HOUR
      clock.advance(HOUR)
    },
    kill() {
      const folder = temporaryFolder()
      copyOf(alive.folder.path, folder.path)
      dead.push(alive)
      alive = open(folder)
    },
    /** A reader of the same calls that finds no pieces. */
    rowsAlone() {
      const folder = temporaryFolder()
      copyOf(alive.folder.path, folder.path)
      const db = new Database(ledgerPath(folder.path))
      db.run('UPDATE usage_summed SET since_ms = 0, quarters_since_ms = 0, until_ms = 0')
      db.run('DELETE FROM usage_sums')
      db.close()
      const opened = openLedgerReader(folder.path)
      if (!opened.ok) throw new Error(opened.refusal.what)
      const { reader } = opened
      const dispose = () => {
        reader.close()
        folder[Symbol.dispose]()
      }
      return { ...reader, [Symbol.dispose]: dispose }
    },
    pieces: () =>
      new Database(ledgerPath(alive.folder.path)).query<{ n: number }, []>('SELECT count(*) AS n FROM usage_sums').get()
        ?.n ?? 0,
    async [Symbol.asyncDispose]() {
      for (const { store, folder } of [...dead, alive]) {
        await store.close()
        folder[Symbol.dispose]()
      }
    },
  }
}

function copyOf(from: string, to: string): void {
  for (const file of FILES) if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file))
}

const ENDINGS = ['complete', 'failed', 'truncated', 'abandoned', 'interrupted'] as const
const MODELS = ['kimi-coding/k2p5', 'openai/gpt-9', 'openai/gpt-9-mini'] as const

/** Some hours lie close together: now, where quarters end, and between. Elsewhere calls would hardly meet the edges of a question. */
const moments = fc
  .tuple(fc.constantFrom(0, 30, 8 * 24 - 2, 9 * 24), fc.constantFrom(0, 1, 2, 3), fc.constantFrom(0, 1, 15, 16, 30, 59))
  .chain(([ago, hours, minutes]) => {
    const at = NOW - (NOW % HOUR) - (ago + hours) * HOUR + minutes * MINUTE
    return fc.constantFrom(at, at - 1, at + 30_000)
  })

/** What a call may turn out to be; its beginning is told apart. */
const outcomes = fc.record({
  ending: fc.constantFrom(...ENDINGS),
  servedModel: fc.constantFrom(...MODELS),
  billing: fc.constantFrom('plan', 'metered', 'free'),
  nanoUsd: fc.nat(9e12),
  input: fc.nat(1e6),
  fallback: fc.boolean(),
})
const beginnings = fc.record({
  at: moments,
  client: fc.constantFrom('claude-cli/1.0.3', 'curl/8.5.0', ''),
  requestedModel: fc.constantFrom('coder', 'openai/gpt-9', ''),
  keyed: fc.boolean(),
})

type Beginning = typeof beginnings extends fc.Arbitrary<infer T> ? T : never
type Outcome = typeof outcomes extends fc.Arbitrary<infer T> ? T : never

function callOf(n: number, begun: Beginning, outcome: Outcome): Receipt {
  const { ending, servedModel, billing, nanoUsd, input } = outcome
  return receipt({
    id: `${firstIdAt('req', begun.at)}${String(n).padStart(14, '0')}`,
    at: begun.at,
    client: begun.client,
    requestedModel: begun.requestedModel,
    ...(begun.keyed ? { key: { id: 'key_a', name: 'ann' } } : {}),
    ...(begun.requestedModel === 'coder' ? { route: 'coder' } : {}),
    ending,
    servedModel,
    billing,
    usage: { input },
    cost: billing === 'metered' ? { type: 'metered', nanoUsd, source: 'list' } : { type: 'plan' },
    charged: { nanoUsd, tokens: input, estimated: false },
    ...(ending === 'failed' ? { problem: problem('overloaded', 'Full.') } : {}),
    ...(outcome.fallback ? { fallback: { from: 'openai/gpt-9', reason: 'overloaded' } } : {}),
  })
}

/** What may happen to a ledger. */
const steps = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('call' as const), begun: beginnings, outcome: outcomes }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('begin' as const), begun: beginnings }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('end' as const), which: fc.nat(9), outcome: outcomes }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('sum' as const), ago: fc.oneof(fc.nat(10 * DAY), fc.nat(DAY)) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('later' as const), days: fc.constantFrom(1, 7, 80, 84, 88) }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constantFrom('flush' as const, 'flush' as const, 'kill' as const) }) },
)

type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never

const zones = [0, 5.5 * HOUR, -3 * HOUR]
const slots = fc.record({ zone: fc.constantFrom(...zones), length: fc.constantFrom(HOUR, DAY) }).map(
  ({ zone, length }) =>
    (at: number) =>
      Math.floor((at + zone) / length) * length - zone,
)

/** At most two of these at once: more would hardly ever fit a call. */
function few<T extends object>(all: readonly fc.Arbitrary<Partial<T>>[]): fc.Arbitrary<Partial<T>> {
  const some = fc.oneof(fc.constant<Partial<T>>({}), ...all)
  return fc.tuple(some, some).map(([one, other]) => ({ ...one, ...other }))
}

const spans = fc.record({ since: moments, until: moments }, { requiredKeys: [] })
const questions: fc.Arbitrary<UsageQuery> = fc
  .tuple(
    spans,
    fc.record({ by: fc.constantFrom(...USAGE_GROUPS), slotOf: slots }, { requiredKeys: [] }),
    few<UsageQuery>([
      fc.constant({}),
      fc.constantFrom({ keyId: 'key_a' }, { keyId: '' }),
      fc.constant({ route: 'coder' }),
      fc.constantFrom({ billing: 'plan' }, { billing: 'metered' }),
    ]),
  )
  .map(([span, told, only]) => ({ ...span, ...told, ...only }))
const filters: fc.Arbitrary<CallFilter> = fc
  .tuple(
    spans,
    few<CallFilter>([
      fc.constantFrom(...ENDINGS, 'in-flight' as const).map(ending => ({ ending })),
      fc.constantFrom('openai', 'nobody').map(provider => ({ provider })),
      fc.constantFrom(...MODELS).map(servedModel => ({ servedModel })),
      fc.constantFrom('coder', '').map(requestedModel => ({ requestedModel })),
      fc.constantFrom('overloaded', 'rate_limited').map(code => ({ problem: code })),
      fc.constantFrom('plan', 'local').map(billing => ({ billing })),
      fc.constantFrom('coder', '').map(route => ({ route })),
      fc.constantFrom('curl', 'claude-cli').map(client => ({ client })),
      fc.constant({ fallback: true as const }),
    ]),
  )
  .map(([span, only]) => ({ ...span, ...only }))
/** Also of so short a time that its buckets are shorter than a piece. */
const histograms = fc
  .record({
    filter: filters,
    until: moments,
    lasting: fc.constantFrom(undefined, undefined, 2 * HOUR, 5 * HOUR, 40 * HOUR),
    bucketsMax: fc.constantFrom(2, 12, 120, 400),
  })
  .map(({ filter, lasting, ...rest }) =>
    lasting === undefined ? { filter, ...rest } : { filter: { ...filter, since: rest.until - lasting }, ...rest },
  )

async function answers(
  reads: Pick<LedgerReads, 'usage' | 'histogram' | 'page'>,
  asked: { usage: UsageQuery[]; histogram: { filter: CallFilter; until: number; bucketsMax: number }[] },
) {
  const usage = []
  for (const query of asked.usage) usage.push(await reads.usage(query))
  const found = []
  for (const { filter, until, bucketsMax } of asked.histogram) {
    found.push(await reads.histogram({ ...filter, until, bucketsMax }))
    for (let before: string | undefined, more = true; more; more = before !== undefined) {
      const page = await reads.page({ ...filter, limit: 3, ...(before === undefined ? {} : { before }) })
      found.push(page.receipts.map(({ id, ending }) => `${id} ${ending}`))
      before = page.next
    }
  }
  return { usage, found }
}

async function live(it: ReturnType<typeof mortalLedger>, all: readonly Step[]): Promise<void> {
  const open: { n: number; begun: Beginning }[] = []
  for (const [n, step] of all.entries()) {
    if (step.does === 'call') await it.store.settle(callOf(n, step.begun, step.outcome))
    if (step.does === 'begin') {
      it.store.admit(callOf(n, step.begun, NEVER_TOLD))
      open.push({ n, begun: step.begun })
    }
    if (step.does === 'end') {
      // The same call may end a second time, in another way.
      const call = open[step.which % Math.max(1, open.length)]
      if (call !== undefined) await it.store.settle(callOf(call.n, call.begun, step.outcome))
    }
    if (step.does === 'sum') it.sumUp(step.ago)
    if (step.does === 'later') it.later(step.days)
    if (step.does === 'flush') await it.store.flush()
    if (step.does === 'kill') it.kill()
  }
}

const NEVER_TOLD: Outcome = {
  ending: 'complete',
  servedModel: 'openai/gpt-9',
  billing: 'plan',
  nanoUsd: 0,
  input: 0,
  fallback: false,
}

test('every answer is the same with and without pieces, whatever has become of the calls', async () => {
  let met = 0
  const law = fc.asyncProperty(
    fc.array(steps, { minLength: 12, maxLength: 50, size: 'max' }),
    fc.record({
      usage: fc.array(questions, { minLength: 8, maxLength: 8 }),
      histogram: fc.array(histograms, { minLength: 5, maxLength: 5 }),
    }),
    async (all, asked) => {
      await using it = mortalLedger()
      await live(it, all)
      await it.store.flush()
      using rows = it.rowsAlone()
      if (it.pieces() > 0) met += 1
      expect(await answers(it.store, asked)).toEqual(await answers(rows, asked))
    },
  )
  await fc.assert(law, { numRuns: 80 })
  expect(met).toBeGreaterThan(40)
}, 120_000)
