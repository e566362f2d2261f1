import { afterAll, describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { openCoarseTimers } from '../../src/base/coarse-timers.ts'
import { openLatch } from '../../src/base/latch.ts'
import { Secret } from '../../src/base/secret.ts'
import { OWN_USER_AGENT } from '../../src/base/version.ts'
import type { QuotaEndpoint } from '../../src/catalog/provider.ts'
import { headerOf } from '../../src/sim/http-reader.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import type { ProviderSetup } from '../../src/upstream/provider-setup.ts'
import { quotaAsker } from '../../src/upstream/quota-ask.ts'
import { openQuotaBook } from '../../src/upstream/quota-book.ts'
import { credential, provider } from './quota-setup.ts'
import { startRaw } from './raw-server.ts'
import { plainNetwork, turnsUntil } from './sending.ts'

const network = plainNetwork()
const sim = await startSim({ kind: 'kimi-coding' })
afterAll(async () => {
  network.close()
  await sim.stop()
})

const ask = quotaAsker({ closing: openLatch(), clock: systemClock, timers: openCoarseTimers(systemClock), network })
const staying = new AbortController().signal

function asked(setup: ProviderSetup, key = sim.key, place: Partial<QuotaEndpoint> = {}, leaving = staying) {
  const quota = {
    url: `${setup.endpoints[0]?.origin}/coding/v1/usages`,
    method: 'GET',
    auth: 'bearer',
    ...place,
  } as const
  return ask(setup, credential({ key: new Secret(key) }), quota, leaving)
}

/** Answers every request with these bytes. */
const serving = (bytes: string) =>
  startRaw(async peer => {
    await peer.until(text => text.includes('\r\n\r\n'))
    peer.socket.end(bytes)
  })

describe('what it sends', () => {
  test.each([
    ['bearer', 'Bearer sk-kimi-sim-valid', {}, OWN_USER_AGENT],
    ['raw', 'sk-kimi-sim-valid', {}, OWN_USER_AGENT],
    ['bearer', 'Bearer sk-kimi-sim-valid', { 'User-Agent': 'my-agent/1.0', 'X-Team': 'red' }, 'my-agent/1.0'],
    ['bearer', 'Basic own', { Authorization: 'Basic own' }, OWN_USER_AGENT],
  ] as const)('key %s', async (auth, authorization, headers, agent) => {
    sim.clear()
    await asked(provider(sim.origin, { headers }), sim.key, { auth })
    const [request] = sim.requests()
    expect(`${request?.method} ${request?.path}`).toBe('GET /coding/v1/usages')
    expect(request?.body).toBe('')
    const header = (name: string) => headerOf(request?.headers ?? [], name)
    expect([header('authorization'), header('user-agent')]).toEqual([authorization, agent])
    expect([header('x-team'), header('x-api-key')]).toEqual(['X-Team' in headers ? 'red' : undefined, undefined])
  })

  test('nothing, and no key, to where no call goes', async () => {
    const other = await serving('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
    for (const url of [`${other.origin}/coding/v1/usages`, `${sim.origin}.example/usages`]) {
      expect(await asked(provider(sim.origin), sim.key, { url })).toEqual({
        ok: false,
        fault: 'its quota endpoint is not where its calls go',
      })
    }
    expect(other.peers).toHaveLength(0)
    await other.stop()
  })
})

describe('what it gets', () => {
  test('the text of the answer', async () => {
    const answer = await asked(provider(sim.origin))
    expect(answer.ok && JSON.parse(answer.text)).toMatchObject({ usage: { limit: '2048', remaining: '1536' } })
  })

  test("the provider's own words for a refusal", async () => {
    expect(await asked(provider(sim.origin), 'sk-kimi-sim-invalid')).toEqual({
      ok: false,
      fault:
        'it answered 401: The API Key appears to be invalid or may have expired. Please verify your credentials and try again.',
    })
  })

  const head = (status: string, length: number, more = '') =>
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${more}\r\n`
  const quoting = '{"message":"the key own-secret-key-of-mine and sk-abcdefghijklmnop are bad"}'

  test.each([
    [
      head('302 Found', 0, 'location: https://elsewhere.example/\r\n'),
      'it answered 302, a redirect, which is not followed',
    ],
    [head('200 OK', 300_000) + 'x'.repeat(300_000), 'the answer has more than 256 KiB'],
    [head('200 OK', 50), 'the connection was closed by the other side'],
    [head('503 No', 0), 'it answered 503'],
    [head('403 No', quoting.length) + quoting, 'it answered 403: the key •••• and •••• are bad'],
  ])('%#: a fault in words', async (bytes, fault) => {
    const server = await serving(bytes)
    expect(await asked(provider(server.origin), 'own-secret-key-of-mine')).toEqual({ ok: false, fault })
    await server.stop()
  })

  test('nothing where nobody listens', async () => {
    const server = await startRaw(() => {})
    await server.stop()
    expect(await asked(provider(server.origin))).toMatchObject({ fault: expect.stringContaining('refused') })
  })

  test('nothing once it is told to stop', async () => {
    const silent = await startRaw(() => {})
    const leaving = new AbortController()
    const answer = asked(provider(silent.origin), sim.key, {}, leaving.signal)
    await turnsUntil(() => silent.peers.length > 0)
    await silent.peers[0]?.until(text => text.includes('\r\n\r\n'))
    leaving.abort()
    expect(await answer).toEqual({ ok: false, fault: 'the gateway stopped asking' })
    await silent.stop()
  })
})

test('a book that asks a simulated provider', async () => {
  const book = openQuotaBook({ clock: systemClock, ask, pollMs: 300_000 })
  const key = new Secret('sk-kimi-sim-nearly-used-up')
  book.watch([provider(sim.origin, { credentials: [credential({ key })] })])
  await book.refresh()
  expect(book.views()).toMatchObject([
    {
      plan: 'LEVEL_INTERMEDIATE',
      windows: [
        { name: '5 hour', limit: 300, remaining: 12, remainingPercent: 4 },
        { name: 'weekly', limit: 2048, remaining: 1536, remainingPercent: 75 },
      ],
      stale: false,
    },
  ])
  expect(book.low('plan', 'default', 10)?.name).toBe('5 hour')
  book.close()
})
