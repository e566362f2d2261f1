import type { Database } from 'bun:sqlite'
import { parseJson } from '../base/json.ts'
import { isObject } from '../base/json-value.ts'
import { BUDGET_PERIODS, type Budget, type GatewayKey, type KeyLimits, type KeySettings } from './gateway-key.ts'

/** A key and the digest of its secret: SHA-256, 32 bytes. */
export interface KeyEntry {
  readonly key: GatewayKey
  readonly digest: Uint8Array
}

/** The keys of a file. */
export interface KeyRows {
  readonly entries: readonly KeyEntry[]
  /** Rows that could not be understood. */
  readonly damaged: number
}

/** Bytes of a SHA-256 digest. */
const DIGEST_BYTES = 32

/** Reads all keys, newest first. A row that is damaged is counted and passed over. Throws what SQLite throws. */
export function readKeyRows(db: Database): KeyRows {
  if (db.query(`SELECT 1 FROM sqlite_master WHERE name = 'keys'`).get() === null) return { entries: [], damaged: 0 }
  const rows = db
    .query<Record<string, unknown>, []>(
      'SELECT id, digest, hint, settings, created_at, revoked_at FROM keys ORDER BY id DESC',
    )
    .all()
  const entries = rows.flatMap(row => entryOf(row) ?? [])
  return { entries, damaged: rows.length - entries.length }
}

/** Settings as they are kept. */
export function settingsText(settings: KeySettings): string {
  const { name, owner, tags, expiresAt, models, limits, budgets, admin } = settings
  return JSON.stringify({ name, owner, tags, expiresAt, models, limits, budgets, admin })
}

function entryOf(row: Record<string, unknown>): KeyEntry | undefined {
  const { id, digest, hint, settings: kept, created_at: createdAt, revoked_at: revokedAt } = row
  const settings = typeof kept === 'string' ? readSettings(kept) : undefined
  if (settings === undefined || typeof id !== 'string' || typeof hint !== 'string' || !isCount(createdAt))
    return undefined
  if (!(digest instanceof Uint8Array) || digest.length !== DIGEST_BYTES) return undefined
  if (revokedAt !== null && !isCount(revokedAt)) return undefined
  return { key: { ...settings, id, hint, createdAt, ...(revokedAt === null ? {} : { revokedAt }) }, digest }
}

/** Settings that cannot be read whole are none: a limit left out would be a right given. */
function readSettings(text: string): KeySettings | undefined {
  const read = parseJson(text)
  if (!read.ok || !isObject(read.value)) return undefined
  const { name, owner, tags, expiresAt, models, limits, budgets, admin } = read.value
  if (typeof name !== 'string' || typeof admin !== 'boolean' || !isTexts(tags) || !isTexts(models)) return undefined
  if (!isLimits(limits) || !Array.isArray(budgets) || !budgets.every(isBudget)) return undefined
  if (owner !== undefined && typeof owner !== 'string') return undefined
  if (expiresAt !== undefined && !isCount(expiresAt)) return undefined
  return {
    name,
    ...(owner === undefined ? {} : { owner }),
    tags,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    models,
    limits,
    budgets,
    admin,
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string')
}

const LIMIT_NAMES: Readonly<Record<keyof KeyLimits, true>> = {
  requestsPerMinute: true,
  inputTokensPerMinute: true,
  outputTokensPerMinute: true,
  concurrency: true,
}

function isLimits(value: unknown): value is KeyLimits {
  return (
    isObject(value) && Object.entries(value).every(([name, most]) => Object.hasOwn(LIMIT_NAMES, name) && isCount(most))
  )
}

function isBudget(value: unknown): value is Budget {
  if (!isObject(value)) return false
  const { period, unit, most, kind } = value
  const known = BUDGET_PERIODS.some(each => each === period)
  return known && (unit === 'usd' || unit === 'tokens') && isCount(most) && (kind === 'hard' || kind === 'soft')
}
