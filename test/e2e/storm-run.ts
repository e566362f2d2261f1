import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KeyView } from '../../src/admin/keys.ts'
import { openLedgerReader } from '../../src/ledger/open.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { LIST_LIMIT_MAX } from '../../src/ledger/store.ts'
import { type Exit, type Gateway, removeHome, startGateway, temporaryHome } from './harness.ts'
import { adminHeaders, keyViews, type MadeStormKey, makeStormKeys } from './storm-keys.ts'
import type { Orders, Report } from './storm-load.ts'
import { memoryOf, type ProcessState, settledConnections } from './storm-process.ts'
import { type Received, STORM_NAMES, type StormSims, startStormSims, stormConfig } from './storm-providers.ts'

/** How many clients call at the same time. */
export const CLIENTS_AT_ONCE = 200

/** Everything there is to check when the storm is over. */
export interface Storm {
  readonly seed: number
  readonly report: Report
  readonly keys: readonly MadeStormKey[]
  /** All receipts of the ledger, read from its file when the gateway had ended; oldest first. */
  readonly receipts: readonly Receipt[]
  /** Every request for an answer that a provider received. */
  readonly received: readonly Received[]
  /** Requests that came where only a redirect leads. */
  readonly misled: number
  /** The keys as the administrator saw them when all clients were gone. */
  readonly views: readonly KeyView[]
  readonly metrics: string
  readonly process: ProcessState
  readonly exit: Exit
  /** From the signal to the end of the process. */
  readonly stoppedInMs: number
  /** All the gateway said. */
  readonly log: string
  /** Milliseconds since 1970 when the state was read. */
  readonly readAt: number
  clean(): Promise<void>
}

/** Lets the storm rage, and gathers what is left of it. */
export async function runStorm({ ms, seed }: { readonly ms: number; readonly seed: number }): Promise<Storm> {
  const home = temporaryHome()
  const sims = await startStormSims(seed)
  const gonePort = await freePort()
  const gateway = await startGateway({ home, config: stormConfig(sims.sims, gonePort, 0) })
  try {
    return await rage({ ms, seed }, { home, sims, gonePort, gateway })
  } catch (error) {
    await gateway.kill9()
    await sims.stop()
    removeHome(home)
    throw error
  }
}

/** Where a storm rages. */
interface Place {
  readonly home: string
  readonly sims: StormSims
  readonly gonePort: number
  readonly gateway: Gateway
}

async function rage({ ms, seed }: Parameters<typeof runStorm>[0], place: Place): Promise<Storm> {
  const { home, sims, gonePort, gateway } = place
  const { admin, keys } = await makeStormKeys(gateway)
  const reloads = keepReloading(gateway, sims, gonePort)
  const orders: Orders = { url: gateway.url, admin, seed, clients: CLIENTS_AT_ONCE, ms, names: STORM_NAMES, keys }
  const report = await runClients(home, orders)
  await reloads
  const status = await idleStatus(gateway, admin)
  const views = await keyViews(gateway.url, admin)
  const metrics = await (await gateway.fetch('/metrics', { headers: adminHeaders(admin) })).text()
  const readAt = Date.now()
  const { pid, port } = gateway
  const idle = await settledConnections(pid, port, ({ clients }) => clients === 0)
  await sims.stop()
  const last = await settledConnections(pid, port, ({ clients, providers }) => clients + providers === 0)
  const process = { inFlight: status.inFlight, ledgerLost: status.ledger.lost, idle, last, ...memoryOf(pid) }
  const before = performance.now()
  gateway.signal('SIGTERM')
  const exit = await gateway.exited
  const stoppedInMs = performance.now() - before
  return {
    seed,
    report,
    keys,
    receipts: await receiptsIn(gateway.dataDir),
    received: sims.received(),
    misled: sims.elsewhere.requests().length,
    views,
    metrics,
    process,
    exit,
    stoppedInMs,
    log: gateway.stdout() + gateway.stderr(),
    readAt,
    clean: async () => removeHome(home),
  }
}

/** A port nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise(done => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** The configuration changes while calls run: to a good one, to one that is refused, and to a good one again. */
async function keepReloading(gateway: Gateway, sims: StormSims, gonePort: number): Promise<void> {
  await sims.reached(300)
  gateway.configure(stormConfig(sims.sims, gonePort, 1))
  await gateway.said(/configuration was reloaded/)
  await sims.reached(600)
  gateway.configure('{ routes: { broken: {} } }')
  await gateway.said(/was not reloaded/)
  await sims.reached(900)
  gateway.configure(stormConfig(sims.sims, gonePort, 2))
  await gateway.said(/configuration was reloaded[\s\S]*configuration was reloaded/)
}

async function runClients(home: string, orders: Orders): Promise<Report> {
  const files = [join(home, 'orders.json'), join(home, 'report.json')] as const
  writeFileSync(files[0], JSON.stringify(orders))
  const program = fileURLToPath(new URL('storm-load.ts', import.meta.url))
  const child = Bun.spawn([process.execPath, program, ...files], { stdout: 'inherit', stderr: 'inherit' })
  const code = await child.exited
  if (code !== 0) throw new Error(`the clients ended with ${code}`)
  return JSON.parse(readFileSync(files[1], 'utf8')) as Report
}

/** The gateway's own state once no call runs and the ledger has written all. */
async function idleStatus(gateway: Gateway, admin: string) {
  for (;;) {
    const response = await gateway.fetch('/candor/status', { headers: adminHeaders(admin) })
    const status = (await response.json()) as {
      readonly inFlight: number
      readonly ledger: { readonly queued: number; readonly lost: number }
    }
    if (status.inFlight === 0 && status.ledger.queued === 0) return status
  }
}

async function receiptsIn(dataDir: string): Promise<readonly Receipt[]> {
  const opened = openLedgerReader(dataDir)
  if (!opened.ok) throw new Error(opened.refusal.what)
  const { reader } = opened
  const found: Receipt[] = []
  for (;;) {
    const last = found.at(-1)?.id
    const page = await reader.list({ limit: LIST_LIMIT_MAX, ...(last === undefined ? {} : { before: last }) })
    found.push(...page)
    if (page.length < LIST_LIMIT_MAX) break
  }
  reader.close()
  return found.reverse()
}
