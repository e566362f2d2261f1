import { afterEach, describe, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import type { JsonObject } from '../../src/base/json-value.ts'
import { type Sim, startSim } from '../../src/sim/start-sim.ts'
import { call, requestBytes, user } from './calls.ts'
import { openWaitingClock } from './waiting-clock.ts'

const CHAT = '/v1/chat/completions'
let sim: Sim | undefined
afterEach(async () => {
  await sim?.stop()
})

function body(text: string, stream = true): JsonObject {
  return { model: 'gpt-4.1', messages: user(text), stream }
}

/** Opens a connection, sends a chat request and gives the bytes as they come. */
function open(to: Sim, text: string): { readonly socket: Socket; received(): string; firstBytes: Promise<void> } {
  let received = ''
  const socket = connect(to.port, '127.0.0.1', () => socket.write(requestBytes(to, CHAT, body(text))))
  const firstBytes = new Promise<void>(resolve => {
    socket.on('data', bytes => {
      received += bytes.toString()
      resolve()
    })
  })
  return { socket, received: () => received, firstBytes }
}

describe('silence', () => {
  test('delay: nothing comes before the time is over', async () => {
    const clock = openWaitingClock()
    sim = await startSim({ kind: 'openai', clock, fault: 'delay=5000' })
    let answered = false
    const answer = call(sim, 'POST', CHAT, body('x', false)).then(found => {
      answered = true
      return found
    })
    expect(await clock.waiting()).toBe(5000)
    expect(answered).toBe(false)
    clock.letGo()
    expect((await answer).status).toBe(200)
  })
  test('stall: events, silence, the rest', async () => {
    const clock = openWaitingClock()
    sim = await startSim({ kind: 'openai', clock, fault: 'stall=700;after=2' })
    const client = open(sim, 'x')
    const closed = new Promise(resolve => client.socket.on('close', resolve))
    await client.firstBytes
    expect(await clock.waiting()).toBe(700)
    expect(client.received().split('data: ').length - 1).toBeLessThanOrEqual(2)
    clock.letGo()
    await closed
    expect(client.received()).toContain('[DONE]')
  })
  test('drip: a pause behind every byte', async () => {
    const clock = openWaitingClock()
    sim = await startSim({ kind: 'openai', clock, fault: 'drip=9' })
    const client = open(sim, 'x')
    await client.firstBytes
    expect(await clock.waiting()).toBe(9)
    clock.letGo()
    expect(await clock.waiting()).toBe(9)
    client.socket.destroy()
    await sim.when(requests => requests[0]?.aborted === true)
  })
  test('a pace of the server and one of the request', async () => {
    const clock = openWaitingClock()
    sim = await startSim({ kind: 'openai', clock, paceMs: 30 })
    const byServer = open(sim, 'x')
    expect(await clock.waiting()).toBe(30)
    byServer.socket.destroy()
    await sim.when(requests => requests[0]?.aborted === true)
    const byRequest = open(sim, '[[pace 40]] x')
    expect(await clock.waiting()).toBe(40)
    byRequest.socket.destroy()
    await sim.when(requests => requests[1]?.aborted === true)
  })
})

describe('a client that leaves', () => {
  const table: readonly [string, string | undefined, string][] = [
    ['before the first byte', 'delay=never', 'x'],
    ['behind the headers', 'stall=never;after=0', 'x'],
    ['in a stalled stream', 'stall', 'x'],
    ['in a paced stream', undefined, '[[long 100000]] [[pace 5]]'],
    ['in the middle of a flood it does not read', undefined, '[[long 900000]]'],
  ]
  test.each(table)('%s: the answer stops and the time is noted', async (_, fault, text) => {
    sim = await startSim({ kind: 'openai', ...(fault === undefined ? {} : { fault }) })
    const client = open(sim, text)
    await sim.when(requests => requests.length === 1)
    if (fault !== 'delay=never') await client.firstBytes
    client.socket.pause()
    expect(sim.requests()[0]).toMatchObject({ aborted: false })
    const leftAtMs = performance.now()
    client.socket.destroy()
    await sim.when(requests => requests[0]?.aborted === true)
    const [request] = sim.requests()
    expect(request?.answeredAtMs).toBeUndefined()
    expect((request?.abortedAtMs ?? 0) - leftAtMs).toBeLessThan(100)
  })
  test('that used fetch', async () => {
    sim = await startSim({ kind: 'openai', fault: 'stall' })
    const abort = new AbortController()
    const response = await fetch(sim.origin + CHAT, {
      method: 'POST',
      headers: { authorization: `Bearer ${sim.key}` },
      body: JSON.stringify(body('x')),
      signal: abort.signal,
    })
    await response.body?.getReader().read()
    const leftAtMs = performance.now()
    abort.abort()
    await sim.when(requests => requests[0]?.aborted === true)
    expect((sim.requests()[0]?.abortedAtMs ?? 0) - leftAtMs).toBeLessThan(100)
  })
  test('one that reads nothing holds the flood back, and the others are served', async () => {
    sim = await startSim({ kind: 'openai' })
    const client = open(sim, '[[long 900000]]')
    await client.firstBytes
    client.socket.pause()
    expect((await call(sim, 'POST', CHAT, body('x', false))).status).toBe(200)
    expect(sim.requests()[0]).toMatchObject({ aborted: false })
    expect(sim.requests()[0]?.answeredAtMs).toBeUndefined()
    client.socket.destroy()
  })
  test('one that stays is no departure', async () => {
    sim = await startSim({ kind: 'openai' })
    await call(sim, 'POST', CHAT, body('x'))
    await sim.when(requests => requests[0]?.answeredAtMs !== undefined)
    expect(sim.requests()[0]?.aborted).toBe(false)
  })
})
