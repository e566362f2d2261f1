import { afterAll, describe, expect, test } from 'bun:test'
import { JsonParser } from '@croct/json5-parser'
import { asObject } from '../../src/base/json-value.ts'
import { describeSims } from '../../src/sim/describe.ts'
import { headerOf } from '../../src/sim/http-reader.ts'
import { SIM_KIND_IDS } from '../../src/sim/sim-kind.ts'
import { type Sim, startSim } from '../../src/sim/start-sim.ts'
import { bodyOf, call, pathOf, raw, requestBytes, user } from './calls.ts'

const CHAT = '/v1/chat/completions'
const sim = await startSim({ kind: 'openai' })
const body = { model: 'gpt-4.1', messages: user('hello') }
afterAll(() => sim.stop())

describe('what was received', () => {
  test('is kept with its headers as they came', async () => {
    sim.clear()
    await raw(sim, requestBytes(sim, `${CHAT}?a=b`, body, ['X-Two: 1', 'x-two: 2', 'Connection: close']))
    const [request, ...more] = sim.requests()
    expect(more).toEqual([])
    expect(request).toMatchObject({ method: 'POST', path: CHAT, query: 'a=b', body: JSON.stringify(body) })
    expect(request?.headers.map(([name]) => name)).toEqual([
      'Host',
      'Authorization',
      'X-Api-Key',
      'X-Goog-Api-Key',
      'Anthropic-Version',
      'X-Two',
      'x-two',
      'Connection',
      'Content-Length',
    ])
    expect(headerOf(request?.headers ?? [], 'x-two')).toBe('1')
    expect(request?.answeredAtMs).toBeGreaterThanOrEqual(request?.atMs ?? 0)
    sim.clear()
    expect(sim.requests()).toEqual([])
  })
  test('is forgotten, the oldest first, beyond the limit', async () => {
    const seen: string[] = []
    const small = await startSim({ kind: 'openai', keepRequests: 2, onRequest: request => seen.push(request.body) })
    for (const text of ['a', 'b', 'c']) await call(small, 'POST', CHAT, text)
    expect(small.requests().map(request => request.body)).toEqual(['b', 'c'])
    expect(seen).toEqual(['a', 'b', 'c'])
    await small.stop()
  })
})

describe('keys', () => {
  test('can change their state while it runs', async () => {
    const status = async () => (await call(sim, 'POST', CHAT, body)).status
    expect(await status()).toBe(200)
    sim.setKey(sim.key, 'invalid')
    expect(await status()).toBe(401)
    sim.setKey(sim.key, 'valid')
    expect(await status()).toBe(200)
  })
  test('have only states this provider knows', async () => {
    expect(() => sim.setKey('sk-x', 'weekly-used-up')).toThrow('openai has no key state "weekly-used-up"')
    await expect(startSim({ kind: 'anthropic', keys: { a: 'concurrency' } })).rejects.toThrow(
      'anthropic has no key state',
    )
  })
})

describe.each(SIM_KIND_IDS)('%s', kind => {
  test('listens on loopback, answers a model of its own with its own key, and stops', async () => {
    const own = await startSim({ kind })
    expect(own.origin).toBe(`http://127.0.0.1:${own.port}`)
    for (const surface of own.surfaces) {
      const path = pathOf(surface.protocol, surface.baseUrl, own.model, false)
      const request = bodyOf(surface.protocol, own.model, 'hello', false)
      const answered = await call(own, 'POST', path, request, { 'user-agent': 'claude-code/0.1.0' })
      expect(answered.status).toBe(200)
      expect(answered.text).toContain(`simulated model ${own.model}`)
    }
    await own.stop()
    await expect(fetch(own.origin)).rejects.toThrow()
  })
  test('stops with a stream open', async () => {
    const own = await startSim({ kind, fault: 'delay=never' })
    const open = raw(own, requestBytes(own, '/', {}))
    await own.when(requests => requests.length === 1)
    await own.stop()
    await open
    expect(own.requests()).toHaveLength(1)
  })
  test('a port that is taken is told', async () => {
    await expect(startSim({ kind, port: sim.port })).rejects.toThrow()
  })
})

test('the configuration that leads to them', async () => {
  const all: Sim[] = []
  for (const kind of SIM_KIND_IDS) all.push(await startSim({ kind }))
  const parsed = asObject(JsonParser.parse(describeSims(all)).toJSON())
  const providers = asObject(asObject(parsed?.models)?.providers)
  expect(Object.keys(providers ?? {})).toEqual([...SIM_KIND_IDS])
  expect(providers?.['kimi-coding']).toEqual({
    baseUrl: `${all[0]?.origin}/coding/v1`,
    apiKey: 'sk-kimi-sim-valid',
    api: 'openai-completions',
  })
  expect(asObject(providers?.anthropic)).toMatchObject({ baseUrl: all[2]?.origin ?? '', api: 'anthropic-messages' })
  expect(asObject(providers?.google)).toEqual({
    baseUrl: `${all[4]?.origin}/v1beta`,
    apiKey: 'AIza-sim-valid',
    api: 'google-generative-ai',
  })
  await Promise.all(all.map(one => one.stop()))
})
