import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { GoogleGenAI } from '@google/genai'
import type { Sim } from '../../src/sim/start-sim.ts'
import { eventsIn, parse } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, headerOf, refOf, simOf, simulate } from './providers.ts'

const KEY = 'cnd_aSecretOfTheGateway0123456789'

interface GeminiBody {
  readonly candidates?: readonly {
    readonly content?: { readonly parts?: readonly { readonly text?: string }[] }
    readonly finishReason?: string
  }[]
  readonly error?: {
    readonly code: number
    readonly status: string
    readonly candor?: { readonly code: string }
  }
  readonly totalTokens?: number
  readonly candor?: { readonly estimated?: boolean }
}

let sims: readonly Sim[]
let gateway: Gateway
let listing: ReturnType<typeof serveLists>

/** A server that streams in one JSON array, whatever it is asked for. */
function serveLists() {
  const part = (text: string, rest: object = {}) => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, ...rest }],
  })
  const whole = [part('Hello '), part('there', { finishReason: 'STOP' })]
  const bodies: Readonly<Record<string, string>> = {
    whole: JSON.stringify(whole, undefined, 2),
    cut: JSON.stringify(whole).slice(0, -1),
    failed: JSON.stringify([{ error: { code: 503, status: 'UNAVAILABLE', message: 'The model is overloaded.' } }]),
  }
  return Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: request => {
      const name = /models\/(\w+)/.exec(request.url)?.[1] ?? ''
      return new Response(`\n ${bodies[name] ?? '{}'}`, { headers: { 'content-type': 'application/json' } })
    },
  })
}

beforeAll(async () => {
  sims = await Promise.all((['google', 'openai', 'anthropic', 'kimi-coding'] as const).map(kind => simulate(kind)))
  listing = serveLists()
  const { models } = configOf(sims)
  gateway = await startGateway({
    key: KEY,
    config: {
      models: {
        providers: {
          ...models.providers,
          lists: { baseUrl: `http://127.0.0.1:${listing.port}/v1beta`, apiKey: 'k', api: 'google-generative-ai' },
        },
      },
      gateway: { keys: [KEY], heartbeatMs: 40 },
    } as object,
  })
})
beforeEach(() => {
  for (const sim of sims) {
    sim.clear()
    sim.setFault(undefined)
  }
})
afterAll(async () => {
  await gateway.stop()
  await listing.stop(true)
  await Promise.all(sims.map(sim => sim.stop()))
})

const asking = (text: string, rest: object = {}) => ({ contents: [{ role: 'user', parts: [{ text }] }], ...rest })

function send(path: string, body: object | string, headers: Record<string, string> = { 'x-goog-api-key': KEY }) {
  return gateway.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

const textOf = (bodies: readonly GeminiBody[]): string =>
  bodies
    .flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? [])
    .map(({ text }) => text ?? '')
    .join('')

/** Candor's code in an error. */
const codeIn = (body: GeminiBody | undefined): string | undefined => body?.error?.candor?.code

const receiptOf = (response: Response) => gateway.receipt(response.headers.get('candor-request-id') ?? '')

describe('the path names the model', () => {
  test.each([
    '/v1beta/models/kimi-coding/k3:generateContent',
    '/v1beta/models/kimi-coding%2Fk3:generateContent',
    '/v1beta/models/kimi-coding%2fk3%3AgenerateContent'.replace('%3A', ':'),
    '/v1beta/models/models/kimi-coding/k3:generateContent',
    '/v1/models/kimi-coding/k3:generateContent',
    '/v1beta/kimi-coding/k3:generateContent',
    '/v1beta/models/k3:generateContent',
  ])('%s', async path => {
    const response = await send(path, asking('hello'))
    expect([response.status, response.headers.get('candor-model')]).toEqual([200, 'kimi-coding/k3'])
    expect(textOf([parse<GeminiBody>(await response.text())])).not.toBe('')
    expect(await receiptOf(response)).toMatchObject({ clientProtocol: 'google-generative-ai', stream: false })
  })

  test.each([
    { path: '/v1beta/models/nobody/none:generateContent', status: 404, code: 'NOT_FOUND' },
    { path: '/v1beta/models/..%2F..%2Fadmin:generateContent', status: 404, code: 'NOT_FOUND' },
    { path: '/v1beta/models/%FF:generateContent', status: 404, code: 'NOT_FOUND' },
  ])('$path is no model', async ({ path, status, code }) => {
    const response = await send(path, asking('x'))
    const { error } = parse<GeminiBody>(await response.text())
    expect([response.status, error?.code, error?.status]).toEqual([status, status, code])
  })

  test('a strange name stays one part of the provider’s path', async () => {
    const response = await send('/v1beta/models/google/a%3Fkey=b%23c%2F..%2Fd:generateContent', asking('x'))
    expect(response.status).toBe(404)
    const [sent] = simOf(sims, 'google').requests()
    expect(sent?.path).toBe('/v1beta/models/a%3Fkey%3Db%23c/../d:generateContent'.replace('/../d', '%2F..%2Fd'))
    expect(sent?.query ?? '').toBe('')
  })

  test.each([
    { line: 'PUT /v1beta/models/x:generateContent', status: 405, says: 'takes POST, not PUT' },
    { line: 'GET /v1beta/models/google/x:generateContent', status: 405, says: 'takes POST, not GET' },
    {
      line: 'POST /v1beta/models/google/x:batchEmbedContents',
      status: 404,
      says: 'no Gemini call "batchEmbedContents"',
    },
    { line: 'POST /v1beta/files', status: 404, says: 'has no path' },
  ])('$line: $status, in Google’s envelope', async ({ line, status, says }) => {
    const [method = '', path = ''] = line.split(' ')
    const response = await gateway.fetch(path, { method, headers: { 'x-goog-api-key': KEY } })
    const { error } = parse<{ error: { status: string; message: string; candor: { fix: string[] } } }>(
      await response.text(),
    )
    expect([response.status, error.status]).toEqual([status, 'INVALID_ARGUMENT'])
    expect(response.headers.get('allow')).toBe(status === 405 ? 'POST' : null)
    expect(error.message).toContain(says)
    expect(error.candor.fix).not.toEqual([])
  })

  test('a list asked for with a wrong key is refused in the words of who asks', async () => {
    const asked = async (path: string, headers: Record<string, string>) =>
      [(await gateway.fetch(path, { headers })).status, await (await gateway.fetch(path, { headers })).json()] as const
    expect(await asked('/v1beta/models', { 'x-goog-api-key': 'wrong' })).toMatchObject([
      401,
      { error: { code: 401, status: 'UNAUTHENTICATED' } },
    ])
    const anthropic = { 'anthropic-version': '2023-06-01', 'x-api-key': 'wrong' }
    expect(await asked('/v1/models', anthropic)).toMatchObject([
      401,
      { type: 'error', error: { type: 'authentication_error' } },
    ])
  })

  test('a body that is no object is refused like everywhere', async () => {
    const response = await send('/v1beta/models/google/gemini-3.5-flash:generateContent', '[]')
    expect([response.status, codeIn(parse<GeminiBody>(await response.text()))]).toEqual([400, 'bad_request'])
  })
})

describe('passed through', () => {
  const path = '/v1beta/models/google/gemini-3.5-flash'

  test('the bytes go as they came, and come as they went', async () => {
    const body = '{ "contents" : [{"role":"user","parts":[{"text":"\\u0041"}]}],\n "tomorrow": {"x":[1.0e0]} }'
    const known = body.replace(',\n "tomorrow": {"x":[1.0e0]}', '')
    const response = await send(`${path}:generateContent`, known)
    expect(response.status).toBe(200)
    const [sent] = simOf(sims, 'google').requests()
    expect([sent?.path, sent?.query ?? '', sent?.body]).toEqual([
      '/v1beta/models/gemini-3.5-flash:generateContent',
      '',
      known,
    ])
    await send(`${path}:generateContent`, body)
    expect(simOf(sims, 'google').requests()[1]?.body).toBe(body)
  })

  test('a stream of events is the provider’s own', async () => {
    const response = await send(`${path}:streamGenerateContent?alt=sse`, asking('x'))
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const events = eventsIn(await response.text()).map(({ data }) => parse<GeminiBody>(data))
    expect(textOf(events)).not.toBe('')
    const [sent] = simOf(sims, 'google').requests()
    expect([sent?.path, sent?.query]).toEqual(['/v1beta/models/gemini-3.5-flash:streamGenerateContent', 'alt=sse'])
    const receipt = await receiptOf(response)
    expect(receipt).toMatchObject({ stream: true, ending: 'complete' })
    expect(receipt.attempts[0]?.url).toEndWith(':streamGenerateContent')
  })

  test('the same as one JSON array, event for event', async () => {
    const sse = eventsIn(await (await send(`${path}:streamGenerateContent?alt=sse`, asking('x'))).text())
    simOf(sims, 'google').clear()
    const response = await send(`${path}:streamGenerateContent`, asking('x'))
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    const text = await response.text()
    const timeless = (body: string) => body.replaceAll(/("(?:createTime|responseId)": ?)"[^"]*"/g, '$1""')
    expect(parse<unknown[]>(timeless(text))).toEqual(sse.map(({ data }) => parse<unknown>(timeless(data))))
    expect(simOf(sims, 'google').requests()[0]?.query).toBe('alt=sse')
    expect(await receiptOf(response)).toMatchObject({ ending: 'complete', stream: true })
  })

  test('tokens are counted by the provider', async () => {
    const response = await send(`${path}:countTokens`, asking('one two three'))
    const body = parse<GeminiBody>(await response.text())
    expect([response.status, body.totalTokens, body.candor]).toEqual([200, 3, undefined])
    expect(simOf(sims, 'google').requests()[0]?.path).toBe('/v1beta/models/gemini-3.5-flash:countTokens')
  })
})

const OTHERS = ['openai', 'anthropic', 'kimi-coding'] as const

describe.each([...OTHERS])('translated, %s', kind => {
  const ref = () => refOf(simOf(sims, kind))

  test('a stream as one JSON array is whole JSON that ends as the answer did', async () => {
    const response = await send(`/v1beta/models/${ref()}:streamGenerateContent`, asking('hello'))
    const bodies = parse<GeminiBody[]>(await response.text())
    expect(textOf(bodies)).not.toBe('')
    expect(bodies.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP')
    expect(response.headers.get('candor-protocol')).toStartWith('google-generative-ai>')
  })

  test('a cut stream closes the array with an error, and no STOP', async () => {
    simOf(sims, kind).setFault('end-early=3')
    const response = await send(`/v1beta/models/${ref()}:streamGenerateContent`, asking('hello'))
    const bodies = parse<GeminiBody[]>(await response.text())
    expect(codeIn(bodies.at(-1))).toBe('stream_truncated')
    expect(JSON.stringify(bodies)).not.toContain('"finishReason"')
    expect(await receiptOf(response)).toMatchObject({ ending: 'truncated', status: 200 })
  })

  test('a silent stream is kept alive with white space', async () => {
    simOf(sims, kind).setFault('stall=300;after=2')
    const response = await send(`/v1beta/models/${ref()}:streamGenerateContent`, asking('hello'))
    const text = await response.text()
    expect(text).toMatch(/\n{2,}/)
    expect(parse<GeminiBody[]>(text).at(-1)?.candidates?.[0]?.finishReason).toBe('STOP')
  })
})

describe('failures in a passed-through array', () => {
  const path = '/v1beta/models/google/gemini-3.5-flash:streamGenerateContent'

  test.each(['end-early=1', 'cut=200', 'error=1', 'malformed=1'])('%s ends in one error element', async fault => {
    simOf(sims, 'google').setFault(fault)
    const response = await send(path, asking('one two three four five'))
    const text = await response.text()
    if (response.status === 200) {
      const bodies = parse<GeminiBody[]>(text)
      expect(bodies.filter(({ error }) => error !== undefined)).toHaveLength(1)
      expect(codeIn(bodies.at(-1))).toBeString()
      expect(JSON.stringify(bodies)).not.toContain('"STOP"')
    } else expect(codeIn(parse<GeminiBody>(text))).toBeString()
    expect((await receiptOf(response)).ending).not.toBe('complete')
  })

  test('a refusal before the stream is an error with its status', async () => {
    simOf(sims, 'google').setFault('status=429')
    const response = await send(path, asking('x'))
    const body = parse<GeminiBody>(await response.text())
    expect([response.status, body.error?.status, codeIn(body)]).toEqual([429, 'RESOURCE_EXHAUSTED', 'rate_limited'])
  })
})

describe('a provider that answers with an array though it was asked for events', () => {
  test.each([
    ['?alt=sse', 'text/event-stream; charset=utf-8'],
    ['', 'application/json; charset=utf-8'],
  ])('is read all the same (%p)', async (query, type) => {
    const response = await send(`/v1beta/models/lists/whole:streamGenerateContent${query}`, asking('x'))
    const text = await response.text()
    expect(response.headers.get('content-type')).toBe(type)
    const bodies = query === '' ? parse<GeminiBody[]>(text) : eventsIn(text).map(({ data }) => parse<GeminiBody>(data))
    expect([textOf(bodies), bodies.at(-1)?.candidates?.[0]?.finishReason]).toEqual(['Hello there', 'STOP'])
  })

  test.each([
    { name: 'cut', code: 'stream_truncated', status: 502 },
    { name: 'failed', code: 'overloaded', status: 503 },
  ])('$name: $code', async ({ name, code, status }) => {
    const response = await send(`/v1beta/models/lists/${name}:streamGenerateContent`, asking('x'))
    expect([response.status, codeIn(parse<GeminiBody>(await response.text()))]).toEqual([status, code])
  })

  test('a client of another protocol gets its own', async () => {
    const response = await gateway.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ model: 'lists/whole', stream: true, messages: [{ role: 'user', content: 'x' }] }),
    })
    expect(await response.text()).toEndWith('data: [DONE]\n\n')
  })
})

describe('countTokens where the provider has no such call', () => {
  test.each([...OTHERS])('%s: an estimate that says so', async kind => {
    const sim = simOf(sims, kind)
    const response = await send(`/v1beta/models/${refOf(sim)}:countTokens`, {
      generateContentRequest: { model: `models/${refOf(sim)}`, ...asking('hello '.repeat(1000)) },
    })
    const body = parse<GeminiBody>(await response.text())
    expect(body.totalTokens).toBeGreaterThan(1000)
    expect(body.candor?.estimated).toBe(true)
    expect(sim.requests()).toEqual([])
  })
})

describe('the key', () => {
  const path = '/v1beta/models/google/gemini-3.5-flash:generateContent'

  test.each([
    ['x-goog-api-key', '', { 'x-goog-api-key': KEY }],
    ['?key=', `?key=${KEY}`, {}],
    ['?key= among others', `?alt=json&key=${KEY}&prettyPrint=false`, {}],
    ['Authorization', '', { authorization: `Bearer ${KEY}` }],
  ] as [string, string, Record<string, string>][])(
    'is taken from %s, and goes nowhere else',
    async (_, query, headers) => {
      const response = await send(path + query, asking('x'), headers)
      expect(response.status).toBe(200)
      const receipt = await receiptOf(response)
      const [sent] = simOf(sims, 'google').requests()
      expect(headerOf(sent, 'x-goog-api-key')).toBe(simOf(sims, 'google').key)
      for (const seen of [JSON.stringify(sent), JSON.stringify(receipt), gateway.stdout(), gateway.stderr()])
        expect(seen).not.toContain(KEY)
    },
  )

  test('a wrong or missing one is refused in Google’s words', async () => {
    for (const query of ['', '?key=cnd_wrong']) {
      const response = await send(path + query, asking('x'), {})
      const body = parse<GeminiBody>(await response.text())
      expect([response.status, body.error?.code, codeIn(body)]).toEqual([401, 401, 'unauthorized'])
    }
    expect(simOf(sims, 'google').requests()).toEqual([])
  })
})

test.each(['v1', 'v1beta'])('the official client streams, answers and counts over %s', async apiVersion => {
  const client = new GoogleGenAI({ apiKey: KEY, apiVersion, httpOptions: { baseUrl: gateway.url } })
  for (const sim of sims) {
    const model = refOf(sim)
    const whole = await client.models.generateContent({ model, contents: 'one two' })
    let streamed = ''
    for await (const chunk of await client.models.generateContentStream({ model, contents: 'one two' }))
      streamed += chunk.text ?? ''
    expect([whole.text, streamed].every(text => (text ?? '') !== '')).toBe(true)
    expect((await client.models.countTokens({ model, contents: 'one two' })).totalTokens).toBeGreaterThan(0)
  }
})
