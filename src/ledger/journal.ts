import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { createPrivateFile, isAbsent } from './private-files.ts'
import type { Receipt } from './receipt.ts'
import { readReceipt } from './receipt-guard.ts'
import { faultWords } from './sqlite-fault.ts'

/**
 * A file beside the ledger that holds the receipts of ended calls until they are committed. A line in it survives the death of the process as a
 * commit does, and costs a tenth of one: so a call waits for its line, and the commit comes after, for many calls at once.
 */
export interface Journal {
  /** Adds receipts, as they are kept, in one write. False if it cannot; what came into the file all the same does no harm. Never throws. */
  add(kept: readonly string[]): boolean
  /** Forgets all receipts: they are committed. Never throws. */
  clear(): void
  /** Lets go of the file, and removes it unless it still has to be replayed. Never throws. */
  close(replay: boolean): void
}

/** What a journal holds. */
export interface JournalRead {
  /** One a call, oldest first. */
  readonly receipts: readonly Receipt[]
  /** Whole lines that could not be understood. */
  readonly damaged: number
  /** Why it could not be read. */
  readonly fault?: string
}

/** A journal that holds more is not written until it is cleared: the ledger has been locked for a while, and calls wait for their commit again. */
const JOURNAL_BYTES_MAX = 32 * 1024 * 1024
/** Room to encode the receipts of one write in; more of them, and longer ones, get their own. */
const SPACE_BYTES = 256 * 1024
/** UTF-8 makes no more than this of one unit of a string. */
const BYTES_PER_UNIT_MAX = 3
const LF = 0x0a

/** Where the journal of a ledger is. */
export function journalPath(ledgerPath: string): string {
  return `${ledgerPath}-receipts`
}

/** A journal that takes nothing: calls wait for the commit. */
export const NO_JOURNAL: Journal = { add: () => false, clear: () => {}, close: () => {} }

/** Opens an empty journal; what was in it must be committed. {@link NO_JOURNAL} if it cannot be written. Never throws. */
export function openJournal(path: string): Journal {
  try {
    createPrivateFile(path)
    const file = openSync(path, 'a')
    ftruncateSync(file)
    return journalIn(file, path)
  } catch {
    return NO_JOURNAL
  }
}

function journalIn(file: number, path: string): Journal {
  const space = Buffer.allocUnsafe(SPACE_BYTES)
  let bytes = 0
  /** A failed write left the beginning of a line that could not be taken back. */
  let torn = false

  /** A line each, one behind the other: to join them as texts first would cost ten times as much. */
  const encoded = (kept: readonly string[]): Uint8Array => {
    let end = 0
    for (const text of kept) {
      if (end + text.length * BYTES_PER_UNIT_MAX >= SPACE_BYTES) return Buffer.from(`${kept.join('\n')}\n`)
      end += space.write(text, end)
      space[end] = LF
      end += 1
    }
    return space.subarray(0, end)
  }
  const cut = (length: number): boolean => {
    try {
      ftruncateSync(file, length)
      bytes = length
      return true
    } catch {
      return false
    }
  }
  const write = (lines: Uint8Array): boolean => {
    try {
      return writeSync(file, lines) === lines.length
    } catch {
      return false
    }
  }

  return {
    add(kept) {
      if (torn || bytes >= JOURNAL_BYTES_MAX) return false
      const lines = encoded(kept)
      if (write(lines)) {
        bytes += lines.length
        return true
      }
      torn = !cut(bytes)
      return false
    },
    clear() {
      if (bytes > 0 || torn) torn = !cut(0)
    },
    close(replay) {
      closeSync(file)
      if (replay) return
      try {
        rmSync(path, { force: true })
      } catch {
        // It is empty, and the next start opens it again.
      }
    },
  }
}

/**
 * The receipts in a journal; none if there is no journal. A last line without its end is left out: nobody was told that its call is recorded.
 * Never throws.
 */
export function readJournal(path: string): JournalRead {
  if (isAbsent(path)) return { receipts: [], damaged: 0 }
  try {
    const bytes = readFileSync(path)
    const whole = bytes.toString('utf8', 0, bytes.lastIndexOf('\n') + 1)
    const lines = whole.split('\n').slice(0, -1)
    const receipts = lines.flatMap(line => readReceipt(line) ?? [])
    const last = new Map(receipts.map(receipt => [receipt.id, receipt]))
    return { receipts: [...last.values()], damaged: lines.length - receipts.length }
  } catch (error) {
    return { receipts: [], damaged: 0, fault: `${path} cannot be read: ${faultWords(error)}` }
  }
}
