import { describe, expect, test } from 'bun:test'
import { appendFileSync, chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { journalPath, openJournal, readJournal } from '../../src/ledger/journal.ts'
import { ledgerPath } from '../../src/ledger/ledger-file.ts'
import { openLedger, openLedgerReader } from '../../src/ledger/open.ts'
import { SETTLE_WAIT_MS_MAX } from '../../src/ledger/store.ts'
import { manualClock } from './manual-clock.ts'
import { admission, receipt } from './receipts.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { nextTurn, testLedger } from './test-ledger.ts'

function opened(folder: string) {
  const opening = openLedger({ folder, clock: manualClock() })
  if (!opening.ok) throw new Error(opening.refusal.what)
  return opening
}

/** A folder with a ledger whose last process was killed: a call in flight, and that text in the journal. */
async function killed(folder: string, inFlight: string, journal: string): Promise<string> {
  const { store } = opened(folder)
  store.admit(admission({ id: inFlight }))
  await store.close()
  const path = journalPath(ledgerPath(folder))
  writeFileSync(path, journal)
  return path
}

describe('a receipt in the journal', () => {
  test('lets its call go on, and is committed 20 ms later; then the journal is empty', async () => {
    const clock = manualClock()
    await using it = testLedger(clock)
    const calls = [receipt(), receipt()]
    await Promise.all(calls.map(call => it.store.settle(call)))
    expect(it.journalled()).toEqual(calls.map(({ id }) => id))
    expect(it.endings()).toEqual([])
    expect(it.store.health()).toMatchObject({ recorded: 0, late: 0, lost: 0, queued: 2 })
    clock.advance(20)
    expect(it.endings().length).toBe(2)
    expect(it.journalled()).toEqual([])
    expect(it.store.health()).toMatchObject({ recorded: 2, late: 0, lost: 0, queued: 0, lagMs: 0 })
  })

  test('waits for no clock when there are many', async () => {
    await using it = testLedger()
    for (let n = 0; n < 128; n += 1) await it.store.settle(receipt())
    await nextTurn()
    expect(it.endings().length).toBe(128)
    expect(it.journalled()).toEqual([])
  })

  test('of many calls that end while the ledger is locked makes none late', async () => {
    await using it = testLedger()
    it.second.run('BEGIN IMMEDIATE')
    const calls = Array.from({ length: 4 }, () => receipt())
    await Promise.all(calls.map(call => it.store.settle(call)))
    expect(it.journalled()).toEqual(calls.map(({ id }) => id))
    it.second.run('COMMIT')
  })

  test('is seen by a reader beside the gateway, in every question', async () => {
    await using it = testLedger()
    const [written, waiting] = [receipt(), receipt()]
    await it.store.settle(written)
    await it.store.flush()
    await it.store.settle(waiting)
    const opening = openLedgerReader(it.folder)
    if (!opening.ok) throw new Error(opening.refusal.what)
    const { reader } = opening
    expect(await reader.find(waiting.id)).toEqual(waiting)
    expect(await reader.list({ limit: 10 })).toEqual(await it.store.list({ limit: 10 }))
    expect((await reader.usage({})).rows).toMatchObject([{ calls: 2 }])
    await it.store.flush()
    expect((await reader.list({ limit: 10 })).length).toBe(2)
    expect((await reader.usage({})).rows).toMatchObject([{ calls: 2 }])
    reader.close()
  })

  test('while the ledger is locked makes no call late, and outlives the stop', async () => {
    const clock = manualClock()
    await using it = testLedger(clock)
    it.second.run('BEGIN IMMEDIATE')
    const first = receipt()
    await it.store.settle(first)
    clock.advance(SETTLE_WAIT_MS_MAX + 20)
    const second = receipt()
    await it.store.settle(second)
    expect(it.store.health()).toMatchObject({
      recorded: 0,
      late: 0,
      lost: 0,
      queued: 2,
      lagMs: SETTLE_WAIT_MS_MAX + 20,
    })
    expect(it.store.health().warning).toContain('2 rows wait in memory, 2 of them safe in')
    await it.store.close()
    expect(it.store.health()).toMatchObject({ recorded: 0, late: 0, lost: 0 })
    it.second.run('COMMIT')
    const { store } = opened(it.folder)
    expect(await store.find(first.id)).toEqual(first)
    expect(await store.find(second.id)).toEqual(second)
    await store.close()
  })
})

describe('opening after a kill', () => {
  test('writes what is in the journal before it looks for interrupted calls, and empties it', async () => {
    using folder = temporaryFolder()
    const [ended, other] = [receipt({ client: 'ändert «nichts» 🙂\n' }), receipt()]
    const lines = [ended, other, { ...other, status: 201 }].map(each => `${JSON.stringify(each)}\n`).join('')
    const path = await killed(folder.path, ended.id, `${lines}{"id":"req_torn","at":12`)
    const { store, interrupted } = opened(folder.path)
    expect(interrupted).toBe(0)
    expect(await store.find(ended.id)).toEqual(ended)
    expect(await store.find(other.id)).toEqual({ ...other, status: 201 })
    expect((await store.list({ limit: 10 })).length).toBe(2)
    expect(store.health()).toMatchObject({ damaged: 0, queued: 0 })
    expect(statSync(path).size).toBe(0)
    await store.close()
  })

  test('again finds the same, and counts the lines that say nothing', async () => {
    using folder = temporaryFolder()
    const ended = receipt()
    const journal = `\0\0\0\n${JSON.stringify(ended)}\n{}\n`
    for (const _ of [1, 2]) {
      await killed(folder.path, 'req_open', journal)
      const { store } = opened(folder.path)
      expect(store.health().damaged).toBe(2)
      expect((await store.usage({ until: Date.now() + 1e12 })).rows[0]?.calls).toBe(2)
      expect(await store.find(ended.id)).toEqual(ended)
      await store.close()
    }
  })

  test('leaves a journal alone that cannot be read, tells it, and calls wait for the commit', async () => {
    using folder = temporaryFolder()
    const path = journalPath(ledgerPath(folder.path))
    mkdirSync(path)
    const { store } = opened(folder.path)
    expect(store.health().lastError).toContain(path)
    await store.settle(receipt())
    expect(store.health()).toMatchObject({ recorded: 1, late: 0, queued: 0 })
    await store.close()
    expect(statSync(path).isDirectory()).toBe(true)
  })
})

describe('the journal', () => {
  test('keeps receipts of every length, and only its owner can read it', () => {
    using folder = temporaryFolder()
    const path = `${folder.path}/journal`
    appendFileSync(path, 'left')
    chmodSync(path, 0o644)
    const journal = openJournal(path)
    const calls = [10, 70_000, 300_000].map(length => receipt({ client: 'é'.repeat(length) }))
    expect(calls.map(call => journal.add([JSON.stringify(call)]))).toEqual([true, true, true])
    expect(readJournal(path)).toEqual({ receipts: calls, damaged: 0 })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    journal.clear()
    expect(readFileSync(path).length).toBe(0)
    expect(journal.add([JSON.stringify(calls[0])])).toBe(true)
    expect(readJournal(path).receipts).toEqual(calls.slice(0, 1))
    journal.close(true)
  })

  test('takes no more when it has 32 MiB, until it is cleared', () => {
    using folder = temporaryFolder()
    const journal = openJournal(`${folder.path}/journal`)
    const mebibyte = 'x'.repeat(1024 * 1024 - 1)
    const taken = Array.from({ length: 34 }, () => journal.add([mebibyte]))
    expect(taken.filter(each => each).length).toBe(32)
    journal.clear()
    expect(journal.add([mebibyte])).toBe(true)
    journal.close(false)
    expect(readJournal(`${folder.path}/journal`)).toEqual({ receipts: [], damaged: 0 })
  })
})
