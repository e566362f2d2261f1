import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, type Client, chatClient, eventsIn, post } from './clients.ts'
import { bearer, makeKey } from './gateway-keys.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, refOf, simulate } from './providers.ts'

const ADMIN = 'cnd_cacheAdministrator01'

let openai: Sim
let gateway: Gateway
let keys: { readonly first: string; readonly second: string }

const configOf = (target: string) => ({
  models: { providers: { openai: entryOf(openai) } },
  routes: {
    kept: { targets: [target], cache: { ttlSeconds: 3_600 } },
    brief: { targets: [target], cache: { ttlSeconds: 1 } },
    plain: { targets: [target] },
  },
  gateway: { keys: [ADMIN] },
})

beforeAll(async () => {
  openai = await simulate('openai')
  gateway = await startGateway({ key: ADMIN, config: configOf(refOf(openai)) })
  const [first, second] = await Promise.all([
    makeKey(gateway, ADMIN, { name: 'first' }),
    makeKey(gateway, ADMIN, { name: 'second' }),
  ])
  keys = { first: first.secret, second: second.secret }
})
afterAll(async () => {
  await gateway.stop()
  await openai.stop()
})
beforeEach(() => {
  openai.setFault(undefined)
  openai.clear()
})

interface Got {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly receipt: Receipt
}

/** The same question as often as it is asked; another for every test. */
interface Question {
  readonly client?: Client
  readonly route?: string
  readonly text: string
  readonly stream?: boolean
  readonly key?: string
  readonly headers?: Record<string, string>
}

async function ask({
  client = chatClient,
  route = 'kept',
  text,
  stream,
  key = keys.first,
  headers,
}: Question): Promise<Got> {
  const body = client.body(route, text, stream === true ? { stream } : {})
  const response = await post(gateway, client, body, { headers: { ...bearer(key), ...headers } })
  const got = await response.text().catch((error: unknown) => `broken: ${error}`)
  const receipt = await gateway.receipt(response.headers.get('candor-request-id') ?? 'none')
  return { status: response.status, headers: response.headers, text: got, receipt }
}

const told = (got: Got) => got.headers.get('candor-cache')

describe('a question asked twice', () => {
  const FORMS = CLIENTS.flatMap(client => [false, true].map(stream => ({ client, stream, protocol: client.protocol })))

  test.each(FORMS)('is answered once by the provider: $protocol, stream $stream', async ({ client, stream }) => {
    const question = { client, stream, text: `What is kept? ${client.protocol} ${stream}` }
    const miss = await ask(question)
    const hit = await ask(question)
    expect([told(miss), told(hit)]).toEqual(['miss', 'hit'])
    expect([miss.status, hit.status]).toEqual([200, 200])
    expect(hit.text).toBe(miss.text)
    expect(openai.requests()).toHaveLength(1)
    if (stream) {
      expect(client.streamText(eventsIn(hit.text))).not.toBe('')
      expect(hit.text).toMatch(client.ended)
    } else expect(client.textOf(JSON.parse(hit.text))).not.toBe('')
  })

  test.each(FORMS)('is told as what it is: $protocol, stream $stream', async ({ client, stream }) => {
    const question = { client, stream, text: `What is told? ${client.protocol} ${stream}` }
    const miss = await ask(question)
    const hit = await ask(question)
    const same = ['content-type', 'candor-model', 'candor-requested-model', 'candor-protocol']
    expect(same.map(name => hit.headers.get(name))).toEqual(same.map(name => miss.headers.get(name)))
    expect(hit.headers.get('candor-attempts')).toBe('0')
    expect([miss.headers.get('candor-billing'), hit.headers.get('candor-billing')]).toEqual(['metered', null])
    expect(hit.receipt).toMatchObject({ cache: 'hit', attempts: [], ending: 'complete', status: 200, stream })
    expect(hit.receipt.cost).toEqual({ type: 'none' })
    expect(hit.receipt.usage).toBeUndefined()
    expect(miss.receipt).toMatchObject({ cache: 'miss', ending: 'complete' })
    // A stream of Chat Completions tells its usage only if it is asked to.
    expect(['metered', 'unknown']).toContain(miss.receipt.cost.type)
    expect(hit.receipt.id).not.toBe(miss.receipt.id)
    expect(hit.receipt.key?.name).toBe('first')
    expect(hit.receipt.replyBytes).toBe(Buffer.byteLength(hit.text))
  })

  test('with its fields in another order is the same question', async () => {
    const init = { method: 'POST', headers: { ...bearer(keys.first), 'content-type': 'application/json' } }
    const bodies = [
      '{"model":"kept","messages":[{"role":"user","content":"order?"}],"temperature":0}',
      '{ "temperature": 0, "messages": [ { "content": "order?", "role": "user" } ], "model": "kept" }',
    ]
    const answers: (string | null)[] = []
    for (const body of bodies) {
      const response = await gateway.fetch('/v1/chat/completions', { ...init, body })
      await response.text()
      answers.push(response.headers.get('candor-cache'))
    }
    expect(answers).toEqual(['miss', 'hit'])
    expect(openai.requests()).toHaveLength(1)
  })

  test('is asked anew when what is kept is too old', async () => {
    const question = { route: 'brief', text: 'How long?' }
    expect(told(await ask(question))).toBe('miss')
    let answers = 1
    while (told(await ask(question)) === 'hit') answers += 1
    expect(openai.requests()).toHaveLength(2)
    expect(answers).toBeGreaterThan(0)
  })
})

describe('a question is not answered from what is kept', () => {
  test.each<{ why: string; text: string; second: Partial<Question>; told: string | null }>([
    { why: 'of another gateway key', text: 'whose?', second: { key: 'second' }, told: 'miss' },
    {
      why: 'where the client does not want it',
      text: 'no-store?',
      second: { headers: { 'candor-cache': 'no-store' } },
      told: null,
    },
    { why: 'of a route that keeps nothing', text: 'which route?', second: { route: 'plain' }, told: null },
    { why: 'as a stream, if it was whole', text: 'how?', second: { stream: true }, told: 'miss' },
    { why: 'in another protocol', text: 'in which words?', second: { client: CLIENTS[2] ?? chatClient }, told: 'miss' },
  ])('$why', async ({ text, second, told: expected }) => {
    expect(told(await ask({ text }))).toBe('miss')
    const other = await ask({ text, ...second, key: second.key === 'second' ? keys.second : keys.first })
    expect([other.status, told(other)]).toEqual([200, expected])
    expect(openai.requests()).toHaveLength(2)
    expect(told(await ask({ text }))).toBe('hit')
    expect(openai.requests()).toHaveLength(2)
  })

  test('that was not wanted to be kept the first time', async () => {
    const text = 'kept at all?'
    const first = await ask({ text, headers: { 'candor-cache': 'no-store' } })
    expect([first.status, told(first), first.receipt.cache]).toEqual([200, null, undefined])
    expect(told(await ask({ text }))).toBe('miss')
  })
})

describe('what went wrong is never kept', () => {
  test.each([
    { fault: 'status=503', stream: false, status: 503 },
    { fault: 'status=400', stream: false, status: 400 },
    { fault: 'cut=700', stream: true, status: 200 },
    { fault: 'end-early=3', stream: true, status: 200 },
    { fault: 'error=3', stream: true, status: 200 },
    { fault: 'cut=100', stream: false, status: 502 },
  ])('$fault, stream $stream', async ({ fault, stream, status }) => {
    const question = { text: `After ${fault}? ${stream}`, stream }
    openai.setFault(fault)
    const failed = await ask(question)
    expect([failed.status, told(failed), failed.receipt.cache]).toEqual([status, 'miss', 'miss'])
    expect(failed.receipt.ending).not.toBe('complete')
    openai.setFault(undefined)
    const next = await ask(question)
    expect([next.status, told(next), next.receipt.ending]).toEqual([200, 'miss', 'complete'])
    expect(openai.requests()).toHaveLength(2)
    expect(told(await ask(question))).toBe('hit')
  })

  test('nor what a client left before its end', async () => {
    const text = 'Who left? [[long 3000]] [[pace 2]]'
    const leaving = new AbortController()
    const body = chatClient.body('kept', text, { stream: true })
    const response = await post(gateway, chatClient, body, { headers: bearer(keys.first), signal: leaving.signal })
    await response.body?.getReader().read()
    leaving.abort()
    const id = response.headers.get('candor-request-id')
    await gateway.receiptThat(receipt => receipt.id === id && receipt.ending === 'abandoned')
    const again = new AbortController()
    const second = await post(gateway, chatClient, body, { headers: bearer(keys.first), signal: again.signal })
    expect(second.headers.get('candor-cache')).toBe('miss')
    again.abort()
    expect(openai.requests()).toHaveLength(2)
  })
})

test('a reload forgets nothing, but the answer of a target that the route no longer has is not given', async () => {
  const [before, other] = [refOf(openai), 'openai/gpt-other']
  const question = { text: 'Over a reload?' }
  expect(told(await ask(question))).toBe('miss')
  const reloaded = async (target: string, times: number) => {
    gateway.configure(configOf(target))
    await gateway.said(new RegExp(`(?:The configuration was reloaded[\\s\\S]*){${times}}`))
  }
  await reloaded(other, 1)
  const moved = await ask(question)
  expect([told(moved), moved.headers.get('candor-model')]).toEqual(['miss', other])
  const again = await ask(question)
  expect([told(again), again.headers.get('candor-model')]).toEqual(['hit', other])
  expect(openai.requests()).toHaveLength(2)
  const elsewhere = { text: 'Another one?' }
  expect(told(await ask(elsewhere))).toBe('miss')
  await reloaded(before, 2)
  expect(told(await ask(elsewhere))).toBe('miss')
  gateway.configure({ ...configOf(before), logs: { format: 'json' } })
  await gateway.said(/(?:The configuration was reloaded[\s\S]*){3}/)
  expect(told(await ask(elsewhere))).toBe('hit')
})
