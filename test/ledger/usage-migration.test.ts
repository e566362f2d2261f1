import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { ledgerPath } from '../../src/ledger/ledger-file.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { COLUMNS, rowOf } from '../../src/ledger/row.ts'
import { manualClock } from './manual-clock.ts'
import { receipt } from './receipts.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** The table of version 1, as files that are in use today have it. */
const VERSION_1 = `
  CREATE TABLE calls (
    id TEXT PRIMARY KEY NOT NULL, at INTEGER, ending TEXT, requested_model TEXT, served_model TEXT, provider TEXT, client_protocol TEXT,
    status INTEGER, problem TEXT, billing TEXT, input_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER,
    output_tokens INTEGER, reasoning_tokens INTEGER, cost TEXT, cost_nano_usd INTEGER, total_ms REAL, first_byte_ms REAL, receipt TEXT
  );
  CREATE INDEX calls_in_flight ON calls (id) WHERE ending = 'in-flight';
  PRAGMA user_version = 1;`
const COLUMNS_OF_1 = 20

test('a file of version 1 is brought forward with its rows, which are counted with the new ones', async () => {
  using folder = temporaryFolder()
  const clock = manualClock()
  const old = [1, 2].map(n => receipt({ at: clock.now() - n * 1_000, client: 'curl/8.5.0' }))
  const db = new Database(ledgerPath(folder.path))
  db.run(VERSION_1)
  for (const call of old) {
    const cells = rowOf(call).cells().slice(0, COLUMNS_OF_1)
    const columns = COLUMNS.slice(0, COLUMNS_OF_1)
    db.run(`INSERT INTO calls (${columns}) VALUES (${columns.map(() => '?')})`, [...cells])
  }
  db.close()

  const opening = openLedger({ folder: folder.path, clock })
  if (!opening.ok) throw new Error(opening.refusal.what)
  const { store } = opening
  const young = receipt({ at: clock.now(), client: 'curl/8.6.0', key: { id: 'key_a', name: 'ann' } })
  await store.settle(young)
  expect(await store.list({ limit: 9 })).toEqual([young, ...old])
  expect(await store.list({ limit: 9, keyId: 'key_a' })).toEqual([young])
  expect((await store.usage({ by: 'provider' })).rows).toMatchObject([{ group: 'kimi-coding', calls: 3 }])
  // Who called was not in a column of its own then.
  expect((await store.usage({ by: 'client' })).rows.map(({ group, calls }) => [group, calls])).toEqual([
    ['', 2],
    ['curl', 1],
  ])
  // Nothing was summed up before; now it is, and says the same.
  const before = await store.usage({ by: 'client' })
  clock.advance(10 * 60_000)
  const summed = new Database(ledgerPath(folder.path))
  expect(summed.query('SELECT SUM(calls) AS calls FROM usage_sums').get()).toEqual({ calls: 3 * 6 * 2 })
  summed.close()
  expect(await store.usage({ by: 'client' })).toEqual(before)
  await store.close()
})
