import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isKeyFault, type KeyFault, type KeySettings, type KeyStore } from '../../src/ledger/gateway-key.ts'
import { memoryKeyStore, openKeyStore } from '../../src/ledger/key-store.ts'
import { ledgerPath, openLedgerFile } from '../../src/ledger/ledger-file.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { manualClock } from './manual-clock.ts'
import { temporaryFolder } from './temporary-folder.ts'

const PLAIN: KeySettings = { name: 'ci', tags: [], models: [], limits: {}, budgets: [], admin: false }

const FULL: KeySettings = {
  name: 'team a',
  owner: 'Ada',
  tags: ['x', 'y'],
  expiresAt: 1_900_000_000_000,
  models: ['coder', 'moonshot/*'],
  limits: { requestsPerMinute: 60, concurrency: 2 },
  budgets: [{ period: 'day', unit: 'usd', most: 5_000_000_000, kind: 'hard' }],
  admin: true,
}

/** A store on a new file, the handle it writes with, and the same file opened anew. */
function storeOnFile() {
  const folder = temporaryFolder()
  const path = ledgerPath(folder.path)
  const clock = manualClock()
  const handles: Database[] = []
  const open = () => {
    const file = openLedgerFile(path)
    if (!file.ok) throw new Error(file.refusal.what)
    handles.push(file.db)
    return { db: file.db, store: openKeyStore(file.db, clock) }
  }
  return {
    ...open(),
    clock,
    folder: folder.path,
    again: () => open().store,
    [Symbol.dispose]() {
      for (const db of handles) db.close()
      folder[Symbol.dispose]()
    },
  }
}

/** What a change gave; a fault fails the test. */
async function good<T extends object>(change: Promise<T | KeyFault>): Promise<T> {
  const got = await change
  if (isKeyFault(got)) throw new Error(got.what)
  return got
}

describe('a made key', () => {
  test('is 256 random bits, found by its secret alone, and read again by the next process', async () => {
    using at = storeOnFile()
    const first = await good(at.store.create(FULL))
    const second = await good(at.store.create(PLAIN))
    expect(first.secret).toMatch(/^cnd_[A-Za-z0-9_-]{43}$/)
    expect(second.secret).not.toBe(first.secret)
    expect(first.key).toEqual({
      ...FULL,
      id: first.key.id,
      hint: `${first.secret.slice(0, 8)}…`,
      createdAt: at.clock.now(),
    })
    for (const store of [at.store, at.again()]) {
      expect(store.find(first.secret)).toEqual(first.key)
      expect(store.find(second.secret)).toEqual(second.key)
      expect(store.get(first.key.id)).toEqual(first.key)
      expect(store.get('team a')).toEqual(first.key)
    }
  })

  test.each([
    ['nothing', () => ''],
    ['another key', () => `cnd_${'A'.repeat(43)}`],
    ['its beginning', (secret: string) => secret.slice(0, -1)],
    ['it with more behind', (secret: string) => `${secret}A`],
    ['it in other letters', (secret: string) => secret.toLowerCase()],
    ['its hint', (secret: string) => `${secret.slice(0, 8)}…`],
  ])('is not found by %s', async (_name, shown) => {
    using at = storeOnFile()
    const { secret } = await good(at.store.create(PLAIN))
    expect(at.store.find(shown(secret))).toBeUndefined()
  })

  test('leaves its secret nowhere in the files', async () => {
    using at = storeOnFile()
    const made = await good(at.store.create(PLAIN))
    const rotated = await good(at.store.rotate(made.key.id))
    await good(at.store.revoke(made.key.id))
    const files = readdirSync(at.folder).map(name => readFileSync(join(at.folder, name)))
    const all = Buffer.concat(files)
    expect(all.includes(made.key.id)).toBe(true)
    for (const { secret } of [made, rotated]) {
      const bits = secret.slice('cnd_'.length)
      expect(all.includes(bits)).toBe(false)
      expect(all.includes(bits.slice(8))).toBe(false)
      expect(all.includes(Buffer.from(bits, 'base64url'))).toBe(false)
    }
  })

  test('stands before older ones in the list', async () => {
    using at = storeOnFile()
    for (const name of ['a', 'b', 'c']) {
      await good(at.store.create({ ...PLAIN, name }))
      at.clock.advance(1)
    }
    expect(at.store.list().map(({ name }) => name)).toEqual(['c', 'b', 'a'])
    expect(at.again().list()).toEqual(at.store.list())
  })
})

describe('a change', () => {
  test('keeps what it does not name, and takes away what it names null', async () => {
    using at = storeOnFile()
    const { key, secret } = await good(at.store.create(FULL))
    const { owner: _owner, expiresAt: _expiresAt, ...rest } = key
    expect(await good(at.store.update(key.id, { limits: {} }))).toEqual({ ...key, limits: {} })
    const changed = await good(at.store.update(key.id, { owner: null, expiresAt: null, name: 'b' }))
    expect(changed).toEqual({ ...rest, limits: {}, name: 'b' })
    expect(at.store.find(secret)).toEqual(changed)
    expect(at.again().find(secret)).toEqual(changed)
  })

  test('rotation gives the same key another secret, and refuses the old one at once', async () => {
    using at = storeOnFile()
    const made = await good(at.store.create(FULL))
    const rotated = await good(at.store.rotate(made.key.id))
    expect(rotated.secret).not.toBe(made.secret)
    expect(rotated.key).toEqual({ ...made.key, hint: `${rotated.secret.slice(0, 8)}…` })
    for (const store of [at.store, at.again()]) {
      expect(store.find(made.secret)).toBeUndefined()
      expect(store.find(rotated.secret)).toEqual(rotated.key)
    }
  })

  test('revoking keeps the row, tells when, and frees the name', async () => {
    using at = storeOnFile()
    const { key, secret } = await good(at.store.create(PLAIN))
    at.clock.advance(5)
    const revoked = await good(at.store.revoke(key.id))
    expect(revoked).toEqual({ ...key, revokedAt: at.clock.now() })
    at.clock.advance(5)
    expect(await good(at.store.revoke(key.id))).toEqual(revoked)
    expect(at.store.find(secret)).toEqual(revoked)
    expect(at.again().find(secret)).toEqual(revoked)
    expect(at.store.get('ci')).toEqual(revoked)
    const next = await good(at.store.create(PLAIN))
    expect(at.store.get('ci')).toEqual(next.key)
  })

  const refused: readonly (readonly [string, KeyFault['fault'], (store: KeyStore, id: string) => Promise<object>])[] = [
    ['a name that is taken', 'name-taken', store => store.create(PLAIN)],
    ['renaming to a name that is taken', 'name-taken', (store, id) => store.update(id, { name: 'ci' })],
    ['changing a key nobody has', 'unknown-key', store => store.update('key_x', {})],
    ['rotating a key nobody has', 'unknown-key', store => store.rotate('key_x')],
    ['revoking a key nobody has', 'unknown-key', store => store.revoke('key_x')],
    ['changing a revoked key', 'revoked', (store, id) => store.revoke(id).then(() => store.update(id, {}))],
    ['rotating a revoked key', 'revoked', (store, id) => store.revoke(id).then(() => store.rotate(id))],
  ]
  test.each(refused)('%s is refused as %s', async (_name, fault, change) => {
    using at = storeOnFile()
    await good(at.store.create(PLAIN))
    const { key } = await good(at.store.create({ ...PLAIN, name: 'other' }))
    expect(await change(at.store, key.id)).toMatchObject({ fault })
  })

  test('that cannot be written changes nothing, and says so', async () => {
    using at = storeOnFile()
    const { key, secret } = await good(at.store.create(PLAIN))
    at.db.run('PRAGMA query_only = ON')
    const changes = [
      at.store.create(FULL),
      at.store.update(key.id, { admin: true }),
      at.store.rotate(key.id),
      at.store.revoke(key.id),
    ]
    for (const change of changes) {
      const got = await change
      expect(got).toMatchObject({ fault: 'not-written' })
      expect('what' in got && got.what).toContain('SQLITE_READONLY')
    }
    expect(at.store.list()).toEqual([key])
    expect(at.store.find(secret)).toEqual(key)
    at.db.run('PRAGMA query_only = OFF')
    expect(await good(at.store.update(key.id, { admin: true }))).toMatchObject({ admin: true })
  })
})

describe('a damaged row', () => {
  const spoilt = [
    `settings = '{'`,
    `settings = '[]'`,
    `settings = json_set(settings, '$.name', 7)`,
    `settings = json_remove(settings, '$.limits')`,
    `settings = json_set(settings, '$.limits.requestsPerMinute', 'many')`,
    `settings = json_set(settings, '$.limits.newer', 1)`,
    `settings = json_set(settings, '$.budgets[0].period', 'year')`,
    `settings = json_set(settings, '$.budgets[0].most', 0.5)`,
    `settings = json_set(settings, '$.models[0]', null)`,
    `settings = json_set(settings, '$.expiresAt', 'soon')`,
    `settings = json_set(settings, '$.owner', 1)`,
    `settings = json_remove(settings, '$.admin')`,
    `digest = x'00'`,
    `digest = 'text'`,
    `created_at = 'x'`,
    `revoked_at = 'x'`,
  ]
  test.each(spoilt)('(%s) is passed over, counted, and keeps the door shut', async change => {
    using at = storeOnFile()
    const { key, secret } = await good(at.store.create(FULL))
    at.db.run(`UPDATE keys SET ${change} WHERE id = '${key.id}'`)
    const store = at.again()
    expect(store.list()).toEqual([])
    expect(store.find(secret)).toBeUndefined()
    expect([store.damaged, store.asksForKey()]).toEqual([1, true])
    const next = await good(store.create(PLAIN))
    expect(at.again().find(next.secret)).toEqual(next.key)
  })
})

describe('a key is asked for', () => {
  test('from the first one on, also when all are revoked', async () => {
    using at = storeOnFile()
    expect([at.store.asksForKey(), at.store.damaged]).toEqual([false, 0])
    const { key } = await good(at.store.create(PLAIN))
    expect(at.store.asksForKey()).toBe(true)
    await good(at.store.revoke(key.id))
    expect([at.store.asksForKey(), at.again().asksForKey()]).toEqual([true, true])
  })

  test('where keys are not known', () => {
    expect(memoryKeyStore('x').asksForKey()).toBe(true)
    expect(memoryKeyStore('x', { entries: [], damaged: 1 }).asksForKey()).toBe(true)
    expect(memoryKeyStore('x', { entries: [], damaged: 0 }).asksForKey()).toBe(false)
  })
})

describe('the ledger of a folder', () => {
  const openedIn = (folder: string) => {
    const opening = openLedger({ folder, clock: manualClock() })
    if (!opening.ok) throw new Error(opening.refusal.what)
    return opening
  }

  /** Makes a key in the folder and closes the ledger. */
  async function keyIn(folder: string) {
    const { keys, store } = openedIn(folder)
    const made = await good(keys.create(PLAIN))
    await store.close()
    return made
  }

  test('gives its keys to whoever opens it next', async () => {
    using folder = temporaryFolder()
    const { key, secret } = await keyIn(folder.path)
    const { keys, store } = openedIn(folder.path)
    expect(keys.find(secret)).toEqual(key)
    expect(keys.warning).toBeUndefined()
    await store.close()
    expect(await keys.revoke(key.id)).toMatchObject({ fault: 'not-written' })
  })

  test('that cannot be locked still knows its keys, and refuses every change with the reason', async () => {
    using folder = temporaryFolder()
    const { key, secret } = await keyIn(folder.path)
    // A folder in the place of a file keeps the lock from being taken, for the superuser too.
    mkdirSync(join(folder.path, 'candor.owner.json'))
    const { keys } = openedIn(folder.path)
    expect(keys.find(secret)).toEqual(key)
    expect(keys.asksForKey()).toBe(true)
    const changes = [keys.create(FULL), keys.update(key.id, {}), keys.rotate(key.id), keys.revoke(key.id)]
    for (const change of changes) {
      const got = await change
      expect(got).toMatchObject({ fault: 'not-written' })
      expect('what' in got && got.what).toContain('Keys cannot be made or changed')
    }
    expect(keys.warning).toContain(folder.path)
  })

  test('whose table of keys is broken admits none of them, and still keeps receipts', async () => {
    using folder = temporaryFolder()
    const { secret } = await keyIn(folder.path)
    const db = new Database(ledgerPath(folder.path))
    db.run('ALTER TABLE keys RENAME COLUMN hint TO clue')
    db.close()
    const { keys, store } = openedIn(folder.path)
    expect(keys.find(secret)).toBeUndefined()
    expect(keys.asksForKey()).toBe(true)
    expect(keys.warning).toContain('keys are not known')
    expect(store.health().warning).toBeUndefined()
    await store.close()
  })

  test('that does not exist and cannot be made has no keys and asks for none', () => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    mkdirSync(data)
    mkdirSync(join(data, 'candor.lock'))
    const { keys } = openedIn(data)
    expect([keys.list(), keys.asksForKey()]).toEqual([[], false])
  })
})
