import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { CLIENTS, noteOf, parse, post } from './clients.ts'
import { keyedGateway, keyWorld, MODEL, underWay } from './keys-gateway.ts'

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

const withKey = (secret: string) => ({ headers: { 'x-api-key': secret } })

/** Every limit of which one call can be too much, with what the answer says of it. */
const LIMITS = [
  {
    name: 'requests',
    limits: { requestsPerMinute: 1 },
    says: /limited to 1 requests per minute/,
    policy: '"requests";q=1;w=60',
  },
  {
    name: 'output tokens',
    limits: { outputTokensPerMinute: 80 },
    says: /limited to 80 output tokens per minute/,
    policy: '"output-tokens";q=80;w=60;qu="tokens"',
  },
  {
    name: 'input tokens',
    limits: { inputTokensPerMinute: 60 },
    says: /limited to 60 input tokens per minute/,
    policy: '"input-tokens";q=60;w=60;qu="tokens"',
  },
] as const

describe.each([...CLIENTS])('limits, told in $protocol', client => {
  const body = (text = 'hello') => client.body(MODEL, text, client.limit(60))

  test.each([...LIMITS])('$name', async ({ name, limits, says, policy }) => {
    const { id, secret } = await at.make(`${client.protocol} ${name}`, { limits })
    // The simulated model counts a token a word, which is nearly what was estimated.
    const text = name === 'input tokens' ? 'w '.repeat(20) : 'hello'
    const first = await post(at.gateway, client, body(text), withKey(secret))
    expect(first.status).toBe(200)
    expect(first.headers.get('ratelimit-policy')).toBe(policy)
    expect(Number(first.headers.get('ratelimit-remaining'))).toBeGreaterThanOrEqual(0)
    await first.text()
    const { refused: second, asked } = await firstRefused(() => post(at.gateway, client, body(text), withKey(secret)))
    const told = parse(await second.text())
    expect([second.status, client.isEnvelope(told)]).toEqual([429, true])
    expect(noteOf(told)).toMatchObject({ code: 'key_rate_limited', what: expect.stringMatching(says) })
    const wait = Number(second.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(60)
    expect(Number(second.headers.get('ratelimit-reset'))).toBeGreaterThan(0)
    expect(second.headers.get('ratelimit-policy')).toBe(policy)
    const receipt = await at.ask<object>('GET', `/candor/receipts/${second.headers.get('candor-request-id')}`)
    expect(receipt).toMatchObject({
      ending: 'failed',
      attempts: [],
      key: { id },
      problem: { code: 'key_rate_limited' },
    })
    expect(world.openai.requests().length).toBe(asked)
  })

  test('calls at the same time', async () => {
    const { secret } = await at.make(`${client.protocol} at once`, { limits: { concurrency: 1 } })
    world.openai.setFault('delay=never')
    const leaving = new AbortController()
    const running = post(at.gateway, client, body(), { ...withKey(secret), signal: leaving.signal }).catch(() => 'left')
    await underWay(world.openai)
    const second = await post(at.gateway, client, body(), withKey(secret))
    const told = parse(await second.text())
    expect([second.status, client.isEnvelope(told)]).toEqual([429, true])
    expect(noteOf(told)).toMatchObject({
      code: 'key_rate_limited',
      what: expect.stringContaining('1 calls at the same time'),
    })
    expect(second.headers.get('retry-after')).toBe('1')
    leaving.abort()
    expect(await running).toBe('left')
    world.openai.setFault(undefined)
    // As soon as the gateway knows that the first client is gone.
    expect((await firstAdmitted(() => post(at.gateway, client, body(), withKey(secret)))).status).toBe(200)
  })

  test('a model that is not on the key’s list is refused, and not in its list of models', async () => {
    const { secret } = await at.make(`${client.protocol} chosen`, { models: ['anthropic/*', 'coder'] })
    const response = await post(at.gateway, client, body(), withKey(secret))
    const told = parse(await response.text())
    expect([response.status, client.isEnvelope(told)]).toEqual([403, true])
    expect(noteOf(told)).toMatchObject({
      code: 'forbidden',
      what: expect.stringContaining(`may not call ${MODEL}`),
      why: 'It may call anthropic/*, coder.',
    })
    expect((await post(at.gateway, client, client.body('coder', 'hello'), withKey(secret))).status).toBe(200)
    const listed = await new OpenAI({ apiKey: secret, baseURL: `${at.gateway.url}/v1` }).models.list()
    const ids = listed.data.map(model => model.id)
    expect(ids).toContain('anthropic/claude-sonnet-5-5')
    expect(ids.filter(id => !id.startsWith('anthropic/') && id !== 'coder')).toEqual([])
  })
})

/** Asks until an answer is no answer. Tokens that were reserved and not used are given back, so more than one call may pass. */
async function firstRefused(ask: () => Promise<Response>) {
  for (;;) {
    const asked = world.openai.requests().length
    const refused = await ask()
    if (refused.status !== 200) return { refused, asked }
    await refused.text()
  }
}

async function firstAdmitted(ask: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const response = await ask()
    if (response.status !== 429) return response
    await response.text()
  }
}

describe('the official client', () => {
  test('waits as it is told and tries again by itself', async () => {
    const { secret } = await at.make('patient', { limits: { concurrency: 1 } })
    world.openai.setFault('delay=200')
    const client = new OpenAI({ apiKey: secret, baseURL: `${at.gateway.url}/v1`, maxRetries: 3 })
    const ask = () => client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'hello' }] })
    const answers = await Promise.all([ask(), ask()])
    world.openai.setFault(undefined)
    expect(answers.map(({ choices }) => choices[0]?.finish_reason)).toEqual(['stop', 'stop'])
  })
})
