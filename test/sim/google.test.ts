import { afterAll, describe, expect, test } from 'bun:test'
import { ApiError, FunctionCallingConfigMode, type GenerateContentConfig, GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { asArray, asObject, type JsonObject } from '../../src/base/json-value.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { call, payloads, withKey } from './calls.ts'

const sim = await startSim({ kind: 'google' })
afterAll(() => sim.stop())

const BASE = '/v1beta/models/gemini-3.5-flash'
const client = new GoogleGenAI({ apiKey: sim.key, httpOptions: { baseUrl: sim.origin } })
const model = sim.model

const city = { type: 'object', properties: { city: { type: 'string' } } }
const tools = [
  {
    functionDeclarations: [
      { name: 'weather', parametersJsonSchema: city },
      { name: 'clock', description: 'the time' },
    ],
  },
]
const hello = { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }

function post(method: string, body: JsonObject, query = ''): ReturnType<typeof call> {
  return call(sim, 'POST', `${BASE}:${method}${query}`, body)
}

async function answerTo(contents: string, config: GenerateContentConfig = {}, asked = model) {
  return client.models.generateContent({ model: asked, contents, config })
}

describe('whole and streamed say the same to the official client', () => {
  const TEXTS = [
    'hello',
    '[[tools]]',
    '[[think]] hello',
    '[[think]] [[tools]]',
    '[[redacted]]',
    '[[long 50]]',
    '[[empty]]',
    '[[refuse]]',
    '[[risk]]',
    '[[length]]',
    '[[json]]',
    '[[unicode]]',
  ] as const
  test.each(TEXTS)('%s', async contents => {
    const config = { tools, thinkingConfig: { includeThoughts: true } }
    const whole = await answerTo(contents, config)
    const chunks = []
    for await (const chunk of await client.models.generateContentStream({ model, contents, config })) chunks.push(chunk)
    const parts = chunks.flatMap(chunk => chunk.candidates?.[0]?.content?.parts ?? [])
    const texts = (from: typeof parts, thought: boolean) =>
      from.flatMap(part => ((part.thought ?? false) === thought ? [part.text ?? ''] : [])).join('')
    const wholeParts = whole.candidates?.[0]?.content?.parts ?? []
    for (const thought of [true, false]) expect(texts(parts, thought)).toBe(texts(wholeParts, thought))
    const calls = (from: typeof parts) => from.flatMap(part => part.functionCall?.name ?? [])
    expect(calls(parts)).toEqual(calls(wholeParts))
    expect(calls(parts)).toEqual(contents.includes('[[tools]]') ? ['weather', 'clock'] : [])
    const last = chunks.at(-1)
    expect(last?.candidates?.[0]?.finishReason).toBe(whole.candidates?.[0]?.finishReason as never)
    expect(last?.promptFeedback).toEqual(whole.promptFeedback as never)
    expect(last?.usageMetadata).toEqual(whole.usageMetadata as never)
    const signed = (from: typeof parts) => from.flatMap(part => part.thoughtSignature ?? [])
    expect(signed(parts)).toEqual(signed(wholeParts))
  })
})

describe('what it answers', () => {
  test('a refusal has no content, a blocked prompt no candidate', async () => {
    const refusal = await answerTo('[[refuse]]')
    expect(refusal.candidates).toMatchObject([{ finishReason: 'SAFETY' }])
    expect(refusal.candidates?.[0]?.content).toBeUndefined()
    const blocked = await answerTo('[[risk]]')
    expect(blocked.candidates).toBeUndefined()
    expect(blocked.promptFeedback?.blockReason as string).toBe('PROHIBITED_CONTENT')
  })
  test('the output limit, and a stop sequence', async () => {
    const cut = await answerTo('hello', { maxOutputTokens: 2 })
    expect([cut.text, cut.candidates?.[0]?.finishReason as string]).toEqual(['This is ', 'MAX_TOKENS'])
    const stopped = await answerTo('hello', { stopSequences: ['model'] })
    expect([stopped.text, stopped.candidates?.[0]?.finishReason as string]).toEqual(['This is the simulated ', 'STOP'])
  })
  test('JSON after a schema, in either dialect', async () => {
    const config = { responseMimeType: 'application/json' }
    const own = { type: 'OBJECT', properties: { n: { type: 'INTEGER', minimum: 3 } } }
    expect((await answerTo('x', { ...config, responseSchema: own as never })).text).toBe('{"n":3}')
    expect((await answerTo('x', { ...config, responseJsonSchema: city })).text).toBe('{"city":"sample city"}')
  })
  test('one of the allowed functions where some must be called', async () => {
    const functionCallingConfig = { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['clock'] }
    const forced = await answerTo('x', { tools, toolConfig: { functionCallingConfig } })
    expect(forced.functionCalls?.map(each => each.name)).toEqual(['clock'])
    const none = { functionCallingConfig: { mode: FunctionCallingConfigMode.NONE } }
    expect((await answerTo('[[tools]]', { tools, toolConfig: none })).functionCalls).toBeUndefined()
  })
  test('an image and a file it sees', async () => {
    const parts = [
      { text: 'look' },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      { fileData: { mimeType: 'application/pdf', fileUri: 'https://x.test/a.pdf' } },
    ]
    const answered = await client.models.generateContent({ model, contents: [{ role: 'user', parts }] })
    expect(answered.text).toEndWith('I see image/png of 3 bytes and a file at https://x.test/a.pdf.')
  })
  test('usage with thoughts, and with what came from the cache', async () => {
    const contents = ['one two three', 'four', 'five'].map((text, at) => ({
      role: at === 1 ? 'model' : 'user',
      parts: [{ text }],
    }))
    const ask = { model, contents, config: { thinkingConfig: { thinkingBudget: 100 } } }
    await client.models.generateContent(ask)
    expect((await client.models.generateContent(ask)).usageMetadata).toMatchObject({
      promptTokenCount: 5,
      cachedContentTokenCount: 4,
      thoughtsTokenCount: 13,
      candidatesTokenCount: 9,
      totalTokenCount: 27,
    })
  })
  test('counts of tokens as the answer will tell them', async () => {
    const contents = 'one two three'
    const counted = await client.models.countTokens({ model, contents })
    expect(counted.totalTokens).toBe((await answerTo(contents)).usageMetadata?.promptTokenCount)
    const wrapped = await post('countTokens', { generateContentRequest: { model: `models/${model}`, ...hello } })
    expect(wrapped.json.totalTokens).toBe(1)
    expect((await post('countTokens', {})).status).toBe(400)
  })
})

describe('the two forms of a stream', () => {
  test('events, where they are asked for', async () => {
    const answered = await post('streamGenerateContent', hello, '?alt=sse')
    expect(answered.headers.get('content-type')).toBe('text/event-stream')
    const events = payloads(answered.text).map(event => asObject(event) ?? {})
    const counts = events.map(event => Number(asObject(event.usageMetadata)?.totalTokenCount))
    expect(counts.length).toBeGreaterThan(3)
    expect(counts).toEqual([...counts].sort((a, b) => a - b))
  })
  test('else one list', async () => {
    const answered = await post('streamGenerateContent', hello)
    expect(answered.headers.get('content-type')).toBe('application/json')
    const list = asArray(JSON.parse(answered.text))
    const events = payloads((await post('streamGenerateContent', hello, '?alt=sse')).text)
    const said = (items: readonly unknown[]) => JSON.stringify(items).replaceAll(/"responseId":"\w+"/g, '')
    expect(said(list)).toBe(said(events))
  })
  test('a list that breaks ends with the error, one that is refused is nothing but it', async () => {
    sim.setFault('error=2')
    const broken = asArray(JSON.parse((await post('streamGenerateContent', hello)).text))
    expect(broken).toHaveLength(3)
    expect(asObject(broken[2])).toEqual({ error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } })
    sim.setFault('error=0')
    expect(asArray(JSON.parse((await post('streamGenerateContent', hello)).text))).toHaveLength(1)
    sim.setFault(undefined)
    const refused = await post('streamGenerateContent', {})
    expect(refused.status).toBe(400)
    expect(asObject(asArray(JSON.parse(refused.text))[0])).toMatchObject({ error: { status: 'INVALID_ARGUMENT' } })
  })
})

describe('models', () => {
  test('in pages, and one by one', async () => {
    const names = []
    for await (const each of await client.models.list({ config: { pageSize: 2 } })) names.push(each.name)
    expect(names).toHaveLength(6)
    expect(names).toContain('models/gemini-embedding-001')
    expect((await client.models.get({ model })).name).toBe(`models/${model}`)
    await expect(client.models.get({ model: 'nope' })).rejects.toMatchObject({ status: 404 })
  })
  const table: readonly [string, string][] = [
    ['gemini-embedding-001:generateContent', 'is not supported for generateContent. Call ListModels'],
    ['nope:streamGenerateContent?alt=sse', 'models/nope is not found for API version v1beta'],
    ['gemini-3.5-flash:embedContent', 'is not supported for embedContent'],
    ['gemini-3.5-flash:predict', 'Requested entity was not found.'],
  ]
  test.each(table)('there is no %s', async (path, wording) => {
    const answered = await call(sim, 'POST', `/v1beta/models/${path}`, hello)
    expect(answered.status).toBe(404)
    expect(answered.json.error).toMatchObject({ code: 404, status: 'NOT_FOUND' })
    expect(answered.text).toContain(wording)
  })
})

describe('embeddings', () => {
  test('of one content and of several', async () => {
    const ask = { model: 'gemini-embedding-001', contents: ['one two', 'three'] }
    const several = await client.models.embedContent({ ...ask, config: { outputDimensionality: 8 } })
    expect(several.embeddings?.map(each => each.values?.length)).toEqual([8, 8])
    const body = { content: { parts: [{ text: 'one two' }] }, outputDimensionality: 8 }
    const one = await call(sim, 'POST', '/v1beta/models/gemini-embedding-001:embedContent', body)
    expect(asObject(one.json.embedding)?.values).toEqual(several.embeddings?.[0]?.values)
  })
  test('with what they need', async () => {
    const path = '/v1beta/models/gemini-embedding-001:'
    const batch = await call(sim, 'POST', `${path}batchEmbedContents`, { requests: [{ content: { parts: [] } }] })
    expect([batch.status, batch.text]).toEqual([400, expect.stringContaining('unexpected model name format')])
    const none = await call(sim, 'POST', `${path}embedContent`, {})
    expect([none.status, none.text]).toEqual([400, expect.stringContaining('content is not specified')])
    const large = { content: { parts: [{ text: 'x' }] }, outputDimensionality: 3073 }
    expect((await call(sim, 'POST', `${path}embedContent`, large)).status).toBe(400)
  })
})

describe('keys', () => {
  const table: readonly [string, Readonly<Record<string, string | null>>, number, string, string][] = [
    ['none', { authorization: null, 'x-goog-api-key': null }, 403, 'PERMISSION_DENIED', 'unregistered callers'],
    ['only a bearer', { 'x-goog-api-key': null }, 401, 'UNAUTHENTICATED', 'Expected OAuth 2 access token'],
    ['of another provider', withKey('sk-x'), 400, 'INVALID_ARGUMENT', '"reason":"API_KEY_INVALID"'],
    ['leaked', withKey('AIza-sim-banned'), 403, 'PERMISSION_DENIED', 'reported as leaked'],
    ['without credit', withKey('AIza-sim-no-balance'), 402, 'RESOURCE_EXHAUSTED', 'prepaid credits'],
    ['too fast', withKey('AIza-sim-rate-limited'), 429, 'RESOURCE_EXHAUSTED', '"retryDelay":"20s"'],
    ['used up for the day', withKey('AIza-sim-daily-used-up'), 429, 'RESOURCE_EXHAUSTED', 'PerDay'],
    ['too busy', withKey('AIza-sim-overloaded'), 503, 'UNAVAILABLE', 'The model is overloaded.'],
  ]
  test.each(table)('%s', async (_, headers, status, code, wording) => {
    const answered = await call(sim, 'POST', `${BASE}:generateContent`, hello, headers)
    expect(answered.status).toBe(status)
    expect(answered.json.error).toMatchObject({ code: status, status: code })
    expect(answered.text).toContain(wording)
  })
  test('one in the URL does', async () => {
    const headers = { authorization: null, 'x-goog-api-key': null }
    const answered = await call(sim, 'POST', `${BASE}:generateContent?key=${sim.key}`, hello, headers)
    expect(answered.status).toBe(200)
  })
  test('the official client tells them apart', async () => {
    const busy = new GoogleGenAI({ apiKey: 'AIza-sim-rate-limited', httpOptions: { baseUrl: sim.origin } })
    const error = await busy.models.generateContent({ model, contents: 'x' }).catch(failed => failed)
    expect(error).toBeInstanceOf(ApiError)
    expect(error.status).toBe(429)
  })
})

describe('the surface for clients of OpenAI', () => {
  const openAi = new OpenAI({ apiKey: sim.key, baseURL: `${sim.origin}/v1beta/openai`, maxRetries: 0 })
  const weather = { type: 'function' as const, function: { name: 'weather', parameters: city } }
  const user = { role: 'user' as const, content: '[[tools]]' }

  test('a tool loop, with the signature on the call', async () => {
    const first = await openAi.chat.completions.create({ model, messages: [user], tools: [weather] })
    const message = first.choices[0]?.message
    const id = message?.tool_calls?.[0]?.id ?? ''
    const result = { role: 'tool' as const, tool_call_id: id, content: 'rain' }
    expect(message?.tool_calls?.[0]).toHaveProperty('extra_content.google.thought_signature')
    const messages = [user, ...(message === undefined ? [] : [message]), result]
    const second = await openAi.chat.completions.create({ model, messages, tools: [weather] })
    expect(second.choices[0]?.message.content).toBe('The tools said: "rain".')
    const bare = message?.tool_calls?.map(({ id: callId, type }) => ({
      id: callId,
      type,
      function: { name: 'weather', arguments: '{}' },
    }))
    const body = { model, messages: [user, { role: 'assistant', tool_calls: bare ?? [] }, result] }
    const unsigned = await call(sim, 'POST', '/v1beta/openai/chat/completions', body)
    expect(unsigned.status).toBe(400)
    expect(asArray(JSON.parse(unsigned.text))).toHaveLength(1)
    expect(unsigned.text).toContain('missing a thought_signature')
  })
  test('models and embeddings', async () => {
    expect((await openAi.models.list()).data[0]?.id).toBe(`models/${model}`)
    const embedded = await openAi.embeddings.create({ model: 'gemini-embedding-001', input: 'x', dimensions: 4 })
    expect(embedded.data[0]?.embedding).toHaveLength(4)
    const unknown = await call(sim, 'POST', '/v1beta/openai/chat/completions', { model: 'nope', messages: [] })
    expect([unknown.status, unknown.text]).toEqual([404, expect.stringContaining('models/nope is not found')])
  })
})

test('the surface for clients of OpenAI takes functions only', async () => {
  const custom = { type: 'custom', custom: { name: 'patch' } }
  const body = { model, messages: [{ role: 'user', content: 'hello' }], tools: [custom] }
  const { status, text } = await call(sim, 'POST', '/v1beta/openai/chat/completions', body)
  expect([status, text]).toEqual([400, expect.stringContaining(`Unknown name \\"custom\\" at 'tools[0]'`)])
})
