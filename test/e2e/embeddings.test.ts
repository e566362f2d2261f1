import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Client, call, chatClient, noteOf, parse } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, headerOf, simOf, simulate } from './providers.ts'

const EMBED: Client = { ...chatClient, path: () => '/v1/embeddings' }
const GEMINI = 'gemini-only/gemini-embedding-001'
const SMALL = 'openai/text-embedding-3-small'

interface Vectors {
  readonly object: string
  readonly model: string
  readonly data: readonly { readonly index: number; readonly embedding: readonly number[] | string }[]
  readonly usage?: { readonly prompt_tokens: number; readonly total_tokens: number }
}

let sims: readonly Sim[]
let floats: ReturnType<typeof serveFloats>
let gateway: Gateway

/** A server that gives numbers whatever form was asked for, as several compatible ones do. */
function serveFloats() {
  const vector = [0.25, -1, 3.5]
  return Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    routes: {
      '/v1/embeddings': () =>
        Response.json({ object: 'list', extra: 'kept', data: [{ object: 'embedding', index: 0, embedding: vector }] }),
      '/error/embeddings': () => Response.json({ error: { message: 'Incorrect API key', code: 'invalid_api_key' } }),
      '/empty/embeddings': () => Response.json({ hello: 'world' }),
      '/few/models/:call': () => Response.json({ embeddings: [{ values: vector }] }),
    },
  })
}

beforeAll(async () => {
  sims = await Promise.all([simulate('openai'), simulate('google'), simulate('kimi-coding'), simulate('anthropic')])
  floats = serveFloats()
  const at = (path: string, api: string) => ({ baseUrl: `http://127.0.0.1:${floats.port}${path}`, apiKey: 'k', api })
  const { models } = configOf(sims)
  const google = simOf(sims, 'google')
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          ...models.providers,
          'gemini-only': { baseUrl: `${google.origin}/v1beta`, apiKey: google.key, api: 'google-generative-ai' },
          numbers: at('/v1', 'openai-completions'),
          liar: at('/error', 'openai-completions'),
          empty: at('/empty', 'openai-completions'),
          few: { ...at('/few', 'google-generative-ai'), billing: 'metered' },
        },
      },
    } as object,
  })
})
beforeEach(() => {
  for (const sim of sims) sim.clear()
})
afterAll(async () => {
  await gateway.stop()
  await floats.stop(true)
  await Promise.all(sims.map(sim => sim.stop()))
})

const read = (text: string) => parse<Vectors>(text)
const unpacked = (text: string): number[] => {
  const bytes = Buffer.from(text, 'base64')
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4))
}

describe('a provider that speaks OpenAI', () => {
  test('gets the client’s own bytes, and its answer comes back as it is', async () => {
    const body = `{ "input":["one two","three"],"model":${JSON.stringify(SMALL)} , "dimensions": 8 }`
    const got = await call(gateway, EMBED, body)
    const [sent] = simOf(sims, 'openai').requests()
    expect([got.status, sent?.path, sent?.body]).toEqual([
      200,
      '/v1/embeddings',
      body.replace(SMALL, 'text-embedding-3-small'),
    ])
    const reply = read(got.text)
    expect(reply.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 8],
      [1, 8],
    ])
    expect(got.receipt).toMatchObject({
      operation: 'embed',
      ending: 'complete',
      servedModel: SMALL,
      usage: { input: reply.usage?.prompt_tokens ?? -1 },
      cost: { type: 'metered' },
      losses: [],
      assumptions: [],
    })
    expect(got.headers.get('candor-protocol')).toBe('openai-completions')
  })

  test('quirks of generating do not touch it, and the client’s name goes along', async () => {
    await call(gateway, EMBED, { model: SMALL, input: 'x', user: 'me' }, { 'user-agent': 'my-agent/1' })
    const [sent] = simOf(sims, 'openai').requests()
    expect(parse<object>(sent?.body ?? '')).toEqual({ model: 'text-embedding-3-small', input: 'x', user: 'me' })
    expect(headerOf(sent, 'user-agent')).toBe('my-agent/1')
    expect(headerOf(sent, 'authorization')).toBe(`Bearer ${simOf(sims, 'openai').key}`)
  })

  test('Google’s own OpenAI surface is preferred to a translation', async () => {
    const got = await call(gateway, EMBED, { model: 'google/gemini-embedding-001', input: 'x' })
    expect(got.status).toBe(200)
    expect(simOf(sims, 'google').requests()[0]?.path).toBe('/v1beta/openai/embeddings')
  })

  test('numbers become base64 where the client asked for it, and nothing else changes', async () => {
    const plain = await call(gateway, EMBED, { model: 'numbers/x', input: 'x' })
    const packed = await call(gateway, EMBED, { model: 'numbers/x', input: 'x', encoding_format: 'base64' })
    expect(read(plain.text).data[0]?.embedding).toEqual([0.25, -1, 3.5])
    const reply = read(packed.text)
    expect(unpacked(String(reply.data[0]?.embedding))).toEqual([0.25, -1, 3.5])
    expect(reply).toMatchObject({ object: 'list', extra: 'kept' })
    expect(packed.receipt).not.toHaveProperty('usage')
  })
})

describe('a provider that speaks Gemini', () => {
  test('is asked in its own words, with dimensions', async () => {
    const got = await call(gateway, EMBED, { model: GEMINI, input: ['one two', 'three'], dimensions: 16 })
    const [sent] = simOf(sims, 'google').requests()
    expect(sent?.path).toBe('/v1beta/models/gemini-embedding-001:batchEmbedContents')
    expect(parse<object>(sent?.body ?? '')).toEqual({
      requests: ['one two', 'three'].map(text => ({
        model: 'models/gemini-embedding-001',
        content: { parts: [{ text }] },
        outputDimensionality: 16,
      })),
    })
    const reply = read(got.text)
    expect(reply).toMatchObject({ object: 'list', model: GEMINI })
    expect(reply.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 16],
      [1, 16],
    ])
    expect(got.headers.get('candor-protocol')).toBe('openai-completions>google-generative-ai')
    expect(got.receipt).toMatchObject({ operation: 'embed', usage: { input: reply.usage?.prompt_tokens ?? -1 } })
  })

  test('numbers and base64 hold the same vector', async () => {
    const body = { model: GEMINI, input: 'one', dimensions: 4 }
    const plain = read((await call(gateway, EMBED, body)).text).data[0]?.embedding
    const packed = read((await call(gateway, EMBED, { ...body, encoding_format: 'base64' })).text).data[0]?.embedding
    expect(unpacked(String(packed))).toEqual([...new Float32Array(plain as number[])])
  })

  test('usage that is not told is left out, not made up', async () => {
    const got = await call(gateway, EMBED, { model: 'few/x', input: 'one' })
    expect([got.status, read(got.text).usage]).toEqual([200, undefined])
    expect(got.receipt).not.toHaveProperty('usage')
    expect(got.receipt.cost.type).toBe('unknown')
  })

  test('what it has no words for is reported or refused by name', async () => {
    const user = await call(gateway, EMBED, { model: GEMINI, input: 'x', user: 'me' })
    expect([user.status, user.headers.get('candor-losses')]).toEqual([200, 'user'])
    const strange = await call(gateway, EMBED, { model: GEMINI, input: 'x', input_type: 'query' })
    expect([strange.status, noteOf(strange.json()).code, noteOf(strange.json()).paths]).toEqual([
      400,
      'untranslatable',
      ['input_type'],
    ])
    const allowed = await call(
      gateway,
      EMBED,
      { model: GEMINI, input: 'x', input_type: 'query' },
      { 'candor-allow-loss': 'unknown_fields' },
    )
    expect([allowed.status, allowed.headers.get('candor-losses')]).toEqual([200, 'input_type'])
  })

  test.each([
    { input: [1, 2, 3], path: 'input' },
    { input: ['text', [1, 2]], path: 'input[1]' },
  ])('token numbers are refused: $path', async ({ input, path }) => {
    const got = await call(gateway, EMBED, { model: GEMINI, input }, { 'candor-allow-loss': '*' })
    expect([got.status, noteOf(got.json()).code, noteOf(got.json()).paths]).toEqual([400, 'untranslatable', [path]])
    expect(simOf(sims, 'google').requests()).toEqual([])
  })

  test.each([
    { rest: { input: undefined }, path: 'input' },
    { rest: { input: [] }, path: 'input' },
    { rest: { input: [{}] }, path: 'input' },
    { rest: { dimensions: 0 }, path: 'dimensions' },
    { rest: { encoding_format: 'hex' }, path: 'encoding_format' },
  ])('a request OpenAI would refuse is refused: $rest', async ({ rest, path }) => {
    const got = await call(gateway, EMBED, { model: GEMINI, input: 'x', ...rest })
    expect([got.status, noteOf(got.json()).code, noteOf(got.json()).paths]).toEqual([400, 'bad_request', [path]])
  })

  test('fewer vectors than inputs are no answer', async () => {
    const got = await call(gateway, EMBED, { model: 'few/x', input: ['one', 'two'] })
    expect([got.status, noteOf(got.json()).code]).toEqual([502, 'upstream_protocol'])
  })
})

describe('no embeddings', () => {
  test.each(['kimi-coding/k3', 'anthropic/claude-opus-4-5'])('%s: refused, with the reason', async model => {
    const got = await call(gateway, EMBED, { model, input: 'x' })
    const note = noteOf(got.json())
    expect([got.status, note.code, note.what]).toEqual([
      400,
      'untranslatable',
      `The provider "${model.split('/')[0]}" is not known to have a call for embeddings.`,
    ])
    expect(note.why).toContain('it is not known to have a call for embeddings')
    expect(got.receipt).toMatchObject({ operation: 'embed', ending: 'failed', attempts: [] })
  })

  test.each([
    { model: 'liar/x', status: 401, code: 'invalid_key' },
    { model: 'empty/x', status: 502, code: 'upstream_protocol' },
    { model: 'nobody/x', status: 404, code: 'model_not_found' },
  ])('$model: $code', async ({ model, status, code }) => {
    const got = await call(gateway, EMBED, { model, input: 'x' })
    expect([got.status, noteOf(got.json()).code]).toEqual([status, code])
  })

  test('a refusing provider is diagnosed like in any other call', async () => {
    const sim = simOf(sims, 'openai')
    sim.setFault('status=429')
    const got = await call(gateway, EMBED, { model: SMALL, input: 'x' })
    sim.setFault(undefined)
    expect([got.status, noteOf(got.json()).code]).toEqual([429, 'rate_limited'])
    expect(got.receipt.attempts).toHaveLength(1)
  })
})

test.each([SMALL, GEMINI, 'numbers/x'])('the official client reads %s', async model => {
  const client = new OpenAI({ apiKey: 'anything', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
  const { data } = await client.embeddings.create({ model, input: 'one two' })
  expect(data[0]?.embedding.every(value => Number.isFinite(value))).toBe(true)
  const plain = await client.embeddings.create({ model, input: 'one two', encoding_format: 'float' })
  expect(plain.data[0]?.embedding.map(Math.fround)).toEqual(data[0]?.embedding ?? [])
})
