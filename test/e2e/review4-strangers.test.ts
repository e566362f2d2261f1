import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { chatClient, noteOf, parse } from './clients.ts'
import { keyedGateway, keyWorld, MODEL } from './keys-gateway.ts'

let world: Awaited<ReturnType<typeof keyWorld>>
let at: Awaited<ReturnType<typeof keyedGateway>>

beforeAll(async () => {
  world = await keyWorld()
  at = await keyedGateway({ config: { ...world.config, logs: { format: 'json' } } })
})
afterAll(async () => {
  await at.gateway.stop()
  await world.stop()
})

const receiptOf = (id: string) => at.ask<Receipt>('GET', `/candor/receipts/${id}`)

async function send(key: string | undefined, body: string, headers: Record<string, string> = {}) {
  const response = await at.gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'x-api-key': key }),
      ...headers,
    },
    body,
  })
  const told = parse(await response.text())
  return { status: response.status, told, id: response.headers.get('candor-request-id') ?? '' }
}

describe('who may not call is told that, whatever was sent', () => {
  test.each([
    { about: 'no JSON', body: 'garbage', headers: {} },
    { about: 'no JSON type', body: 'garbage', headers: { 'content-type': 'text/plain' } },
    { about: 'too much', body: 'x'.repeat(33 * 1_024 * 1_024), headers: {} },
  ])('$about', async ({ body, headers }) => {
    for (const key of [undefined, 'cnd_nobodyhasthiskey']) {
      const { status, told, id } = await send(key, body, headers)
      expect([status, noteOf(told)?.code]).toEqual([401, 'unauthorized'])
      expect((await receiptOf(id)).problem?.code).toBe('unauthorized')
    }
  })

  test('a revoked key is named in the receipt', async () => {
    const { id, secret } = await at.make('gone')
    await at.ask('POST', `/candor/keys/${id}/revoke`)
    const refused = await send(secret, 'garbage')
    expect(refused.status).toBe(401)
    expect((await receiptOf(refused.id)).key).toEqual({ id, name: 'gone' })
  })
})

test('a key pasted into the wrong place is neither kept nor sent on as a name', async () => {
  const { secret } = await at.make('slips')
  const body = (model: string) => JSON.stringify(chatClient.body(model, 'hello', {}))
  const agent = { 'user-agent': `mine ${secret}` }
  const named = await send(secret, body(`openai/${secret}`), agent)
  expect([named.status, noteOf(named.told)?.code]).toEqual([404, 'model_not_found'])
  const asked = await send(secret, body(MODEL), agent)
  expect(asked.status).toBe(200)
  const receipts = [await receiptOf(named.id), await receiptOf(asked.id)]
  expect(receipts[1]?.attempts[0]?.identity).toEqual({ userAgent: 'mine ••••', source: 'client' })
  for (const told of [...receipts, named.told, await at.ask('GET', '/candor/providers')])
    expect(JSON.stringify(told)).not.toContain(secret)
  expect(world.openai.requests().filter(request => request.body.includes(secret))).toEqual([])
})

test('a key that may call little learns nothing of the rest', async () => {
  const { secret } = await at.make('narrow', { models: ['coder'] })
  const missing = await send(secret, JSON.stringify(chatClient.body('moonshot/kimi-k2.6', 'hello', {})))
  expect([missing.status, noteOf(missing.told)?.code]).toEqual([403, 'forbidden'])
  expect(JSON.stringify(missing.told)).not.toContain('MOONSHOT_API_KEY')
  const typo = await send(secret, JSON.stringify(chatClient.body('openai/gpt-4.11', 'hello', {})))
  expect(typo.status).toBe(403)
  const near = await send(secret, JSON.stringify(chatClient.body('gpt-4.11', 'hello', {})))
  expect([near.status, JSON.stringify(near.told).includes('Did you mean')]).toEqual([404, false])
})
