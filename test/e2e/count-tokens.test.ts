import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Client, call, messagesClient, noteOf } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, refOf, simOf, simulate } from './providers.ts'

const COUNT: Client = { ...messagesClient, path: () => '/v1/messages/count_tokens' }
const counting = (model: string, content: string) => ({ model, messages: [{ role: 'user', content }] })

let anthropic: Sim
let others: readonly Sim[]
let gateway: Gateway

beforeAll(async () => {
  anthropic = await simulate('anthropic')
  others = await Promise.all([simulate('openai'), simulate('kimi-coding'), simulate('moonshot')])
  gateway = await startGateway({ config: configOf([anthropic, ...others]) })
})
beforeEach(() => {
  for (const sim of [anthropic, ...others]) sim.clear()
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([anthropic, ...others].map(sim => sim.stop()))
})

describe('POST /v1/messages/count_tokens', () => {
  test('asks the provider that counts, with the client’s own bytes', async () => {
    const got = await call(gateway, COUNT, counting(refOf(anthropic), 'one two three'))
    expect(got.status).toBe(200)
    expect(got.json().input_tokens).toBe(3)
    expect(anthropic.requests().map(({ path, body }) => ({ path, body }))).toEqual([
      { path: '/v1/messages/count_tokens', body: JSON.stringify(counting(anthropic.model, 'one two three')) },
    ])
    expect(got.receipt).toMatchObject({ operation: 'count-tokens', ending: 'complete', assumptions: [] })
    expect(got.receipt.attempts).toHaveLength(1)
  })

  test.each(['openai', 'kimi-coding', 'moonshot'])(
    '%s has no such call: Candor estimates, says so, and sends nothing',
    async kind => {
      const sim = simOf(others, kind)
      const short = await call(gateway, COUNT, counting(refOf(sim), 'hello'))
      const long = await call(gateway, COUNT, counting(refOf(sim), 'hello '.repeat(1_000)))
      expect([short.status, long.status]).toEqual([200, 200])
      expect(Number(long.json().input_tokens)).toBeGreaterThan(100 * Number(short.json().input_tokens))
      expect(long.text).toMatch(/estimate/i)
      expect(sim.requests()).toEqual([])
      expect(long.receipt).toMatchObject({ operation: 'count-tokens', ending: 'complete', attempts: [] })
      expect(long.receipt.assumptions[0]).toMatchObject({
        path: 'input_tokens',
        value: String(long.json().input_tokens),
      })
    },
  )

  test('the official client reads both', async () => {
    const client = new Anthropic({ apiKey: 'anything', baseURL: gateway.url, maxRetries: 0 })
    for (const model of [refOf(anthropic), 'openai/gpt-4.1']) {
      const { input_tokens } = await client.messages.countTokens({
        model,
        messages: [{ role: 'user', content: 'one two' }],
      })
      expect(input_tokens).toBeGreaterThan(0)
    }
  })

  test('refusals are as elsewhere', async () => {
    const unknown = await call(gateway, COUNT, counting('nobody/none', 'x'))
    expect([unknown.status, noteOf(unknown.json()).code]).toEqual([404, 'model_not_found'])
    anthropic.setFault('status=401')
    const refused = await call(gateway, COUNT, counting(refOf(anthropic), 'x'))
    anthropic.setFault(undefined)
    expect([refused.status, noteOf(refused.json()).code]).toEqual([401, 'invalid_key'])
    expect(refused.receipt).toMatchObject({ operation: 'count-tokens', ending: 'failed' })
  })
})
