import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Sim } from '../../src/sim/start-sim.ts'
import { call, chatClient, stream } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, headerOf, simulate } from './providers.ts'

/** The name the bug report's Option B sets. The user configures it; Candor never sends it by itself. */
const CONFIGURED = 'claude-code/0.1.0'

let kimi: Sim
let gateway: Gateway

beforeAll(async () => {
  kimi = await simulate('kimi-coding')
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          'kimi-coding': { ...entryOf(kimi, kimi.key, 'openai-completions'), headers: { 'User-Agent': CONFIGURED } },
        },
      },
    },
  })
})
beforeEach(() => kimi.clear())
afterAll(async () => {
  await gateway.stop()
  await kimi.stop()
})

/** Odd on purpose: spaces, a number in another notation, a field nobody knows, and an escape that a rewriter would lose. */
const oddBody = (model: string) =>
  `{ "unknown_field" : {"a":[1.50,2E+2]},\n\t"messages":[{"role":"user","content":"caf\\u00e9 \\/ hi"}],  "model" :${JSON.stringify(model)} , "temperature":1.0}`

describe('Option B: a configured User-Agent', () => {
  test('the OpenAI surface sees exactly that name, and exactly the client’s bytes but for the model', async () => {
    const got = await call(gateway, chatClient, oddBody('kimi-coding/k2p5'), {
      'user-agent': 'OpenClaw-Gateway/1.0',
    })
    expect(got.status).toBe(200)
    expect(got.headers.get('candor-protocol')).toBe('openai-completions')
    const [sent, ...more] = kimi.requests()
    expect(more).toEqual([])
    expect(sent?.path).toBe('/coding/v1/chat/completions')
    expect(headerOf(sent, 'user-agent')).toBe(CONFIGURED)
    expect(headerOf(sent, 'authorization')).toBe(`Bearer ${kimi.key}`)
    expect(sent?.body).toBe(oddBody('kimi-for-coding'))
    expect(got.receipt).toMatchObject({
      ending: 'complete',
      upstreamProtocol: 'openai-completions',
      passed: [],
      losses: [],
      attempts: [{ identity: { source: 'configured', userAgent: CONFIGURED } }],
    })
    expect(got.receipt.attempts).toHaveLength(1)
  })

  test('a streamed answer passes through as the provider sent it', async () => {
    const body = chatClient.body('kimi-coding/k2p5', 'hello', { stream: true })
    const got = await stream(gateway, chatClient, body)
    const direct = await askDirectly(JSON.stringify({ ...body, model: 'kimi-for-coding' }))
    const timeless = (text: string) => text.replaceAll(/"created":\d+/g, '"created":0').replaceAll(/sim\d+/g, 'sim')
    expect(got.headers.get('candor-protocol')).toBe('openai-completions')
    expect(timeless(got.text)).toBe(timeless(direct))
    expect(got.receipt).toMatchObject({ ending: 'complete', attempts: [{ identity: { source: 'configured' } }] })
  })
})

async function askDirectly(body: string): Promise<string> {
  const answer = await fetch(`${kimi.origin}/coding/v1/chat/completions`, {
    method: 'POST',
    headers: { 'user-agent': CONFIGURED, authorization: `Bearer ${kimi.key}` },
    body,
  })
  return await answer.text()
}
