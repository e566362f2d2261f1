import { plural, showBytes } from '../../admin/story/amounts.ts'
import { type LedgerState, ledgerState } from '../../ledger/ledger-check.ts'
import { ledgerPath } from '../../ledger/ledger-file.ts'
import { type LedgerRefusal, LIST_LIMIT_MAX } from '../../ledger/store.ts'
import type { Check, Found, Patient, Receipts } from './check.ts'

/** Whether receipts are kept and can be read. */
export const ledgerCheck: Check = {
  id: 'ledger',
  about: 'the ledger: its form, its soundness, and whether its newest receipts can be read',
  async run(patient, tell) {
    const { paths, gateway, receipts, ledgerBytesMax } = patient
    const path = ledgerPath(paths.dataDir)
    if (gateway?.ledgerWarning !== undefined)
      tell({
        id: 'ledger.not-written',
        severity: 'error',
        message: gateway.ledgerWarning,
        path,
        fixHint: 'See whether the disk is full or the folder closed: candor doctor --only space,files',
      })
    const state = ledgerState(paths.dataDir, { bytesMax: ledgerBytesMax })
    if (!state.ok) return tell(refusalFinding(state.refusal))
    const doubts = [...formDoubts(state, path, patient), ...soundnessDoubts(state, path)]
    for (const each of doubts) tell(each)
    // An older form is brought up to date by whoever writes it, and is not read before.
    if (receipts === undefined || state.schema < state.ownSchema || doubts.some(({ severity }) => severity === 'error'))
      return
    tell(await rowsFinding(receipts, state, path))
  },
}

function refusalFinding({ code, path, what, why, fix }: LedgerRefusal): Found {
  if (code === 'absent')
    return { id: 'ledger', severity: 'info', message: 'There is no ledger yet: no call has been made.', path }
  return { id: `ledger.${code}`, severity: 'error', message: `${what} ${why}`, path, fixHint: fix.join(' ') }
}

/** A newer form than this program's is a refusal. */
function formDoubts({ schema, ownSchema }: LedgerState, path: string, { gateway }: Patient): readonly Found[] {
  if (schema === ownSchema) return []
  return [
    {
      id: 'ledger.older-schema',
      severity: gateway === undefined || gateway.elsewhere === true ? 'info' : 'warning',
      message: `The ledger has the form of version ${schema}, this Candor writes version ${ownSchema}: the next gateway that starts changes it, and an older Candor cannot use it after that.`,
      path,
    },
  ]
}

function soundnessDoubts({ faults, bytes }: LedgerState, path: string): readonly Found[] {
  if (faults === undefined)
    return [
      {
        id: 'ledger.large',
        severity: 'info',
        message: `The ledger has ${showBytes(bytes)}. That is too much to look through here.`,
        path,
        fixHint: `Run: sqlite3 ${path} "PRAGMA quick_check"`,
      },
    ]
  const [first] = faults
  if (first === undefined) return []
  return [
    {
      id: 'ledger.corrupt',
      severity: 'error',
      message: `The ledger is damaged. SQLite says: ${first.replace(/\s+/g, ' ')}.`,
      path,
      fixHint: `Stop the gateway and move ${path} with its -wal and -shm files elsewhere: a new ledger begins. Much of the old one can be saved with: sqlite3 ${path} .recover`,
    },
  ]
}

async function rowsFinding(receipts: Receipts, { bytes, faults }: LedgerState, path: string): Promise<Found> {
  const before = receipts.faults()
  const newest = await receipts.list({ limit: LIST_LIMIT_MAX })
  const { damaged, lastError } = receipts.faults()
  if (lastError !== undefined && lastError !== before.lastError)
    return {
      id: 'ledger.unreadable',
      severity: 'error',
      message: `The ledger cannot be read: ${lastError}.`,
      path,
      fixHint: `Stop the gateway and run: sqlite3 ${path} "PRAGMA integrity_check"`,
    }
  const met = damaged - before.damaged
  if (met > 0)
    return {
      id: 'ledger.damaged',
      severity: 'warning',
      message: `${met} of the newest receipts in the ledger cannot be understood.`,
      path,
      fixHint: 'They are left out everywhere. If a newer Candor wrote them, run that one again.',
    }
  const count =
    newest.length === LIST_LIMIT_MAX ? `the newest ${LIST_LIMIT_MAX} receipts` : plural(newest.length, 'receipt')
  const sound = faults === undefined ? 'The ledger is readable' : 'The ledger is sound and readable'
  return { id: 'ledger', severity: 'ok', message: `${sound}: ${count}, ${showBytes(bytes)}.` }
}
