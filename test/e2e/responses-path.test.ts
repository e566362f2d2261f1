import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import type { Sim } from '../../src/sim/start-sim.ts'
import { call, chatClient, messagesClient, noteOf, parse, responsesClient } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, refOf, simOf, simulate } from './providers.ts'

let sims: readonly Sim[]
let gateway: Gateway

beforeAll(async () => {
  sims = await Promise.all((['openai', 'anthropic', 'google', 'kimi-coding'] as const).map(kind => simulate(kind)))
  gateway = await startGateway({ config: configOf(sims) })
})
beforeEach(() => {
  for (const sim of sims) sim.clear()
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all(sims.map(sim => sim.stop()))
})

const asked = (kind: string, rest: object = {}) => ({ model: refOf(simOf(sims, kind)), input: 'hello', ...rest })

describe('POST /v1/responses', () => {
  test('passes through where the provider speaks it', async () => {
    const got = await call(gateway, responsesClient, asked('openai', { store: false }))
    expect([got.status, got.headers.get('candor-protocol')]).toEqual([200, 'openai-responses'])
    expect(simOf(sims, 'openai').requests()[0]?.path).toBe('/v1/responses')
  })

  test.each(['anthropic', 'google', 'kimi-coding'])('is translated for %s', async kind => {
    const got = await call(gateway, responsesClient, asked(kind))
    expect(got.status).toBe(200)
    expect(parse<object>(got.text)).toMatchObject({ object: 'response', status: 'completed' })
    expect(got.headers.get('candor-protocol')).toStartWith('openai-responses>')
  })

  test('the official client reads a stream of each', async () => {
    const client = new OpenAI({ apiKey: 'anything', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
    for (const sim of sims) {
      const stream = client.responses.stream({ model: refOf(sim), input: 'hello' })
      expect((await stream.finalResponse()).output_text).not.toBe('')
    }
  })

  test.each([
    { previous_response_id: 'resp_1' },
    { conversation: 'conv_1' },
    { background: true },
    { prompt: { id: 'pmpt_1' } },
  ])('state only the provider keeps is refused by name where it keeps none: %p', async rest => {
    const [name = ''] = Object.keys(rest)
    for (const kind of ['anthropic', 'google', 'kimi-coding']) {
      const got = await call(gateway, responsesClient, asked(kind, rest))
      const note = noteOf(got.json())
      expect([got.status, note.code, note.paths]).toEqual([400, 'untranslatable', [name]])
      expect(note.what).toBe(`${refOf(simOf(sims, kind))} cannot be told ${name}.`)
      expect(simOf(sims, kind).requests()).toEqual([])
    }
  })

  test('and goes through where it is kept', async () => {
    await call(gateway, responsesClient, asked('openai', { previous_response_id: 'resp_none' }))
    expect(simOf(sims, 'openai').requests()[0]?.body).toContain('"previous_response_id":"resp_none"')
  })
})

describe('replies that are kept', () => {
  test.each([
    ['GET', '/v1/responses/resp_1'],
    ['DELETE', '/v1/responses/resp_1'],
    ['POST', '/v1/responses/resp_1/cancel'],
    ['GET', '/v1/responses/resp_1/input_items'],
  ])('%s %s says why there are none here', async (method, path) => {
    const response = await gateway.fetch(path, { method })
    const note = noteOf(parse(await response.text()))
    expect([response.status, note.what]).toEqual([
      404,
      'The gateway keeps no replies, so none can be fetched, cancelled or deleted here.',
    ])
    expect(note.fix.join(' ')).toContain('"store": false')
    for (const sim of sims) expect(sim.requests()).toEqual([])
  })

  test('the official client throws its own error', async () => {
    const client = new OpenAI({ apiKey: 'anything', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
    const error: unknown = await client.responses.retrieve('resp_1').then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(OpenAI.NotFoundError)
  })
})

describe('which surface of a provider is asked', () => {
  test.each([
    { client: chatClient, body: (model: string) => chatClient.body(model, 'x'), path: '/v1/chat/completions' },
    { client: responsesClient, body: (model: string) => ({ model, input: 'x' }), path: '/v1/responses' },
    { client: messagesClient, body: (model: string) => messagesClient.body(model, 'x'), path: '/v1/responses' },
  ])('$client.protocol: its own, else the provider’s first', async ({ client, body, path }) => {
    const sim = simOf(sims, 'openai')
    const got = await call(gateway, client, body(refOf(sim)))
    expect([got.status, sim.requests()[0]?.path, got.receipt.passed]).toEqual([200, path, []])
  })

  test('one that cannot be told all of the request makes room for one that can, and the receipt says so', async () => {
    const sim = simOf(sims, 'openai')
    const got = await call(gateway, messagesClient, messagesClient.body(refOf(sim), 'x', { stop_sequences: ['END'] }))
    expect([got.status, sim.requests()[0]?.path]).toEqual([200, '/v1/chat/completions'])
    expect(parse<{ stop: unknown }>(sim.requests()[0]?.body ?? '').stop).toEqual(['END'])
    expect(got.receipt.passed).toEqual([{ protocol: 'openai-responses', reason: 'it cannot be told stop_sequences' }])
    expect(got.receipt.losses).toEqual([])
  })

  test('an output limit below what the provider takes is raised to it, and the receipt says so', async () => {
    const sim = simOf(sims, 'openai')
    const got = await call(gateway, messagesClient, { ...messagesClient.body(refOf(sim), 'x'), max_tokens: 1 })
    expect([got.status, sim.requests()[0]?.path]).toEqual([200, '/v1/responses'])
    expect(got.receipt.assumptions).toContainEqual({
      path: 'max_output_tokens',
      value: '16',
      reason: 'the provider takes no less',
    })
  })

  test('if none can, the refusal of the first stands', async () => {
    const sim = simOf(sims, 'openai')
    const got = await call(gateway, messagesClient, messagesClient.body(refOf(sim), 'x', { top_k: 3 }))
    expect([got.status, noteOf(got.json()).code, noteOf(got.json()).paths]).toEqual([400, 'untranslatable', ['top_k']])
    expect([got.receipt.passed, sim.requests()]).toEqual([[], []])
  })
})
