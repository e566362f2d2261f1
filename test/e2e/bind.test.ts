import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, call, noteOf, post, written } from './clients.ts'
import { type Gateway, removeHome, runCandor, startGateway, temporaryHome } from './harness.ts'
import { configOf, refOf, simulate } from './providers.ts'

const KEY = 'cnd_0123456789abcdef'
const OTHER_KEY = 'cnd_fedcba9876543210'

let openai: Sim
let plain: Gateway
let guarded: Gateway

beforeAll(async () => {
  openai = await simulate('openai')
  plain = await startGateway({ config: configOf([openai]) })
  guarded = await startGateway({ key: KEY, config: configOf([openai], { keys: [KEY, OTHER_KEY] }) })
})
afterAll(async () => {
  await Promise.all([plain.stop(), guarded.stop()])
  await openai.stop()
})

/** Whether a connection to this address and port can be opened. */
function connects(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** This machine's addresses but 127.0.0.1: 127.0.0.2 is one on Linux. */
function otherAddresses(): readonly string[] {
  const own = Object.values(networkInterfaces()).flatMap(list =>
    (list ?? []).filter(each => !each.internal).map(each => each.address),
  )
  return [...own, '::1', ...(process.platform === 'linux' ? ['127.0.0.2'] : [])]
}

describe('the address', () => {
  test('is 127.0.0.1 alone', async () => {
    expect(plain.url).toBe(`http://127.0.0.1:${plain.port}`)
    expect(await connects('127.0.0.1', plain.port)).toBe(true)
    for (const address of otherAddresses()) expect(await connects(address, plain.port), address).toBe(false)
  })

  test('as the system tells it', () => {
    const asked = spawnSync('ss', ['-Hltn', `sport = :${plain.port}`], { encoding: 'utf8' })
    const told = asked.status === 0 ? asked.stdout.trim().split(/\s+/)[3] : `127.0.0.1:${plain.port}`
    expect(told).toBe(`127.0.0.1:${plain.port}`)
  })

  test.each(['0.0.0.0', '::', '10.1.2.3'])(
    '%s is refused without keys, from the configuration and from the command line',
    async host => {
      for (const way of ['configuration', 'argument']) {
        const home = temporaryHome()
        const file = join(home, 'candor.json5')
        writeFileSync(file, JSON.stringify(way === 'argument' ? {} : { gateway: { host } }), { mode: 0o600 })
        const args = ['serve', '--port', '0', '--config', file, ...(way === 'argument' ? ['--host', host] : [])]
        const serve = runCandor(args, { home })
        expect((await serve.exited).code, way).toBe(2)
        expect(serve.stderr()).toContain(`would listen on ${host}`)
        expect(serve.stderr()).toContain('fix: set gateway.keys')
        removeHome(home)
      }
    },
  )

  test('with keys any address may be listened on, and Host still counts', async () => {
    const open = await startGateway({
      key: KEY,
      args: ['--host', '0.0.0.0'],
      config: configOf([openai], { keys: [KEY] }),
    })
    const at = `http://127.0.0.1:${open.port}`
    expect((await fetch(`${at}/v1/models`)).status).toBe(401)
    expect((await fetch(`${at}/v1/models`, { headers: { authorization: `Bearer ${KEY}` } })).status).toBe(200)
    expect(
      (await fetch(`${at}/v1/models`, { headers: { authorization: `Bearer ${KEY}`, host: 'evil.example' } })).status,
    ).toBe(403)
    open.signal('SIGTERM')
    expect((await open.exited).code).toBe(0)
    removeHome(open.home)
  })

  test('a port that is taken is an error, never a reason for another one', async () => {
    const home = temporaryHome()
    const serve = runCandor(['serve', '--port', String(plain.port)], { home })
    expect((await serve.exited).code).toBe(69)
    expect(serve.stderr()).toContain('is taken by another program')
    removeHome(home)
  })
})

const CARRIERS: readonly { carrier: string; carry(key: string): { headers: Record<string, string>; query: string } }[] =
  [
    { carrier: 'authorization', carry: key => ({ headers: { authorization: `Bearer ${key}` }, query: '' }) },
    { carrier: 'x-api-key', carry: key => ({ headers: { 'x-api-key': key }, query: '' }) },
    { carrier: 'x-goog-api-key', carry: key => ({ headers: { 'x-goog-api-key': key }, query: '' }) },
    { carrier: '?key=', carry: key => ({ headers: {}, query: `?key=${key}` }) },
  ]

const doors = [
  ...CLIENTS.map(client => ({ ...written(client, client.body('openai/gpt-4.1', 'x')), method: 'POST' })),
  { path: '/v1/models', method: 'GET', body: null },
  { path: '/candor/receipts', method: 'GET', body: null },
  { path: '/candor/status', method: 'GET', body: null },
]

describe('with keys', () => {
  const knock = (door: (typeof doors)[number], headers: Record<string, string>, query = '') =>
    guarded.fetch(door.path + query, {
      method: door.method,
      body: door.body,
      headers: { 'content-type': 'application/json', ...headers },
    })

  test.each(doors)('$path asks for one on every carrier', async door => {
    const nobody = await knock(door, {})
    expect(nobody.status).toBe(401)
    expect((await nobody.json()) as object).toMatchObject({ error: { candor: { code: 'unauthorized' } } })
    for (const { carrier, carry } of CARRIERS) {
      for (const key of [KEY, OTHER_KEY]) {
        const { headers, query } = carry(key)
        expect((await knock(door, headers, query)).status, carrier).toBe(200)
      }
      for (const wrong of [`${KEY}x`, KEY.slice(0, -1), KEY.toUpperCase(), openai.key]) {
        const { headers, query } = carry(wrong)
        expect((await knock(door, headers, query)).status, carrier).toBe(401)
      }
    }
  })

  test.each(doors)('$path: two carriers with different keys are refused, with the same one not', async door => {
    const both = await knock(door, { authorization: `Bearer ${KEY}`, 'x-api-key': OTHER_KEY })
    expect(both.status).toBe(400)
    expect((await both.json()) as object).toMatchObject({ error: { candor: { code: 'bad_request' } } })
    const header = await knock(door, { authorization: `Bearer ${KEY}` }, `?key=${OTHER_KEY}`)
    expect(header.status).toBe(400)
    const same = await knock(door, { authorization: `Bearer ${KEY}`, 'x-api-key': KEY }, `?key=${KEY}`)
    expect(same.status).toBe(200)
  })

  test('nothing is sent on for a wrong key, and the refusal has its receipt', async () => {
    openai.clear()
    for (const client of CLIENTS) {
      const got = await call(guarded, client, client.body(refOf(openai), 'x'), {
        authorization: 'Bearer cnd_wrong-wrong-wrong',
      })
      expect(noteOf(got.json()).code).toBe('unauthorized')
      expect(got.receipt.problem?.code).toBe('unauthorized')
    }
    expect(openai.requests()).toEqual([])
  })

  test('only the health checks and the pages that say nothing are open', async () => {
    const open = ['/livez', '/readyz', '/candor/problems', '/candor/openapi.json', '/']
    for (const path of open) expect((await guarded.fetch(path)).status, path).toBe(200)
    for (const path of ['/candor/providers', '/candor/receipts/x', '/v1/models/openai/gpt-4.1'])
      expect((await guarded.fetch(path)).status, path).toBe(401)
  })
})

test('without keys on this machine any key or none is taken', async () => {
  for (const { carry } of CARRIERS) {
    const { headers } = carry('whatever-the-client-has')
    for (const client of CLIENTS)
      expect((await post(plain, client, client.body(refOf(openai), 'x'), { headers })).status).toBe(200)
  }
})
