import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, call, chatClient, noteOf } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, refOf, simulate } from './providers.ts'

let kimi: Sim
let openai: Sim
let gateways: Readonly<Record<string, Gateway>>

/** Keys Kimi Code does not know: one that has run out, one that never was. */
const KEYS = { expired: 'sk-kimi-sim-expired', wrong: 'sk-kimi-sim-invalid' }

beforeAll(async () => {
  kimi = await simulate('kimi-coding')
  openai = await simulate('openai')
  const started = Object.entries(KEYS).map(async ([name, key]) => {
    const providers = { 'kimi-coding': entryOf(kimi, key), openai: entryOf(openai) }
    const gateway = await startGateway({ config: { models: { default: refOf(openai), providers } } })
    return [name, gateway] as const
  })
  gateways = Object.fromEntries(await Promise.all(started))
})
beforeEach(() => {
  kimi.clear()
  openai.clear()
})
afterAll(async () => {
  await Promise.all(Object.values(gateways).map(gateway => gateway.stop()))
  await Promise.all([kimi.stop(), openai.stop()])
})

const cases = Object.keys(KEYS).flatMap(key =>
  CLIENTS.flatMap(client => [false, true].map(stream => ({ key, client, protocol: client.protocol, stream }))),
)

describe('a key the provider does not know', () => {
  test.each(cases)(
    '$key key, $protocol, stream $stream: 401, what to do, and nobody else is asked',
    async ({ key, client, stream }) => {
      const gateway = gateways[key]
      if (gateway === undefined) throw new Error('no gateway')
      const got = await call(gateway, client, client.body('kimi-coding/k2p5', 'hello', { stream }))
      expect(got.status).toBe(401)
      expect(got.headers.get('x-should-retry')).toBe('false')
      const body = got.json()
      expect(client.isEnvelope(body)).toBe(true)
      const note = noteOf(body)
      expect(note).toMatchObject({ code: 'invalid_key', provider: 'kimi-coding', model: 'kimi-for-coding' })
      expect(note.request_id).toBe(got.headers.get('candor-request-id') ?? '')
      expect(note.what).toContain('Kimi Code does not accept the key')
      expect(note.fix.join(' ')).toContain('candor doctor kimi-coding')
      expect(note.upstream).toMatchObject({ status: 401 })
      expect(note.upstream?.message).toContain('appears to be invalid or may have expired')
      expect(body.error?.message).toContain('Make a new key')
      expect(got.receipt).toMatchObject({ ending: 'failed', status: 401, problem: { code: 'invalid_key' } })
      expect(got.receipt.attempts).toHaveLength(1)
      expect(kimi.requests()).toHaveLength(1)
      expect(openai.requests()).toEqual([])
    },
  )

  test('the default model does work: it answers a request that names none', async () => {
    const gateway = gateways['expired']
    if (gateway === undefined) throw new Error('no gateway')
    const got = await call(gateway, chatClient, { messages: [{ role: 'user', content: 'hello' }] })
    expect(got.status).toBe(200)
    expect(got.headers.get('candor-model')).toBe(refOf(openai))
    expect(openai.requests()).toHaveLength(1)
  })
})
