import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ledgerPath } from '../../src/ledger/ledger-file.ts'
import { type LedgerOptions, openLedger, openLedgerReader } from '../../src/ledger/open.ts'
import type { LedgerStore } from '../../src/ledger/store.ts'
import { manualClock } from './manual-clock.ts'
import { admission, receipt } from './receipts.ts'
import { temporaryFolder } from './temporary-folder.ts'

const options = (folder: string): LedgerOptions => ({ folder, clock: manualClock() })

function opened(folder: string): LedgerStore {
  const opening = openLedger(options(folder))
  if (!opening.ok) throw new Error(opening.refusal.what)
  return opening.store
}

/** A closed ledger with some rows in it. */
async function writtenLedger(folder: string): Promise<string> {
  const store = opened(folder)
  await Promise.all(Array.from({ length: 50 }, () => store.settle(receipt())))
  await store.list({ limit: 1 })
  await store.close()
  return ledgerPath(folder)
}

function sql(path: string, statement: string): void {
  const db = new Database(path)
  db.run(statement)
  db.close()
}

const REFUSED = [
  {
    name: 'a text file',
    code: 'not-a-ledger',
    spoil: (path: string) => writeFileSync(path, 'once upon a time, '.repeat(100)),
  },
  {
    name: 'another program’s database',
    code: 'not-a-ledger',
    spoil: (path: string) => sql(path, 'PRAGMA user_version = 0'),
  },
  { name: 'a newer schema', code: 'newer-schema', spoil: (path: string) => sql(path, 'PRAGMA user_version = 99') },
  {
    name: 'a file overwritten after its first page',
    code: 'corrupt',
    spoil(path: string) {
      const bytes = readFileSync(path)
      writeFileSync(path, bytes.fill(0xa5, 8_192))
    },
  },
] as const

describe('opening refuses', () => {
  test.each(REFUSED)('$name, tells the way out, and leaves the file as it is', async ({ code, spoil }) => {
    using folder = temporaryFolder()
    const path = await writtenLedger(folder.path)
    spoil(path)
    const before = readFileSync(path)

    const opening = openLedger(options(folder.path))
    expect(opening).toMatchObject({ ok: false, refusal: { code, path } })
    if (!opening.ok) {
      expect(opening.refusal.what).toContain(path)
      expect(opening.refusal.fix[0]).toMatch(/Move|newer Candor/)
    }
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('a folder this process has already, until it is let go', async () => {
    using folder = temporaryFolder()
    const first = opened(folder.path)
    expect(openLedger(options(folder.path))).toMatchObject({
      ok: false,
      refusal: { code: 'in-use', path: folder.path, pid: process.pid },
    })
    await first.close()
    await opened(folder.path).close()
  })

  test('a folder whose owner left no readable name, without a name', async () => {
    using folder = temporaryFolder()
    const first = opened(folder.path)
    writeFileSync(join(folder.path, 'candor.owner.json'), '{"pid":')
    const opening = openLedger(options(folder.path))
    expect(opening.ok ? '' : opening.refusal.why).toContain('Another process')
    await first.close()
  })
})

describe('opening', () => {
  test('counts the calls left in flight and marks them as interrupted, damaged ones too', async () => {
    using folder = temporaryFolder()
    const path = await writtenLedger(folder.path)
    const call = admission()
    const left = opened(folder.path)
    left.admit(call)
    left.admit(admission({ id: 'req_damaged' }))
    await left.close()
    sql(path, `UPDATE calls SET receipt = '{' WHERE id = 'req_damaged'`)

    const opening = openLedger(options(folder.path))
    if (!opening.ok) throw new Error(opening.refusal.what)
    expect(opening.interrupted).toBe(2)
    expect(await opening.store.find(call.id)).toMatchObject({
      ...call,
      ending: 'interrupted',
      totalUnknown: true,
      cost: { type: 'unknown', reason: 'Candor stopped while the call ran' },
    })
    await opening.store.close()
    const db = new Database(path)
    expect(db.query(`SELECT DISTINCT total_ms FROM calls WHERE ending = 'interrupted'`).all()).toEqual([
      { total_ms: null },
    ])
    expect(db.query(`SELECT ending FROM calls WHERE id = 'req_damaged'`).get()).toEqual({ ending: 'interrupted' })
    db.close()
    const again = openLedger(options(folder.path))
    expect(again).toMatchObject({ ok: true, interrupted: 0 })
    if (again.ok) await again.store.close()
  })

  test('makes files and folders that only their owner can read, and mends the rights of older files', async () => {
    using root = temporaryFolder()
    const folder = join(root.path, 'a', 'b')
    const store = opened(folder)
    await store.settle(receipt())
    const modes = () => readdirSync(folder).map(name => [name, statSync(join(folder, name)).mode & 0o777])
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(modes().length).toBeGreaterThanOrEqual(5)
    for (const [name, mode] of modes()) expect([name, mode]).toEqual([name, 0o600])
    await store.close()
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644)
    const again = opened(folder)
    await again.settle(receipt())
    for (const [name, mode] of modes()) expect([name, mode]).toEqual([name, 0o600])
    await again.close()
  })

  test('closing leaves one whole file, and no owner', async () => {
    using folder = temporaryFolder()
    await writtenLedger(folder.path)
    expect(readdirSync(folder.path).toSorted()).toEqual(['candor.lock', 'ledger.sqlite'])
  })
})

describe('a folder that cannot be written', () => {
  /** Runs it as a user without rights; only the superuser can, and only the superuser has to. */
  function unprivileged<T>(run: () => T): T {
    if (process.geteuid?.() !== 0) return run()
    process.seteuid?.(65534)
    try {
      return run()
    } finally {
      process.seteuid?.(0)
    }
  }

  const unwritable = [
    { name: 'is read-only', make: (path: string) => mkdirSync(path, { mode: 0o555 }), says: 'EACCES' },
    { name: 'is a file', make: (path: string) => writeFileSync(path, ''), says: 'EEXIST' },
  ]

  test.each(unwritable)('since it $name gives a ledger in memory that says so', async ({ make, says }) => {
    using root = temporaryFolder()
    const folder = join(root.path, 'data')
    make(folder)
    chmodSync(root.path, 0o755)
    const opening = unprivileged(() => openLedger(options(folder)))
    if (!opening.ok) throw new Error(opening.refusal.what)
    const { store } = opening

    const [open, call] = [admission(), receipt()]
    store.admit(open)
    store.admit(call)
    await store.settle(call)
    expect(await store.find(call.id)).toEqual(call)
    expect(await store.find(open.id)).toMatchObject({ ...open, ending: 'in-flight' })
    expect(await store.list({ limit: 10, ending: 'complete' })).toEqual([call])
    expect(store.health()).toMatchObject({ recorded: 0, lost: 1, queued: 0 })
    expect(store.health().warning).toContain('No call is recorded')
    expect(store.health().warning).toContain(says)
    await store.close()
  })

  test('keeps only the last thousand receipts', async () => {
    using root = temporaryFolder()
    writeFileSync(join(root.path, 'data'), '')
    const store = opened(join(root.path, 'data'))
    const calls = Array.from({ length: 1_001 }, () => receipt())
    for (const call of calls) await store.settle(call)
    expect(await store.find(calls[0]?.id ?? '')).toBeUndefined()
    expect(await store.find(calls[1]?.id ?? '')).toEqual(calls[1])
    expect(store.health().lost).toBe(1_001)
  })
})

describe('a reader', () => {
  test('of a folder without a ledger says that there is none, and makes none', () => {
    using folder = temporaryFolder()
    expect(openLedgerReader(folder.path)).toMatchObject({ ok: false, refusal: { code: 'absent' } })
    expect(readdirSync(folder.path)).toEqual([])
  })

  test('refuses a newer schema', async () => {
    using folder = temporaryFolder()
    sql(await writtenLedger(folder.path), 'PRAGMA user_version = 99')
    expect(openLedgerReader(folder.path)).toMatchObject({ ok: false, refusal: { code: 'newer-schema' } })
  })

  test.each([1_024, 8_192])('of a file damaged from byte %d on gives what it can, and tells the damage', async from => {
    using folder = temporaryFolder()
    const path = await writtenLedger(folder.path)
    writeFileSync(path, readFileSync(path).fill(0xa5, from))
    const opening = openLedgerReader(folder.path)
    if (!opening.ok) throw new Error(opening.refusal.what)
    expect(await opening.reader.list({ limit: 10 })).toEqual([])
    expect(await opening.reader.last()).toBeUndefined()
    expect(opening.reader.faults().lastError).toContain('malformed')
    opening.reader.close()
  })

  test('works on the ledger of a gateway that has stopped', async () => {
    using folder = temporaryFolder()
    await writtenLedger(folder.path)
    const opening = openLedgerReader(folder.path)
    if (!opening.ok) throw new Error(opening.refusal.what)
    expect((await opening.reader.list({ limit: 100 })).length).toBe(50)
    opening.reader.close()
  })
})
