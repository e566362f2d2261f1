import { statSync } from 'node:fs'
import { ledgerPath, openLedgerFileReadonly } from './ledger-file.ts'
import { SCHEMA_VERSION, schemaVersion } from './migrations.ts'
import { faultWords } from './sqlite-fault.ts'
import type { LedgerRefusal } from './store.ts'

/** How a ledger's file is. */
export interface LedgerState {
  readonly ok: true
  readonly bytes: number
  /** The version its tables have. */
  readonly schema: number
  /** The version this program writes. */
  readonly ownSchema: number
  /** What SQLite found wrong with the file, in its words; empty: nothing. Undefined: the file is larger than what was to be looked through. */
  readonly faults: readonly string[] | undefined
}

/** Faults asked for at once; one is enough to know. */
const FAULTS_MAX = 5

/**
 * Looks at the file of a data folder's ledger and changes nothing, also while a gateway writes it. One of up to `bytesMax` is read from end to end,
 * which holds this process up for about a second in a gigabyte. Never throws.
 */
export function ledgerState(
  folder: string,
  { bytesMax }: { readonly bytesMax: number },
): LedgerState | { readonly ok: false; readonly refusal: LedgerRefusal } {
  const path = ledgerPath(folder)
  const file = openLedgerFileReadonly(path, 'still')
  if (!file.ok) return file
  const { db } = file
  try {
    const { size: bytes } = statSync(path)
    const known = { ok: true, bytes, schema: schemaVersion(db) ?? 0, ownSchema: SCHEMA_VERSION } as const
    if (bytes > bytesMax) return { ...known, faults: undefined }
    const rows = db.query(`PRAGMA quick_check(${FAULTS_MAX})`).all()
    const said = rows.map(row => String(Object.values(row ?? {})[0]))
    return { ...known, faults: said.filter(line => line !== 'ok') }
  } catch (error) {
    return { ok: true, bytes: 0, schema: SCHEMA_VERSION, ownSchema: SCHEMA_VERSION, faults: [faultWords(error)] }
  } finally {
    db.close()
  }
}
