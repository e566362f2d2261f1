import type { Database } from 'bun:sqlite'
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { newId } from '../base/ids.ts'
import {
  type GatewayKey,
  isKeyFault,
  type KeyChange,
  type KeyFault,
  type KeySettings,
  type KeyStore,
  type MadeKey,
} from './gateway-key.ts'
import { type KeyEntry, type KeyRows, readKeyRows, settingsText } from './key-rows.ts'
import { faultWords } from './sqlite-fault.ts'

/** Most keys of one gateway, revoked ones among them: all are held in memory. */
export const KEYS_MAX = 20_000

const SECRET_PREFIX = 'cnd_'
const SECRET_BYTES = 32
/** Characters of a secret that are shown for good: the prefix and 24 of its 256 bits. */
const HINT_CHARS = 8

/** The keys in memory. */
interface Book {
  readonly byId: Map<string, KeyEntry>
  /** By the digest in hexadecimal. */
  readonly byDigest: Map<string, KeyEntry>
  readonly damaged: number
}

/** The keys of an open ledger file, which no other process writes. Throws what SQLite throws. */
export function openKeyStore(db: Database, clock: Clock): KeyStore {
  const book = bookOf(readKeyRows(db))
  return {
    ...readsOf(book),
    asksForKey: () => book.byId.size + book.damaged > 0,
    create: async settings => create(book, db, clock, settings),
    update: async (id, change) =>
      withOpen(book, id, entry => {
        const key = changed(entry.key, change)
        if (key.name !== entry.key.name && isTaken(book, key.name)) return nameTaken(key.name)
        return replace(book, db, { ...entry, key })
      }),
    rotate: async id =>
      withOpen(book, id, entry => {
        const { secret, digest, hint } = newSecret()
        const key = replace(book, db, { key: { ...entry.key, hint }, digest })
        return isKeyFault(key) ? key : { key, secret }
      }),
    async revoke(id) {
      const entry = book.byId.get(id)
      if (entry === undefined) return unknownKey(id)
      if (entry.key.revokedAt !== undefined) return entry.key
      return replace(book, db, { ...entry, key: { ...entry.key, revokedAt: clock.now() } })
    },
  }
}

/**
 * The keys of a ledger that cannot be written: those that were read still hold, and every change is refused with `why`. Without rows the
 * keys are not known: a key is asked for, and none of the store's is admitted.
 */
export function memoryKeyStore(why: string, rows?: KeyRows): KeyStore {
  const book = bookOf(rows ?? { entries: [], damaged: 0 })
  const refuse = async (): Promise<KeyFault> => ({ fault: 'not-written', what: why })
  return {
    ...readsOf(book),
    asksForKey: () => rows === undefined || book.byId.size + book.damaged > 0,
    create: refuse,
    update: refuse,
    rotate: refuse,
    revoke: refuse,
    warning: why,
  }
}

function bookOf({ entries, damaged }: KeyRows): Book {
  return {
    byId: new Map(entries.map(entry => [entry.key.id, entry])),
    byDigest: new Map(entries.map(entry => [hexOf(entry.digest), entry])),
    damaged,
  }
}

function readsOf(book: Book): Pick<KeyStore, 'list' | 'get' | 'find' | 'damaged'> {
  const list = () => [...book.byId.values()].map(({ key }) => key).sort((a, b) => (a.id < b.id ? 1 : -1))
  return {
    list,
    get(idOrName) {
      const named = () => list().filter(key => key.name === idOrName)
      return book.byId.get(idOrName)?.key ?? named().find(key => key.revokedAt === undefined) ?? named()[0]
    },
    find: secret => find(book, secret),
    damaged: book.damaged,
  }
}

/**
 * The map is asked for a digest of what was shown, which nobody can steer towards one that is kept: how long it takes tells nothing of a secret.
 * Whether it is the one is decided in constant time all the same, so that no property of the map has to be relied on.
 */
function find(book: Book, secret: string): GatewayKey | undefined {
  if (!secret.startsWith(SECRET_PREFIX)) return undefined
  const digest = digestOf(secret)
  const entry = book.byDigest.get(hexOf(digest))
  return entry !== undefined && timingSafeEqual(entry.digest, digest) ? entry.key : undefined
}

function create(book: Book, db: Database, clock: Clock, settings: KeySettings): MadeKey | KeyFault {
  if (isTaken(book, settings.name)) return nameTaken(settings.name)
  if (book.byId.size + book.damaged >= KEYS_MAX)
    return { fault: 'too-many', what: `The gateway has ${KEYS_MAX} keys, revoked ones among them, and keeps no more.` }
  const createdAt = clock.now()
  const { secret, digest, hint } = newSecret()
  const key = { ...settings, id: newId('key', createdAt), hint, createdAt }
  const fault = durably(db, () => {
    db.query('INSERT INTO keys (id, digest, hint, settings, created_at) VALUES (?, ?, ?, ?, ?)').run(
      key.id,
      digest,
      hint,
      settingsText(key),
      createdAt,
    )
  })
  if (fault !== undefined) return fault
  keep(book, { key, digest })
  return { key, secret }
}

/** Hands the entry on if it can be changed. */
function withOpen<T>(book: Book, id: string, change: (entry: KeyEntry) => T | KeyFault): T | KeyFault {
  const entry = book.byId.get(id)
  if (entry === undefined) return unknownKey(id)
  if (entry.key.revokedAt === undefined) return change(entry)
  return { fault: 'revoked', what: `The key "${entry.key.name}" is revoked.` }
}

function replace(book: Book, db: Database, entry: KeyEntry): GatewayKey | KeyFault {
  const { key, digest } = entry
  const fault = durably(db, () => {
    db.query('UPDATE keys SET digest = ?, hint = ?, settings = ?, revoked_at = ? WHERE id = ?').run(
      digest,
      key.hint,
      settingsText(key),
      key.revokedAt ?? null,
      key.id,
    )
  })
  if (fault !== undefined) return fault
  keep(book, entry)
  return key
}

function keep(book: Book, entry: KeyEntry): void {
  const before = book.byId.get(entry.key.id)
  if (before !== undefined) book.byDigest.delete(hexOf(before.digest))
  book.byId.set(entry.key.id, entry)
  book.byDigest.set(hexOf(entry.digest), entry)
}

/** Writes and waits for the disk, which receipts do without: a key that was revoked must not come back with the power. */
function durably(db: Database, write: () => void): KeyFault | undefined {
  try {
    db.run('PRAGMA synchronous = FULL')
    try {
      write()
    } finally {
      db.run('PRAGMA synchronous = NORMAL')
    }
    return undefined
  } catch (error) {
    return { fault: 'not-written', what: `The change of the key could not be written: ${faultWords(error)}.` }
  }
}

function changed(key: GatewayKey, { owner, expiresAt, ...rest }: KeyChange): GatewayKey {
  const { owner: _owner, expiresAt: _expiresAt, ...kept } = key
  const newOwner = owner === undefined ? key.owner : owner
  const newExpiry = expiresAt === undefined ? key.expiresAt : expiresAt
  return {
    ...kept,
    ...rest,
    ...(newOwner === undefined || newOwner === null ? {} : { owner: newOwner }),
    ...(newExpiry === undefined || newExpiry === null ? {} : { expiresAt: newExpiry }),
  }
}

function isTaken(book: Book, name: string): boolean {
  return book.byId.values().some(({ key }) => key.name === name && key.revokedAt === undefined)
}

function nameTaken(name: string): KeyFault {
  return { fault: 'name-taken', what: `A key is called "${name}" already.` }
}

function unknownKey(id: string): KeyFault {
  return { fault: 'unknown-key', what: `There is no key "${id}".` }
}

function newSecret(): { readonly secret: string; readonly digest: Uint8Array; readonly hint: string } {
  const secret = SECRET_PREFIX + Buffer.from(crypto.getRandomValues(new Uint8Array(SECRET_BYTES))).toString('base64url')
  return { secret, digest: digestOf(secret), hint: `${secret.slice(0, HINT_CHARS)}…` }
}

function digestOf(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest()
}

function hexOf(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('hex')
}
