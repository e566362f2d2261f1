// The clients of the storm, in a process of their own: when it has ended, none of their sockets is left. Reads its orders from the file named
// first, and writes what the clients saw to the one named second.
import { readFileSync, writeFileSync } from 'node:fs'
import { callOnce, type Seen } from './storm-call.ts'
import { adminHeaders, keyViews, type MadeStormKey } from './storm-keys.ts'
import { partOf, type Random } from './storm-random.ts'

/** What the clients are to do. */
export interface Orders {
  readonly url: string
  readonly admin: string
  readonly seed: number
  readonly clients: number
  /** How long they go on making calls, in milliseconds. */
  readonly ms: number
  readonly names: readonly string[]
  readonly keys: readonly MadeStormKey[]
}

/** What they saw. */
export interface Report {
  readonly calls: readonly Seen[]
  /** The most that a budget was seen to have used, by key and budget: dollars or tokens. */
  readonly mostUsed: readonly {
    readonly key: string
    readonly budget: string
    readonly most: number
    readonly used: number
  }[]
}

/** A key in the hands of the clients. */
interface HeldKey extends MadeStormKey {
  calls: number
  /** Refused from this moment on, milliseconds since 1970. */
  endedAt?: number
}

const [ordersFile = '', reportFile = ''] = process.argv.slice(2)
const orders = JSON.parse(readFileSync(ordersFile, 'utf8')) as Orders
const held: HeldKey[] = orders.keys.map(key => ({ ...key, calls: 0 }))
const deadline = performance.now() + orders.ms
const calls: Seen[] = []
const mostUsed = new Map<string, Report['mostUsed'][number]>()
const clients = Array.from({ length: orders.clients }, (_, client) => beClient(client))
await Promise.all([...clients, watchBudgets()])
const report: Report = { calls, mostUsed: [...mostUsed.values()] }
writeFileSync(reportFile, JSON.stringify(report))
process.exit(0)

async function beClient(client: number): Promise<void> {
  const random = partOf(orders.seed, client)
  for (let turn = 0; performance.now() < deadline; turn += 1) {
    const key = keyFor(random)
    key.calls += 1
    const withdrawn = key.endsAfter !== undefined && key.calls === key.endsAfter.calls ? withdraw(key) : undefined
    const seen = await callOnce({ url: orders.url, tag: `c${client}-${turn}`, key, random, names: orders.names })
    calls.push(seen)
    await withdrawn
  }
}

function keyFor(random: Random): HeldKey {
  let at = random.below(held.reduce((sum, key) => sum + key.share, 0))
  for (const key of held) {
    at -= key.share
    if (at < 0) return key
  }
  throw new Error('no key')
}

async function withdraw(key: HeldKey): Promise<void> {
  const how = key.endsAfter?.by ?? 'revoke'
  const path = `${orders.url}/candor/keys/${key.id}/${how}`
  const response = await fetch(path, { method: 'POST', headers: adminHeaders(orders.admin) })
  if (response.status !== 200) throw new Error(await response.text())
  key.endedAt = Date.now()
}

/** Looks at the budgets again and again while the storm lasts. */
async function watchBudgets(): Promise<void> {
  while (performance.now() < deadline) {
    for (const { name, budgets } of await keyViews(orders.url, orders.admin)) {
      for (const { unit, period, kind, most, used } of budgets) {
        const budget = `${unit} ${period} ${kind}`
        const before = mostUsed.get(`${name} ${budget}`)?.used ?? 0
        if (used >= before) mostUsed.set(`${name} ${budget}`, { key: name, budget, most, used })
      }
    }
  }
}
