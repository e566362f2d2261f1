import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, call, chatClient, stream } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, headerOf, simulate } from './providers.ts'

/** A real client's own name, on the provider's list. */
const AGENT = 'claude-cli/2.1.0 (external, cli)'

const UPSTREAM_PATHS = {
  'openai-completions': '/coding/v1/chat/completions',
  'anthropic-messages': '/coding/v1/messages',
} as const

let kimi: Sim
let gateway: Gateway

beforeAll(async () => {
  kimi = await simulate('kimi-coding')
  gateway = await startGateway({ config: configOf([kimi]) })
})
beforeEach(() => kimi.clear())
afterAll(async () => {
  await gateway.stop()
  await kimi.stop()
})

describe.each(CLIENTS.filter(({ protocol }) => protocol in UPSTREAM_PATHS))(
  'a client the provider admits, over $protocol',
  client => {
    test.each([
      ['whole', call],
      ['streamed', stream],
    ])('%s: it is forwarded as it is, in its own protocol', async (_, send) => {
      const got = await send(gateway, client, client.body('kimi-coding/kimi-for-coding', 'hello'), {
        'user-agent': AGENT,
        'x-app': 'cli',
      })
      expect(got.status).toBe(200)
      expect(got.headers.get('candor-protocol')).toBe(client.protocol)
      const [sent, ...more] = kimi.requests()
      expect(more).toEqual([])
      expect(sent?.path).toBe(UPSTREAM_PATHS[client.protocol as keyof typeof UPSTREAM_PATHS])
      expect(headerOf(sent, 'user-agent')).toBe(AGENT)
      expect(headerOf(sent, 'x-app')).toBe('cli')
      expect(got.receipt).toMatchObject({
        ending: 'complete',
        client: AGENT,
        attempts: [{ identity: { source: 'client', userAgent: AGENT } }],
      })
    })
  },
)

test('a listed surface that has dropped the client is left for the other one, once, and that is told', async () => {
  const strict = await simulate('kimi-coding', { admits: ['Nobody/'] })
  const other = await startGateway({ config: configOf([strict]) })
  const client = chatClient
  const body = client.body('kimi-coding/kimi-for-coding', 'hello')
  const first = await call(other, client, body, { 'user-agent': AGENT })
  expect(first.status).toBe(200)
  expect(first.headers.get('candor-attempts')).toBe('2')
  expect(first.headers.get('candor-protocol')).toBe('openai-completions>anthropic-messages')
  expect(first.headers.has('candor-fallback')).toBe(false)
  expect(first.receipt.attempts).toMatchObject([
    { protocol: 'openai-completions', status: 403, problem: { code: 'client_not_admitted' } },
    { protocol: 'anthropic-messages', status: 200 },
  ])
  const second = await call(other, client, body, { 'user-agent': AGENT })
  expect(second.receipt.attempts).toMatchObject([{ protocol: 'anthropic-messages' }])
  expect(second.receipt.passed).toMatchObject([{ protocol: 'openai-completions' }])
  expect(second.receipt.passed[0]?.reason).toContain('refused the client name')
  await other.stop()
  await strict.stop()
})
