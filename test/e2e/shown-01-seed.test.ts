import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Sim } from '../../src/sim/start-sim.ts'
import { call, chatClient, stream } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { headerOf, simulate } from './providers.ts'

/** The configuration of the bug report, letter for letter. Only the origin is the simulation's. */
const SEED = `{
  models: {
    providers: {
      "kimi-coding": {
        baseUrl: "https://api.kimi.com/coding/v1",
        apiKey: "\${KIMI_API_KEY}",
        api: "openai-completions",
        models: [{
          id: "k2p5",
          name: "Kimi K2.5 (Code)",
          contextWindow: 256000
        }]
      }
    }
  }
}`

const AGENT = { 'user-agent': 'OpenClaw-Gateway/1.0' }
const BODY = chatClient.body('kimi-coding/k2p5', 'hello')

let kimi: Sim
let gateway: Gateway

beforeAll(async () => {
  kimi = await simulate('kimi-coding')
  gateway = await startGateway({
    config: SEED.replace('https://api.kimi.com', kimi.origin),
    env: { KIMI_API_KEY: kimi.key },
  })
})
beforeEach(() => kimi.clear())
afterAll(async () => {
  await gateway.stop()
  await kimi.stop()
})

function expectHonestPath(headers: Headers) {
  expect(headers.get('candor-protocol')).toBe('openai-completions>anthropic-messages')
  expect(headers.get('candor-billing')).toBe('plan')
  expect(headers.get('candor-model')).toBe('kimi-coding/kimi-for-coding')
  expect(headers.get('candor-requested-model')).toBe('kimi-coding/k2p5')
  expect(headers.get('candor-attempts')).toBe('1')
  expect(headers.has('candor-fallback')).toBe(false)
}

function expectSentAsItself() {
  expect(kimi.requests().map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /coding/v1/messages'])
  const [sent] = kimi.requests()
  expect(headerOf(sent, 'user-agent')).toBe('OpenClaw-Gateway/1.0')
  expect(JSON.parse(sent?.body ?? '')).toMatchObject({ model: 'kimi-for-coding' })
  expect(JSON.stringify(sent?.headers)).not.toMatch(/claude-(?:code|cli)|KimiCLI|Kilo/i)
}

describe("the seed's configuration, the agent under its own name", () => {
  test('a whole answer is served on the plan, through the surface that admits any client', async () => {
    const got = await call(gateway, chatClient, BODY, AGENT)
    expect(got.status).toBe(200)
    expectHonestPath(got.headers)
    expectSentAsItself()
    const reply = got.json()
    expect(reply).toMatchObject({ object: 'chat.completion', choices: [{ finish_reason: 'stop' }] })
    expect(chatClient.textOf(reply)).toBe('This is the simulated model kimi-for-coding. You said: "hello".')
    expect(got.receipt).toMatchObject({
      ending: 'complete',
      status: 200,
      requestedModel: 'kimi-coding/k2p5',
      servedModel: 'kimi-coding/kimi-for-coding',
      billing: 'plan',
      cost: { type: 'plan' },
      attempts: [{ identity: { source: 'client', userAgent: 'OpenClaw-Gateway/1.0' }, status: 200 }],
      passed: [{ protocol: 'openai-completions' }],
    })
  })

  test('a streamed answer too', async () => {
    const got = await stream(gateway, chatClient, BODY, AGENT)
    expect(got.status).toBe(200)
    expectHonestPath(got.headers)
    expectSentAsItself()
    expect(chatClient.streamText(got.events)).toBe('This is the simulated model kimi-for-coding. You said: "hello".')
    expect(got.events.at(-1)?.data).toBe('[DONE]')
    expect(got.receipt).toMatchObject({ ending: 'complete', stream: true, stopReason: 'end' })
  })
})
