import { afterEach, describe, expect, test } from 'bun:test'
import { openLedgerReader } from '../../src/ledger/open.ts'
import { type Sim, startSim } from '../../src/sim/start-sim.ts'
import { CLIENTS, type Client, chatClient, eventsIn, noteOf, parse, post } from './clients.ts'
import { type Gateway, removeHome, startGateway, temporaryHome } from './harness.ts'
import { configOf, refOf } from './providers.ts'
import { openRaw, requestText } from './raw-http.ts'

const open: { stop(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop()
})

async function start(drainMs: number, launcher = false): Promise<{ sim: Sim; gateway: Gateway; home: string }> {
  const home = temporaryHome()
  const sim = await startSim({ kind: 'openai' })
  const gateway = await startGateway({ home, launcher, config: configOf([sim], { drainMs }) })
  open.push(gateway, sim, { stop: async () => removeHome(home) })
  return { sim, gateway, home }
}

const streamBody = (client: Client, sim: Sim, text: string) =>
  client.body(refOf(sim), text, { stream: true, ...client.limit(1_000_000) })

/** The receipts in the data folder, read as another program would. */
async function receiptsIn(dataDir: string) {
  const opened = openLedgerReader(dataDir)
  if (!opened.ok) throw new Error(opened.refusal.what)
  const receipts = await opened.reader.list({ limit: 50 })
  opened.reader.close()
  return receipts
}

/** A call that has been answered as far as its first bytes. */
async function begin(gateway: Gateway, client: Client, body: object) {
  const response = await post(gateway, client, body)
  const reader = response.body?.getReader()
  const first = await reader?.read()
  const rest = async () => {
    let text = new TextDecoder().decode(first?.value)
    for (;;) {
      const piece = await reader?.read()
      if (piece === undefined || piece.done) return text
      text += new TextDecoder().decode(piece.value)
    }
  }
  return { response, rest }
}

describe.each([...CLIENTS])('SIGTERM, $protocol', client => {
  test('a stream that is short enough is finished; nothing new is taken; the exit code is 0', async () => {
    const { sim, gateway } = await start(20_000)
    const running = await begin(gateway, client, streamBody(client, sim, '[[long 30]] [[pace 10]]'))
    gateway.signal('SIGTERM')
    await gateway.said(/Stopping/)
    const text = await running.rest()
    expect(text).toMatch(client.ended)
    expect(client.streamText(eventsIn(text)).trim().split(' ')).toHaveLength(30)
    expect(await gateway.exited).toEqual({ code: 0, signal: null })
    const [receipt] = await receiptsIn(gateway.dataDir)
    expect(receipt).toMatchObject({ ending: 'complete' })
    expect(await fetch(`${gateway.url}/livez`).catch(() => 'refused')).toBe('refused')
  })

  test('an endless one gets a spoken ending when the time is over', async () => {
    const { sim, gateway } = await start(150)
    const running = await begin(gateway, client, streamBody(client, sim, '[[long 100000]] [[pace 5]]'))
    gateway.signal('SIGTERM')
    const text = await running.rest()
    const last = eventsIn(text).at(-1)
    const error = last === undefined ? undefined : client.errorIn(last)
    expect(error?.candor).toMatchObject({ code: 'draining' })
    expect(error?.candor.why).toContain('gateway.drainMs')
    expect(text).not.toMatch(client.ended)
    expect(text).not.toMatch(client.stopReason)
    expect(await gateway.exited).toEqual({ code: 0, signal: null })
    await sim.when(requests => requests[0]?.aborted === true)
    const [receipt] = await receiptsIn(gateway.dataDir)
    expect(receipt).toMatchObject({ ending: 'interrupted', problem: { code: 'draining' } })
  })

  test.each([true, false])('a call without its first byte is told too (stream %p)', async stream => {
    const { sim, gateway } = await start(100)
    sim.setFault('delay=never')
    const asked = post(gateway, client, client.body(refOf(sim), 'x', { stream }))
    await sim.when(requests => requests.length === 1)
    gateway.signal('SIGTERM')
    const response = await asked
    expect(response.status).toBe(503)
    expect(noteOf(parse(await response.text()))).toMatchObject({ code: 'draining' })
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await gateway.exited).toEqual({ code: 0, signal: null })
    const [receipt] = await receiptsIn(gateway.dataDir)
    expect(receipt).toMatchObject({ ending: 'interrupted', status: 503 })
  })
})

test('while it drains nobody new comes in, and the health checks of a balancer fail', async () => {
  const { sim, gateway } = await start(20_000)
  const client = chatClient
  const kept = openRaw(gateway.port)
  kept.write(requestText('GET /readyz', { host: `127.0.0.1:${gateway.port}`, connection: 'keep-alive' }))
  await kept.until(/"ready":true/)
  const running = await begin(gateway, client, streamBody(client, sim, '[[long 60]] [[pace 10]]'))
  gateway.signal('SIGTERM')
  await gateway.said(/1 call is still running/)
  expect(await kept.closed).not.toContain('"ready":false')
  const refused = await Promise.all(
    ['/readyz', '/livez', '/v1/models'].map(path => gateway.fetch(path).catch(() => 'refused')),
  )
  expect(refused).toEqual(['refused', 'refused', 'refused'])
  expect(await running.rest()).toContain('[DONE]')
  expect(await gateway.exited).toEqual({ code: 0, signal: null })
})

test('with nothing to wait for it stops at once, and its note is gone', async () => {
  const { gateway } = await start(20_000)
  gateway.signal('SIGTERM')
  expect(await gateway.exited).toEqual({ code: 0, signal: null })
  expect(gateway.stderr()).toContain('No call is running')
  expect(await Bun.file(`${gateway.dataDir}/gateway.json`).exists()).toBe(false)
})

test('through the launcher the signal and the exit code are the same', async () => {
  const { sim, gateway } = await start(150, true)
  const client = chatClient
  const running = await begin(gateway, client, streamBody(client, sim, '[[long 100000]] [[pace 5]]'))
  gateway.signal('SIGTERM')
  expect(await running.rest()).toContain('"code":"draining"')
  expect(await gateway.exited).toEqual({ code: 0, signal: null })
})

test('a second signal stops it at once', async () => {
  const { sim, gateway } = await start(60_000)
  const client = chatClient
  const running = await begin(gateway, client, streamBody(client, sim, '[[long 100000]] [[pace 5]]'))
  gateway.signal('SIGTERM')
  await gateway.said(/Once more to stop at once/)
  gateway.signal('SIGTERM')
  expect((await gateway.exited).code).toBe(143)
  await running.rest().catch(() => 'cut')
})
