import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { OWN_USER_AGENT } from '../../src/base/version.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, type Client, call, post, written } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, headerOf, refOf, simOf, simulate } from './providers.ts'
import { exchange, requestText } from './raw-http.ts'

const MIB = 1024 * 1024

/** Between them they speak every protocol. */
const KINDS = ['openai', 'anthropic', 'google'] as const

let sims: readonly Sim[]
let gateway: Gateway

beforeAll(async () => {
  sims = await Promise.all(KINDS.map(kind => simulate(kind)))
  gateway = await startGateway({ config: configOf(sims) })
})
beforeEach(() => {
  for (const sim of sims) sim.clear()
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all(sims.map(sim => sim.stop()))
})

/** The provider that speaks the client's own protocol. */
function simFor(client: Client): Sim {
  const sim = sims.find(each => each.surfaces.some(surface => surface.protocol === client.protocol))
  if (sim === undefined) throw new Error('no such provider')
  return sim
}

/** How each protocol writes one message in an unusual way; the model beside it, where it belongs in the body. */
const ODD: Readonly<Record<ProtocolId, (model: string, text: string) => string>> = {
  'openai-completions': (model, text) =>
    `"messages" : [ {"content":"${text}","role":"user"} ] ,\t"model":${model},"temperature":1.0E0 `,
  'openai-responses': (model, text) =>
    `"input" : [ {"content":"${text}","role":"user"} ] ,\t"model":${model},"temperature":1.0E0 `,
  'anthropic-messages': (model, text) =>
    `"messages" : [ {"content":"${text}","role":"user"} ] ,\t"model":${model},"temperature":1.0E0 , "max_tokens":1e2`,
  'google-generative-ai': (_, text) =>
    `"contents" : [ {"parts":[ {"text":"${text}"}],"role":"user"} ] ,\t"generationConfig":{"temperature":1.0E0 }`,
}

/** A body that no JSON writer would write so, of about this many bytes. */
function oddBody({ protocol }: Client, model: string, bytes: number): string {
  const filler = `\\u0041\\/ caf\\u00e9 "quoted" \u{1f30d} `.replaceAll('"', '\\"')
  const text = filler.repeat(Math.ceil(bytes / filler.length))
  return `\r\n{ ${ODD[protocol](JSON.stringify(model), text)}}  `
}

const jsonHeaders = { 'content-type': 'application/json' }

describe.each([...CLIENTS])('pass-through, $protocol', client => {
  test.each([100, MIB])('a request of about %p bytes arrives byte for byte, but for the model', async bytes => {
    const sim = simFor(client)
    const response = await gateway.fetch(client.path(refOf(sim)), {
      method: 'POST',
      headers: jsonHeaders,
      body: oddBody(client, refOf(sim), bytes),
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('candor-protocol')).toBe(client.protocol)
    const sent = sim.requests()[0]?.body ?? ''
    expect(sent.length).toBeGreaterThan(bytes)
    expect(sent === oddBody(client, sim.model, bytes)).toBe(true)
  })

  test.each([false, true])('the answer’s bytes are the provider’s (stream %p)', async stream => {
    const sim = simFor(client)
    const body = client.body(sim.model, '[[unicode]] x', { stream })
    const through = await post(gateway, client, { ...body, model: refOf(sim) })
    const bytes = Buffer.from(await through.bytes())
    const sent = sim.requests()[0]
    sim.clear()
    const direct = await fetch(`${sim.origin}${sent?.path}?${sent?.query}`, {
      method: 'POST',
      headers: {
        ...jsonHeaders,
        authorization: `Bearer ${sim.key}`,
        'x-api-key': sim.key,
        'x-goog-api-key': sim.key,
        'anthropic-version': '2023-06-01',
      },
      body: sent?.body ?? '',
    })
    const timeless = (text: string) =>
      text.replaceAll(/"(?:created|created_at|createTime|completed_at)": ?(?:\d+|"[^"]*")/g, '')
    expect(timeless(bytes.toString('latin1'))).toBe(timeless(Buffer.from(await direct.bytes()).toString('latin1')))
  })

  test('fields nobody knows reach the provider', async () => {
    const sim = simFor(client)
    await call(gateway, client, client.body(refOf(sim), 'x', { a_field_of_tomorrow: { deep: [1, null] } }))
    expect(sim.requests()[0]?.body).toContain('"a_field_of_tomorrow":{"deep":[1,null]}')
  })
})

/** What a request may carry upstream, whatever the client sends. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  openai: ['authorization'],
  anthropic: ['x-api-key', 'anthropic-version'],
  google: ['x-goog-api-key'],
}
/** Where the provider's own key goes. */
const KEY_HEADERS = { openai: 'authorization', anthropic: 'x-api-key', google: 'x-goog-api-key' } as const
const ALWAYS = ['accept', 'accept-encoding', 'connection', 'content-length', 'content-type', 'host', 'user-agent']

/** Everything a client might send that is nobody else's business. */
const PRIVATE: Readonly<Record<string, string>> = {
  authorization: 'Bearer the-gateway-key-of-the-client',
  'x-api-key': 'the-gateway-key-of-the-client',
  'x-goog-api-key': 'the-gateway-key-of-the-client',
  cookie: 'session=secret',
  'proxy-authorization': 'Basic c2VjcmV0',
  forwarded: 'for=10.0.0.1',
  'x-forwarded-for': '10.0.0.1',
  'x-forwarded-host': 'evil.example',
  'x-real-ip': '10.0.0.1',
  via: '1.1 proxy',
  referer: 'http://localhost/secret',
  'x-base-url': 'http://evil.example',
  'x-custom-host': 'evil.example',
  'openai-organization': 'org-of-the-client',
  'openai-project': 'project-of-the-client',
  'x-stainless-os': 'Linux',
  'sec-fetch-site': 'same-origin',
  'accept-encoding': 'gzip, br, zstd',
  te: 'trailers',
  'keep-alive': 'timeout=5',
  'upgrade-insecure-requests': '1',
  range: 'bytes=0-1',
  'if-none-match': '"x"',
  'candor-allow-loss': '*',
}

const lanes = CLIENTS.flatMap(client => KINDS.map(kind => ({ client, protocol: client.protocol, kind })))

describe.each(lanes)('headers upstream, $protocol served by $kind', ({ client, kind }) => {
  const sim = () => simOf(sims, kind)

  /** Sends raw, so that nothing of the test's own client is added. */
  async function sendWith(headers: Readonly<Record<string, string>>) {
    const { path, body } = written(client, client.body(refOf(sim()), 'x'))
    const host = `127.0.0.1:${gateway.port}`
    const answer = await exchange(gateway.port, requestText(`POST ${path}`, { host, ...jsonHeaders, ...headers }, body))
    expect(answer.status).toBe(200)
    const sent = sim().requests()[0]
    if (sent === undefined) throw new Error('nothing arrived')
    return sent
  }

  test('nothing but the allowed names, and the provider’s own key', async () => {
    const sent = await sendWith(
      Object.fromEntries(Object.entries(PRIVATE).filter(([name]) => !/^x-(api|goog)/.test(name))),
    )
    const names = sent.headers.map(([name]) => name.toLowerCase()).sort()
    const expected = [...ALWAYS, ...(ALLOWED[kind] ?? [])].sort()
    expect(names).toEqual(expected)
    expect(headerOf(sent, 'host')).toBe(new URL(sim().origin).host)
    expect(headerOf(sent, 'accept-encoding')).toBe('identity')
    expect(headerOf(sent, 'user-agent')).toBe(OWN_USER_AGENT)
    expect(headerOf(sent, KEY_HEADERS[kind])).toContain(sim().key)
    expect(JSON.stringify(sent.headers)).not.toMatch(/the-gateway-key|secret|evil|10\.0\.0\.1|of-the-client/)
  })

  test.each(['x-api-key', 'x-goog-api-key'])('the client’s key in %s stays here', async name => {
    const sent = await sendWith({ [name]: 'the-gateway-key-of-the-client' })
    expect(JSON.stringify(sent)).not.toContain('the-gateway-key')
  })

  test('what names the client and its conversation goes along; opt-ins only in their own protocol', async () => {
    const sent = await sendWith({
      'user-agent': 'my-agent/1.0',
      'x-title': 'My agent',
      'anthropic-beta': 'context-1m-2025-08-07',
      'anthropic-version': '2023-01-01',
      'openai-beta': 'something=v1',
    })
    expect(headerOf(sent, 'user-agent')).toBe('my-agent/1.0')
    expect(headerOf(sent, 'x-title')).toBe('My agent')
    const own = client.protocol === 'anthropic-messages' && kind === 'anthropic'
    expect(headerOf(sent, 'anthropic-beta')).toBe(own ? 'context-1m-2025-08-07' : undefined)
    if (kind === 'anthropic') expect(headerOf(sent, 'anthropic-version')).toBe(own ? '2023-01-01' : '2023-06-01')
    const ownOpenAi = client.protocol.startsWith('openai-') && kind === 'openai'
    expect(headerOf(sent, 'openai-beta')).toBe(ownOpenAi ? 'something=v1' : undefined)
  })
})

test('the provider’s key is in no answer’s headers, and of its headers only the listed ones are passed on', async () => {
  const talkative = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: () =>
      Response.json(
        { choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] },
        {
          headers: {
            'set-cookie': 'a=b',
            server: 'x',
            'x-request-id': 'up-1',
            'x-ratelimit-remaining-requests': '9',
            'access-control-allow-origin': '*',
            'x-internal': 'y',
          },
        },
      ),
  })
  const entry = {
    baseUrl: `http://127.0.0.1:${talkative.port}`,
    api: 'openai-completions' as const,
    apiKey: 'a-key-to-keep',
  }
  const other = await startGateway({ config: { models: { providers: { talkative: entry } } } })
  for (const client of CLIENTS) {
    const got = await call(other, client, client.body('talkative/m', 'x'))
    expect(got.headers.get('x-request-id')).toBe('up-1')
    expect(got.headers.get('x-ratelimit-remaining-requests')).toBe('9')
    for (const name of ['set-cookie', 'server', 'access-control-allow-origin', 'x-internal'])
      expect(got.headers.has(name)).toBe(false)
    expect(JSON.stringify([...got.headers])).not.toContain('a-key-to-keep')
  }
  await other.stop()
  await talkative.stop(true)
})
