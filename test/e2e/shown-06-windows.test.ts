import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { KeyState } from '../../src/sim/keys.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, call, chatClient, noteOf } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'

const KEY = 'sk-kimi-0123456789abcdefghijklmnop'
/** On the provider's list, so the OpenAI surface judges the plan and not the client. */
const LISTED = { 'user-agent': 'claude-cli/2.1.0 (external, cli)' }
const OTHERS = { 'user-agent': 'OpenClaw-Gateway/1.0' }

let kimi: Sim
let gateway: Gateway
/** A proxy of somebody's that has only the OpenAI surface, under a path of its own. */
let relay: ReturnType<typeof Bun.serve>
let narrow: Gateway

beforeAll(async () => {
  kimi = await simulate('kimi-coding')
  relay = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const path = new URL(request.url).pathname.replace('/plan/', '/coding/v1/')
      const body = await request.text()
      return await fetch(kimi.origin + path, { method: request.method, headers: request.headers, body })
    },
  })
  const entry = entryOf(kimi, KEY, 'openai-completions')
  const config = (baseUrl: string) => ({ models: { providers: { 'kimi-coding': { ...entry, baseUrl } } } })
  gateway = await startGateway({ config: config(entry.baseUrl) })
  narrow = await startGateway({ config: config(`http://127.0.0.1:${relay.port}/plan`) })
})
afterEach(() => kimi.setFault(undefined))
afterAll(async () => {
  await Promise.all([gateway.stop(), narrow.stop()])
  await Promise.all([kimi.stop(), relay.stop(true)])
})

const WINDOWS: readonly { state: KeyState; window: string; status: number }[] = [
  { state: 'weekly-used-up', window: 'weekly', status: 403 },
  { state: 'five-hour-used-up', window: '5 hour', status: 429 },
  { state: 'monthly-used-up', window: 'monthly', status: 429 },
]

const cases = WINDOWS.flatMap(row =>
  CLIENTS.flatMap(client => [LISTED, OTHERS].map(headers => ({ ...row, client, protocol: client.protocol, headers }))),
)

describe('a used-up window', () => {
  test.each(cases)('$state over $protocol is plan_exhausted', async ({ state, window, status, client, headers }) => {
    kimi.setKey(KEY, state)
    const got = await call(gateway, client, client.body('kimi-coding/k2p5', 'hello'), headers)
    expect(got.status).toBe(429)
    expect(got.headers.get('x-should-retry')).toBe('false')
    const note = noteOf(got.json())
    expect(note).toMatchObject({ code: 'plan_exhausted', upstream: { status } })
    expect(note.what).toContain(`The ${window} usage window of the Kimi Code plan is used up`)
    expect(note.resets_at).toBeUndefined()
    expect(note.fix[0]).toContain('See when the window opens again')
    expect(got.receipt.problem?.code).toBe('plan_exhausted')
    expect(got.receipt.attempts).toHaveLength(1)
  })

  test('says when it opens again, where the provider said it', async () => {
    const body = JSON.stringify({
      error: {
        type: 'rate_limit_error',
        message: "You've reached your usage limit for this period. Your quota will be refreshed in the next period.",
      },
    })
    kimi.setKey(KEY, 'valid')
    kimi.setFault(`status=429;retry-after=5400;body=${body}`)
    const before = Date.now()
    const got = await call(gateway, chatClient, chatClient.body('kimi-coding/k2p5', 'hello'))
    const note = noteOf(got.json())
    expect(note.code).toBe('plan_exhausted')
    const resetsAt = Date.parse(note.resets_at ?? '')
    expect(resetsAt).toBeGreaterThanOrEqual(before + 5_400_000)
    expect(resetsAt).toBeLessThanOrEqual(Date.now() + 5_400_000)
    expect(note.what).toContain(`opens again at ${new Date(resetsAt).toISOString().slice(0, 10)}`)
    expect(got.headers.get('retry-after')).toBe('5400')
  })
})

describe('the same status and type, for another reason', () => {
  test('the client list is client_not_admitted; the weekly window is plan_exhausted', async () => {
    const ask = (headers: Record<string, string>) =>
      call(narrow, chatClient, chatClient.body('kimi-coding/k2p5', 'hello'), headers)
    kimi.setKey(KEY, 'valid')
    const refused = await ask(OTHERS)
    kimi.setKey(KEY, 'weekly-used-up')
    const usedUp = await ask(LISTED)
    const [first, second] = [noteOf(refused.json()), noteOf(usedUp.json())]
    for (const note of [first, second]) {
      expect(note.upstream).toMatchObject({ status: 403, type: 'access_terminated_error' })
    }
    expect([refused.status, first.code]).toEqual([403, 'client_not_admitted'])
    expect(first.what).toContain('OpenClaw-Gateway/1.0')
    expect(first.why).toContain('The key was not judged')
    expect([usedUp.status, second.code]).toEqual([429, 'plan_exhausted'])
    expect(refused.receipt.attempts[0]?.protocol).toBe('openai-completions')
  })
})
