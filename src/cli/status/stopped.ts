import { callLine } from '../../admin/live.ts'
import { OVERVIEW_CALLS, type Today, todayOf } from '../../admin/overview.ts'
import { type Remark, remarkOf } from '../../admin/remarks.ts'
import { showFault } from '../../app/config/fault.ts'
import { loadConfig } from '../../app/config/load.ts'
import type { Paths } from '../../app/config/paths.ts'
import { startOfDay } from '../../app/today-sums.ts'
import { openLedgerReader } from '../../ledger/open.ts'
import type { LedgerReader } from '../../ledger/store.ts'
import type { UsageRow } from '../../ledger/usage.ts'
import { findGateway, pathsOf } from '../gateway-access.ts'
import type { Shell } from '../shell.ts'
import { fallbacksSince, lastErrorOf, type ProviderFacts, type StatusFacts } from './facts.ts'

/** What the configuration and the ledger tell where no gateway answers. No provider is asked and no key is looked up. */
export async function factsOfStopped(shell: Shell): Promise<Omit<StatusFacts, 'wrong'>> {
  const paths = pathsOf(shell)
  const now = shell.clock.now()
  const [gone, config, ledger] = await Promise.all([
    whyGone(paths, shell),
    configOf(paths),
    ledgerFacts(paths.dataDir, now),
  ])
  return { now, ...(gone === undefined ? {} : { gone }), config, ...ledger }
}

async function whyGone(paths: Paths, shell: Shell): Promise<string | undefined> {
  const note = await findGateway(paths)
  if (note === undefined) return undefined
  return shell.isAlive(note.pid)
    ? `process ${note.pid} lives, but nothing answers at ${note.url}`
    : `the last one, at ${note.url}, did not stop in order`
}

async function configOf({ configFile, configNamed }: Paths): Promise<StatusFacts['config']> {
  const loaded = await loadConfig({ file: configFile, mustExist: configNamed })
  if (!loaded.ok) return { file: loaded.file, refused: loaded.faults.map(showFault).join('\n\n') }
  const { file, exists } = loaded.config.source
  return { ...(exists ? { file } : {}), warnings: loaded.warnings.map(({ message }) => message) }
}

type LedgerFacts = Pick<StatusFacts, 'today' | 'ledgerFault' | 'providers' | 'lastError' | 'fellBack'>

async function ledgerFacts(folder: string, now: number): Promise<LedgerFacts> {
  const file = openLedgerReader(folder)
  if (file.ok) return await readFacts(file.reader, now).finally(() => file.reader.close())
  const { code, what, why } = file.refusal
  return { providers: [], fellBack: [], ...(code === 'absent' ? {} : { ledgerFault: `${what} ${why}` }) }
}

async function readFacts(reader: LedgerReader, now: number): Promise<LedgerFacts> {
  const since = startOfDay(now)
  const [usage, receipts] = await Promise.all([
    reader.usage({ since, by: 'provider' }),
    reader.list({ limit: OVERVIEW_CALLS }),
  ])
  const remarks: readonly Remark[] = receipts.flatMap(receipt => remarkOf(receipt) ?? [])
  const lastError = lastErrorOf(receipts.map(callLine), remarks)
  const today: Today = { ageMs: 0, ...todayOf(since, usage) }
  return {
    today,
    providers: usage.rows.filter(({ group }) => group !== '').map(providerFacts),
    ...(lastError === undefined ? {} : { lastError }),
    fellBack: fallbacksSince(remarks, since),
  }
}

function providerFacts({ group: id, calls, failed }: UsageRow): ProviderFacts {
  return { id, cooling: [], quotas: [], inFlight: 0, today: { calls, failed } }
}
