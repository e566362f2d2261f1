import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, call, noteOf } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'

/** Keys as each service hands them out. */
const KIMI_KEY = 'sk-kimi-0123456789abcdefghijklmnop'
const MOONSHOT_KEY = 'sk-0123456789abcdefghijklmnopqrstuv'

let kimi: Sim
let moonshot: Sim
let gateway: Gateway

beforeAll(async () => {
  kimi = await simulate('kimi-coding')
  moonshot = await simulate('moonshot')
  // Each has the other's key.
  const providers = { 'kimi-coding': entryOf(kimi, MOONSHOT_KEY), moonshot: entryOf(moonshot, KIMI_KEY) }
  gateway = await startGateway({ config: { models: { providers } } })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([kimi.stop(), moonshot.stop()])
})

const cases = [
  { model: 'kimi-coding/k2p5', right: 'moonshot' },
  { model: 'moonshot/kimi-k2.7-code', right: 'kimi-coding' },
].flatMap(row =>
  CLIENTS.map(client => ({
    ...row,
    client,
    protocol: client.protocol,
  })),
)

describe('a key of the sibling service', () => {
  test.each(cases)('$model over $protocol: the answer names $right', async ({ model, right, client }) => {
    const got = await call(gateway, client, client.body(model, 'hello'))
    expect(got.status).toBe(401)
    const note = noteOf(got.json())
    expect(note.code).toBe('wrong_service_key')
    expect(note.what).toContain(`"${right}"`)
    expect(note.fix[0]).toContain(`models.providers.${right}`)
    expect(got.receipt).toMatchObject({ ending: 'failed', problem: { code: 'wrong_service_key' } })
  })
})
