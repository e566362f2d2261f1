import { Database } from 'bun:sqlite'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from '../base/json.ts'
import { asNumber, asObject, asString } from '../base/json-value.ts'
import { createPrivateFile } from './private-files.ts'
import { isFault } from './sqlite-fault.ts'
import type { LedgerRefusal } from './store.ts'

/** A data folder that is ours until the release, or until the process dies in whatever way. */
export interface FolderLock {
  readonly ok: true
  release(): void
}

/** A data folder that belongs to another process. */
export interface FolderTaken {
  readonly ok: false
  readonly refusal: LedgerRefusal
}

/**
 * Takes the data folder for this process. Throws if the folder cannot be written.
 *
 * The lock is the operating system's, on `candor.lock`, held through SQLite since neither Node nor Bun offers file locks. It ends with
 * its process, so no lock is ever stale, and it holds where process ids say nothing: in two containers that share the folder both may
 * be process 1. `candor.owner.json` only tells people who has it.
 */
export function lockFolder(folder: string, nowMs: number): FolderLock | FolderTaken {
  const path = join(folder, 'candor.lock')
  const ownerPath = join(folder, 'candor.owner.json')
  createPrivateFile(path)
  const lock = new Database(path, { readwrite: true })
  try {
    lock.run('PRAGMA journal_mode = MEMORY')
    lock.run('BEGIN EXCLUSIVE')
    const owner = { pid: process.pid, startedAt: new Date(nowMs).toISOString() }
    writeFileSync(ownerPath, `${JSON.stringify(owner)}\n`, { mode: 0o600 })
  } catch (error) {
    lock.close()
    if (isFault(error, 'SQLITE_BUSY')) return { ok: false, refusal: taken(folder, ownerPath) }
    throw error
  }
  return {
    ok: true,
    release() {
      rmSync(ownerPath, { force: true })
      lock.close()
    },
  }
}

function taken(folder: string, ownerPath: string): LedgerRefusal {
  const owner = readOwner(ownerPath)
  const who = owner.pid === undefined ? 'Another process' : `Process ${owner.pid}`
  const since = owner.startedAt === undefined ? '' : ` since ${owner.startedAt}`
  return {
    code: 'in-use',
    path: folder,
    what: `Another Candor is using the data folder ${folder}.`,
    why: `${who} has held it${since}. Two gateways cannot write one ledger.`,
    fix: [
      owner.pid === undefined ? 'Stop the other Candor.' : `Stop the other Candor: kill ${owner.pid}`,
      'Or set CANDOR_HOME to another folder for this one.',
    ],
    ...(owner.pid === undefined ? {} : { pid: owner.pid }),
  }
}

function readOwner(path: string): { readonly pid?: number; readonly startedAt?: string } {
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return {}
  }
  const read = parseJson(text)
  const owner = read.ok ? asObject(read.value) : undefined
  const pid = asNumber(owner?.['pid'])
  const startedAt = asString(owner?.['startedAt'])
  return { ...(pid === undefined ? {} : { pid }), ...(startedAt === undefined ? {} : { startedAt }) }
}
