import type { Overview } from '../../admin/overview.ts'
import { loadConfig } from '../../app/config/load.ts'
import { newId } from '../../base/ids.ts'
import { fragmentMask } from '../../base/mask-fragments.ts'
import { openLedgerReader } from '../../ledger/open.ts'
import type { Receipt } from '../../ledger/receipt.ts'
import { findGateway, pathsOf, runningAccess } from '../gateway-access.ts'
import { ask } from '../questions.ts'
import { findThisInstallation } from '../upgrade/this-installation.ts'
import type { Desk } from '../verb.ts'
import { examined } from './findings.ts'
import { knownSecrets } from './known-secrets.ts'
import type { GatewayNow, Raw } from './report.ts'

/** Looks at everything a report is made of. Writes nothing of the user's, and asks no provider. */
export async function gather(config: string | undefined, receiptsMax: number, desk: Desk): Promise<Raw> {
  const { env, home, clock, runtime } = desk.shell
  const paths = pathsOf(desk.shell, config)
  const loaded = await loadConfig({ file: paths.configFile, mustExist: paths.configNamed })
  const note = await findGateway(paths)
  const { findings, providers } = await examined(config, desk)
  const { configFile } = paths
  const secrets = await knownSecrets({ configFile, loaded, env, clock, providers, adminToken: note?.adminToken })
  const now = clock.now()
  return {
    id: newId('bug', now),
    at: now,
    runtime,
    env,
    home,
    installed: findThisInstallation(env).kind,
    gateway: await gatewayNow(desk),
    loaded,
    findings,
    ...(await newestReceipts(paths.dataDir, receiptsMax)),
    maskKnown: fragmentMask(secrets),
  }
}

/** What the gateway that runs says of itself. One that does not answer as it should is a finding of the doctor's, and no reason to have no report. */
async function gatewayNow(desk: Desk): Promise<GatewayNow | undefined> {
  const access = await runningAccess(undefined, desk)
  if (access === undefined) return undefined
  try {
    const body: object = await ask(access, '/candor/overview', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    const { status, notices } = body as Overview
    const { version, startedAt, draining, inFlight } = status
    return { version, startedAt, draining, inFlight, notices }
  } catch {
    return { notices: [] }
  }
}

const ANSWER_WITHIN_MS = 10_000

async function newestReceipts(
  folder: string,
  limit: number,
): Promise<{ readonly receipts: readonly Receipt[]; readonly receiptsFault?: string }> {
  if (limit === 0) return { receipts: [] }
  const file = openLedgerReader(folder)
  if (!file.ok) return { receipts: [], receiptsFault: `${file.refusal.what} ${file.refusal.why}` }
  try {
    return { receipts: await file.reader.list({ limit }) }
  } finally {
    file.reader.close()
  }
}
