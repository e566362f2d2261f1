import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { ProblemCode } from '../../src/canon/problem.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Client, call, chatClient, messagesClient, noteOf } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'
import { answeredBy, failAlways, requestsFor } from './route-setup.ts'

const SPARE = 'spare/gpt-4.1'
const CONTENT_REFUSED = 'status=400;body={"error":{"code":"content_filter","message":"The content was refused."}}'
/** A picture of one point. */
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

let first: Sim
let second: Sim
let spare: Sim
let gateway: Gateway

beforeAll(async () => {
  ;[first, second, spare] = await Promise.all([simulate('openai'), simulate('anthropic'), simulate('openai')])
  const small = [
    { id: 'gpt-small', contextWindow: 200, input: ['text' as const, 'image' as const] },
    { id: 'gpt-blind', contextWindow: 100_000, input: ['text' as const] },
  ]
  const to = (model: string, fallbackOn: readonly ProblemCode[]) => ({ targets: [`first/${model}`, SPARE], fallbackOn })
  gateway = await startGateway({
    config: {
      models: {
        default: 'chain-default',
        providers: {
          first: { ...entryOf(first), billing: 'metered', models: small },
          second: { ...entryOf(second), billing: 'metered' },
          spare: { ...entryOf(spare), billing: 'metered' },
          deepseek: {},
        },
        aliases: { 'claude-*': 'aliased' },
      },
      routes: {
        chain: {
          targets: ['first/gpt-chain', 'second/claude-chain', SPARE],
          fallbackOn: ['overloaded', 'upstream_error'],
        },
        broken: { targets: ['first/gpt-broken', 'second/claude-broken', SPARE], fallbackOn: ['overloaded'] },
        aliased: to('gpt-aliased', ['overloaded']),
        'chain-default': to('gpt-default', ['overloaded']),
        filtered: to('gpt-filtered', ['content_refused']),
        small: to('gpt-small', ['context_too_long']),
        'small-alone': to('gpt-small', ['overloaded']),
        blind: to('gpt-blind', ['untranslatable']),
        'blind-alone': to('gpt-blind', ['overloaded']),
        strict: { targets: ['second/claude-strict', SPARE], fallbackOn: ['bad_request'] },
        lost: { targets: ['deepseek/a', 'deepseek/b'], fallbackOn: ['provider_unavailable'] },
      },
    },
  })
})
afterEach(() => {
  for (const sim of [first, second, spare]) {
    sim.setFault(undefined)
    sim.clear()
  }
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([first, second, spare].map(sim => sim.stop()))
})

const ask = (name: string, client: Client = chatClient) => call(gateway, client, client.body(name, 'hello'))

describe('a course of three', () => {
  test.each([chatClient, messagesClient])('each is asked once, and all of them are told: $protocol', async client => {
    failAlways(first, 'status=503', 'gpt-chain')
    failAlways(second, 'status=500', 'claude-chain')
    const got = await ask('chain', client)
    expect([got.status, got.receipt.ending]).toEqual([200, 'complete'])
    expect(answeredBy(got.headers)).toMatchObject({ model: SPARE, fallback: 'from=first/gpt-chain; reason=overloaded' })
    expect(spare.requests()).toHaveLength(1)
    expect(got.receipt.attempts.at(-1)).toMatchObject({ provider: 'spare', because: 'fallback' })
  })

  test('it ends where the route does not name what the second one met; what came before is told', async () => {
    failAlways(first, 'status=503', 'gpt-broken')
    failAlways(second, 'status=500', 'claude-broken')
    const got = await ask('broken')
    expect([got.status, spare.requests().length]).toEqual([502, 0])
    const note = noteOf(got.json())
    expect([note.code, note.provider]).toEqual(['upstream_error', 'second'])
    expect(note.why).toContain('Tried before: first/gpt-broken: overloaded.')
    expect(note.fix.join(' ')).toContain('add "upstream_error" to its fallbackOn')
    expect(answeredBy(got.headers)).toEqual({
      model: 'second/claude-broken',
      fallback: 'from=first/gpt-broken; reason=overloaded',
      attempts: '2',
      billing: 'metered',
    })
    expect(got.receipt.attempts.map(({ because, problem }) => [because, problem?.code])).toEqual([
      [undefined, 'overloaded'],
      ['fallback', 'upstream_error'],
    ])
  })

  test('none can be used: the first one’s reason', async () => {
    const got = await ask('lost')
    expect([got.status, noteOf(got.json()).code, got.receipt.attempts]).toEqual([503, 'provider_unavailable', []])
    expect(got.receipt.passed.map(({ target }) => target)).toEqual(['deepseek/a', 'deepseek/b'])
  })
})

describe('names that lead to a route', () => {
  test.each([
    { name: 'claude-anything', route: 'aliased', model: 'gpt-aliased' },
    { name: undefined, route: 'chain-default', model: 'gpt-default' },
  ])('$name', async ({ name, route, model }) => {
    failAlways(first, 'status=503', model)
    const { model: _model, ...body } = messagesClient.body('x', 'hello')
    const got = await call(gateway, messagesClient, { ...body, ...(name === undefined ? {} : { model: name }) })
    expect([got.status, got.receipt.route]).toEqual([200, route])
    expect(answeredBy(got.headers)).toMatchObject({ model: SPARE, fallback: `from=first/${model}; reason=overloaded` })
  })
})

test('what is refused for what it is goes on as often as it is asked: no budget is drawn on', async () => {
  failAlways(first, CONTENT_REFUSED, 'gpt-filtered')
  for (let calls = 0; calls < 12; calls += 1) {
    const all = await Promise.all(Array.from({ length: 10 }, () => ask('filtered')))
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200))
    for (const { receipt } of all) expect(receipt.fallback?.reason).toBe('content_refused')
  }
})

describe('a target that the request does not fit', () => {
  const long = 'word '.repeat(400)
  const picture = (client: Client) =>
    client === chatClient
      ? { type: 'image_url', image_url: { url: `data:image/png;base64,${PICTURE}` } }
      : { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PICTURE } }
  const shown = (client: Client, route: string) => ({
    ...client.body(route, ''),
    messages: [{ role: 'user', content: [{ type: 'text', text: 'what is this?' }, picture(client)] }],
  })

  test.each([
    { client: chatClient, protocol: chatClient.protocol },
    { client: messagesClient, protocol: messagesClient.protocol },
  ])('is passed over with the reason, and not asked: $protocol', async ({ client }) => {
    for (const { route, body, code, reason } of [
      {
        route: 'small',
        body: client.body('small', long),
        code: 'context_too_long',
        reason: /about \d+ tokens, and 200 fit/,
      },
      { route: 'blind', body: shown(client, 'blind'), code: 'untranslatable', reason: /takes no image input/ },
    ]) {
      const got = await call(gateway, client, body)
      expect([got.status, first.requests().length]).toEqual([200, 0])
      expect(answeredBy(got.headers)).toEqual({
        model: SPARE,
        fallback: `from=first/gpt-${route}; reason=${code}`,
        attempts: '1',
        billing: 'metered',
      })
      expect(got.receipt.passed).toEqual([{ target: `first/gpt-${route}`, reason: expect.stringMatching(reason) }])
    }
  })

  test.each([
    { route: 'small-alone', model: 'gpt-small', body: chatClient.body('small-alone', long) },
    { route: 'blind-alone', model: 'gpt-blind', body: shown(chatClient, 'blind-alone') },
  ])('is asked all the same where the route does not go on for that: $route', async ({ body, model }) => {
    const got = await call(gateway, chatClient, body)
    expect([got.status, requestsFor(first, model).length, spare.requests().length]).toEqual([200, 1, 0])
    expect(answeredBy(got.headers)).toMatchObject({ model: `first/${model}`, fallback: null })
  })
})

describe('a request that is wrong in itself', () => {
  test.each([chatClient, messagesClient])('reaches nobody, whatever the route names: $protocol', async client => {
    const got = await call(gateway, client, client.body('strict', 'hello', { stream: 1 }))
    expect([got.status, noteOf(got.json()).code, got.receipt.attempts]).toEqual([400, 'bad_request', []])
    expect([second.requests(), spare.requests()]).toEqual([[], []])
    expect(answeredBy(got.headers)).toMatchObject({ fallback: null, attempts: '0' })
  })

  test('what only shows when it is translated may go on where it is named, to one who takes it as it is', async () => {
    const got = await call(gateway, chatClient, chatClient.body('strict', 'hello', { tools: 'none' }))
    expect([second.requests().length, spare.requests().length]).toEqual([0, 1])
    expect(got.receipt.fallback).toEqual({ from: 'second/claude-strict', reason: 'bad_request' })
    expect(got.receipt.passed).toContainEqual({
      target: 'second/claude-strict',
      reason: expect.stringContaining('tools'),
    })
  })
})

test('counting tokens goes along the route too', async () => {
  const body = { model: 'chain', messages: [{ role: 'user', content: 'hello there' }] }
  const response = await gateway.fetch('/v1/messages/count_tokens', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const counted = JSON.parse(await response.text())
  expect([response.status, typeof counted.input_tokens]).toEqual([200, 'number'])
  expect(spare.requests()).toEqual([])
})
