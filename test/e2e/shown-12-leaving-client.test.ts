import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { systemClock } from '../../src/base/clock.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, type Client, chatClient, messagesClient, post } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, refOf, simOf, simulate } from './providers.ts'

/** More than an answer gets to before its client leaves. */
const TOKENS = 50_000
/** How soon a provider must know that nobody listens any more. */
const CANCEL_MS_MAX = 100

/** Between them they speak every protocol. */
const KINDS = ['openai', 'anthropic', 'google'] as const

let sims: readonly Sim[]
let gateway: Gateway

beforeAll(async () => {
  sims = await Promise.all(KINDS.map(kind => simulate(kind)))
  gateway = await startGateway({ config: configOf(sims) })
})
beforeEach(() => {
  for (const sim of sims) sim.clear()
})
afterEach(() => {
  for (const sim of sims) sim.setFault(undefined)
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all(sims.map(sim => sim.stop()))
})

/** Milliseconds from `since` until the provider knew that its listener was gone. */
async function cancelledAfter(sim: Sim, since: number): Promise<number> {
  await sim.when(requests => requests.at(-1)?.aborted === true)
  return (sim.requests().at(-1)?.abortedAtMs ?? Number.NaN) - since
}

async function expectAbandoned(known: readonly string[]) {
  const receipt = await gateway.receiptThat(({ id, ending }) => !known.includes(id) && ending !== 'in-flight')
  expect(receipt).toMatchObject({ ending: 'abandoned' })
  expect(receipt.attempts).toHaveLength(1)
  expect(receipt.attempts[0]?.endedMs).toBeGreaterThan(0)
  return receipt
}

const knownIds = async () => (await gateway.receipts()).map(receipt => receipt.id)

/** Leaves as soon as the first bytes of the answer are there. */
async function leaveMidStream(client: Client, sim: Sim): Promise<number> {
  const leaving = new AbortController()
  const body = client.body(refOf(sim), '[[long 100000]] [[pace 5]]', { stream: true, ...client.limit(TOKENS) })
  const response = await post(gateway, client, body, { signal: leaving.signal })
  expect(response.status).toBe(200)
  const first = await response.body?.getReader().read()
  expect(first?.value?.length).toBeGreaterThan(0)
  const at = systemClock.monotonicMs()
  leaving.abort()
  return at
}

/** Leaves when the provider has the request and has said nothing yet. */
async function leaveInSilence(client: Client, sim: Sim, stream: boolean): Promise<number> {
  sim.setFault('delay=never')
  const leaving = new AbortController()
  const body = client.body(refOf(sim), 'x', { stream })
  const asked = post(gateway, client, body, { signal: leaving.signal })
  await sim.when(requests => requests.length > 0)
  const at = systemClock.monotonicMs()
  leaving.abort()
  await expect(asked).rejects.toThrow()
  return at
}

const lanes = CLIENTS.flatMap(client => KINDS.map(kind => ({ client, protocol: client.protocol, kind })))

describe('a client that leaves', () => {
  test.each(lanes)('in the middle of a stream, $protocol served by $kind', async ({ client, kind }) => {
    const known = await knownIds()
    const left = await leaveMidStream(client, simOf(sims, kind))
    expect(await cancelledAfter(simOf(sims, kind), left)).toBeLessThan(CANCEL_MS_MAX)
    const receipt = await expectAbandoned(known)
    expect(receipt.status).toBe(200)
    expect(receipt.replyBytes).toBeGreaterThan(0)
    expect(receipt.stopReason).toBeUndefined()
  })

  test.each(lanes.flatMap(lane => [true, false].map(stream => ({ ...lane, stream }))))(
    'before the first byte, $protocol served by $kind, stream $stream',
    async ({ client, kind, stream }) => {
      const known = await knownIds()
      const left = await leaveInSilence(client, simOf(sims, kind), stream)
      expect(await cancelledAfter(simOf(sims, kind), left)).toBeLessThan(CANCEL_MS_MAX)
      const receipt = await expectAbandoned(known)
      expect(receipt).toMatchObject({ status: 499, replyBytes: 0 })
    },
  )

  test('what such an answer cost is told as a lower bound, and counted as open', async () => {
    const known = await knownIds()
    await leaveMidStream(messagesClient, simOf(sims, 'anthropic'))
    const { cost, usage } = await expectAbandoned(known)
    // Anthropic tells the input with the first event.
    expect(usage?.input).toBeGreaterThan(0)
    expect(cost).toMatchObject({ type: 'unknown', reason: expect.stringContaining('cut off') })
    expect(cost.type === 'unknown' && cost.atLeastNanoUsd).toBeGreaterThan(0)
    const asked = await gateway.fetch('/candor/usage?by=provider')
    const { rows } = (await asked.json()) as {
      rows: readonly { group: string; calls: number; unpriced: number; usageUnknown: number }[]
    }
    const row = rows.find(({ group }) => group === 'anthropic')
    expect(row?.calls).toBeGreaterThan(0)
    expect([row?.unpriced, row?.usageUnknown]).toEqual([row?.calls, row?.calls])
  })

  test('in the middle of a whole reply', async () => {
    const sim = simOf(sims, 'openai')
    sim.setFault('stall=never;after=1')
    const known = await knownIds()
    const leaving = new AbortController()
    const client = chatClient
    const asked = post(gateway, client, client.body(refOf(sim), 'x'), { signal: leaving.signal })
    await sim.when(requests => requests.length > 0)
    const at = systemClock.monotonicMs()
    leaving.abort()
    await expect(asked).rejects.toThrow()
    expect(await cancelledAfter(sim, at)).toBeLessThan(CANCEL_MS_MAX)
    await expectAbandoned(known)
  })

  test('by a reset connection instead of an orderly end', async () => {
    const sim = simOf(sims, 'openai')
    const known = await knownIds()
    const body = JSON.stringify({
      model: refOf(sim),
      stream: true,
      messages: [{ role: 'user', content: '[[long 100000]] [[pace 5]]' }],
    })
    const socket = connect(gateway.port, '127.0.0.1')
    const { promise, resolve } = Promise.withResolvers<void>()
    socket.on('data', bytes => bytes.includes('data: ') && resolve())
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${gateway.port}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await promise
    const at = systemClock.monotonicMs()
    socket.resetAndDestroy()
    expect(await cancelledAfter(sim, at)).toBeLessThan(CANCEL_MS_MAX)
    await expectAbandoned(known)
  })
})
