import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, chatClient, post } from './clients.ts'
import { type Gateway, removeHome, startGateway, temporaryHome } from './harness.ts'
import { configOf, refOf, simulate } from './providers.ts'

const ROUNDS = 8
/** Calls that go on side by side while the kill comes. */
const CALLERS = 4
const ENDLESS = 3
/** Read of each endless stream, one every 5 ms: a call's first row is written 20 ms after its begin. */
const PIECES = 12

let sims: readonly Sim[]
let home: string
let gateway: Gateway | undefined

beforeAll(async () => {
  sims = await Promise.all([simulate('openai'), simulate('anthropic')])
  home = temporaryHome()
})
afterAll(async () => {
  await gateway?.stop()
  await Promise.all(sims.map(sim => sim.stop()))
  removeHome(home)
})

/** What the clients of one round saw. */
interface Seen {
  readonly complete: Set<string>
  readonly running: Set<string>
  /** Held: a reader nobody holds is collected, and its call abandoned. */
  readonly readers: unknown[]
}

/** Makes calls one after the other until the gateway is gone. What was read to its end counts as seen. */
async function keepCalling(at: Gateway, seen: Seen, turn: number, progress: () => void): Promise<void> {
  for (let count = turn; ; count += 1) {
    const client = CLIENTS[count % CLIENTS.length]
    const sim = sims[Math.floor(count / CLIENTS.length) % 2]
    if (client === undefined || sim === undefined) throw new Error('no client')
    try {
      const response = await post(at, client, client.body(refOf(sim), 'x', { stream: count % 3 === 0 }))
      const text = await response.text()
      // Only the protocol's own ending shows that a stream is whole.
      const whole = count % 3 === 0 ? client.ended.test(text) : text.endsWith('}')
      if (whole) seen.complete.add(response.headers.get('candor-request-id') ?? '')
      progress()
    } catch {
      return
    }
  }
}

async function openEndless(at: Gateway, seen: Seen): Promise<void> {
  for (let count = 0; count < ENDLESS; count += 1) {
    const sim = sims[count % 2]
    if (sim === undefined) throw new Error('no provider')
    const body = chatClient.body(refOf(sim), '[[long 100000]] [[pace 5]]', { stream: true, max_tokens: 200_000 })
    const response = await post(at, chatClient, body)
    const reader = response.body?.getReader()
    seen.readers.push(reader)
    for (let piece = 0; piece < PIECES; piece += 1) await reader?.read()
    seen.running.add(response.headers.get('candor-request-id') ?? '')
  }
}

/** Kills the gateway when its clients have seen this many complete answers. */
async function killAfter(at: Gateway, answers: number): Promise<Seen> {
  const seen: Seen = { complete: new Set(), running: new Set(), readers: [] }
  await openEndless(at, seen)
  const { promise: enough, resolve } = Promise.withResolvers<void>()
  const callers = Array.from({ length: CALLERS }, (_, turn) =>
    keepCalling(at, seen, turn, () => seen.complete.size >= answers && resolve()),
  )
  await enough
  await at.kill9()
  await Promise.all(callers)
  return seen
}

describe('kill -9', () => {
  test('no call a client saw complete is missing, and what was running reads interrupted', async () => {
    gateway = await startGateway({ home, config: configOf(sims) })
    for (let round = 0; round < ROUNDS; round += 1) {
      const seen = await killAfter(gateway, 3 + round * 9)
      gateway = await startGateway({ home, config: configOf(sims) })
      const [, count] = await gateway.said(/(\d+) calls were running when Candor last stopped/)
      expect(Number(count)).toBeGreaterThanOrEqual(ENDLESS)
      expect(seen.complete.size).toBeGreaterThanOrEqual(3 + round * 9)
      for (const id of seen.complete)
        expect((await gateway.receipt(id)).ending, `seen complete, round ${round}`).toBe('complete')
      for (const id of seen.running) {
        expect(await gateway.receipt(id)).toMatchObject({
          ending: 'interrupted',
          totalUnknown: true,
          cost: { type: 'unknown' },
        })
      }
      expect((await gateway.receipts(500)).filter(receipt => receipt.ending === 'in-flight')).toEqual([])
    }
    await gateway.stop()
    gateway = undefined
    const ledger = new Database(join(home, 'data', 'ledger.sqlite'), { readonly: true })
    expect(ledger.query('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    ledger.close()
  }, 60_000)
})
