import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { parse } from './clients.ts'
import { keyedGateway, keyWorld } from './keys-gateway.ts'
import { refOf } from './providers.ts'

let world: Awaited<ReturnType<typeof keyWorld>>
let at: Awaited<ReturnType<typeof keyedGateway>>

beforeAll(async () => {
  world = await keyWorld()
  at = await keyedGateway({ config: world.config })
})
afterAll(async () => {
  await at.gateway.stop()
  await world.stop()
})

const receiptOf = (id: string) => at.ask<Receipt>('GET', `/candor/receipts/${id}`)

test('counting tokens at a provider draws on no budget and no limit of tokens, and is not unpriced', async () => {
  const { id, secret } = await at.make('counts', {
    limits: { inputTokensPerMinute: 50 },
    budgets: [
      { unit: 'tokens', period: 'day', kind: 'hard', most: 50 },
      { unit: 'usd', period: 'day', kind: 'hard', most: 1 },
    ],
  })
  const content = 'one two three '.repeat(100)
  for (let count = 0; count < 3; count += 1) {
    const response = await at.gateway.fetch('/v1/messages/count_tokens', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': secret },
      body: JSON.stringify({ model: refOf(world.anthropic), messages: [{ role: 'user', content }] }),
    })
    expect(response.status).toBe(200)
    expect(parse(await response.text()).input_tokens).toBeGreaterThan(50)
    const receipt = await receiptOf(response.headers.get('candor-request-id') ?? '')
    expect(receipt).toMatchObject({
      operation: 'count-tokens',
      attempts: [{ status: 200 }],
      cost: { type: 'none' },
      charged: { nanoUsd: 0, tokens: 0, estimated: false },
    })
  }
  expect((await at.show(id)).budgets).toMatchObject([{ used: 0 }, { used: 0 }])
})
