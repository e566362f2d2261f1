import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, call, noteOf } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'

const KEY = 'sk-kimi-0123456789abcdefghijklmnop'

let kimi: Sim
let openai: Sim
let gateway: Gateway

beforeAll(async () => {
  kimi = await simulate('kimi-coding')
  openai = await simulate('openai')
  const models = [{ id: 'k2p5' }, { id: 'kimi-for-writing' }]
  const providers = { 'kimi-coding': { ...entryOf(kimi, KEY), models }, openai: entryOf(openai) }
  gateway = await startGateway({ config: { models: { default: 'openai/gpt-4.1', providers } } })
})
beforeEach(() => {
  kimi.clear()
  openai.clear()
  kimi.setKey(KEY, 'valid')
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([kimi.stop(), openai.stop()])
})

describe.each([...CLIENTS])('over $protocol', client => {
  const ask = (model: string) => call(gateway, client, client.body(model, 'hello'))

  test('a lapsed membership is plan_expired', async () => {
    kimi.setKey(KEY, 'lapsed')
    const got = await ask('kimi-coding/k2p5')
    expect(got.status).toBe(402)
    const note = noteOf(got.json())
    expect(note).toMatchObject({ code: 'plan_expired', upstream: { status: 402 } })
    expect(note.fix[0]).toContain('https://www.kimi.com/code/console')
    expect(got.receipt.problem?.code).toBe('plan_expired')
  })

  test.each([
    { model: 'kimi-coding/kimi-for-codin', near: 'kimi-coding/kimi-for-coding' },
    { model: 'kimi-coding/k2p55', near: 'kimi-coding/k2p5' },
    { model: 'gpt-4.1-minni', near: 'gpt-4.1-mini' },
  ])('the unknown model $model is model_not_found, with $near', async ({ model, near }) => {
    const got = await ask(model)
    expect(got.status).toBe(404)
    const note = noteOf(got.json())
    expect(note.code).toBe('model_not_found')
    expect(note.candidates).toContain(near)
    expect(note.fix[0]).toContain(`"${near}"`)
    expect(got.headers.get('candor-attempts')).toBe('0')
    expect(got.headers.has('candor-model')).toBe(false)
    expect([...kimi.requests(), ...openai.requests()]).toEqual([])
    expect(got.receipt).toMatchObject({ ending: 'failed', status: 404, attempts: [], requestedModel: model })
  })

  test('a model outside the plan is model_not_in_plan, though the provider says 401', async () => {
    kimi.setKey(KEY, 'low-tier')
    const got = await ask('kimi-coding/k3')
    expect(got.status).toBe(403)
    const note = noteOf(got.json())
    expect(note).toMatchObject({ code: 'model_not_in_plan', model: 'k3', upstream: { status: 401 } })
    expect(note.fix.join(' ')).toContain('upgrade the plan')
    expect(openai.requests()).toEqual([])
  })

  test('a model only the provider does not know is upstream_model_not_found', async () => {
    const got = await ask('kimi-coding/kimi-for-writing')
    expect(got.status).toBe(404)
    const note = noteOf(got.json())
    expect(note).toMatchObject({
      code: 'upstream_model_not_found',
      model: 'kimi-for-writing',
      upstream: { status: 404 },
    })
    expect(note.candidates).toContain('kimi-coding/kimi-for-coding')
    expect(note.fix.join(' ')).toContain('candor models kimi-coding')
  })
})
