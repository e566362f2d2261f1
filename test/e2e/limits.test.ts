import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, call, chatClient, noteOf, parse, post } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, refOf, simulate } from './providers.ts'
import { exchange, openRaw, requestText } from './raw-http.ts'

const BODY_MAX = 100_000
const IN_FLIGHT_MAX = 2

let openai: Sim
let gateway: Gateway

beforeAll(async () => {
  openai = await simulate('openai')
  const limits = { bodyBytesMax: BODY_MAX, inFlightMax: IN_FLIGHT_MAX }
  gateway = await startGateway({ config: configOf([openai], { limits, timeouts: { requestMs: 300 } }) })
})
afterEach(() => {
  openai.setFault(undefined)
  openai.clear()
})
afterAll(async () => {
  await gateway.stop()
  await openai.stop()
})

const host = () => `127.0.0.1:${gateway.port}`
const JSON_TYPE = { 'content-type': 'application/json' }

/** A request with a body of this many bytes. */
function sized(bytes: number): string {
  const empty = JSON.stringify(chatClient.body(refOf(openai), ''))
  return JSON.stringify(chatClient.body(refOf(openai), 'a'.repeat(bytes - empty.length)))
}

describe.each([...CLIENTS])('bodies, $protocol', client => {
  test('the largest allowed one passes, one byte more does not', async () => {
    const fits = await call(gateway, chatClient, sized(BODY_MAX))
    expect(fits.status).toBe(200)
    const got = await call(gateway, client, sized(BODY_MAX + 1))
    expect(got.status).toBe(413)
    expect(client.isEnvelope(got.json())).toBe(true)
    expect(noteOf(got.json()).code).toBe('body_too_large')
    expect(got.receipt).toMatchObject({ ending: 'failed', problem: { code: 'body_too_large' }, attempts: [] })
  })

  test('too large is refused by its length, before it is sent', async () => {
    const connection = openRaw(gateway.port)
    connection.write(
      requestText(`POST ${client.path()}`, { host: host(), ...JSON_TYPE, 'content-length': '900000000' }),
    )
    await connection.until(/body_too_large/)
    expect(connection.text()).toStartWith('HTTP/1.1 413 ')
    connection.destroy()
  })

  test('too large is refused in chunks too, at the limit', async () => {
    const connection = openRaw(gateway.port)
    connection.write(
      requestText(`POST ${client.path()}`, { host: host(), ...JSON_TYPE, 'transfer-encoding': 'chunked' }),
    )
    const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`
    for (let sent = 0; sent < BODY_MAX + 0x4000; sent += 0x4000) connection.write(chunk)
    await connection.until(/body_too_large/)
    expect(connection.text()).toStartWith('HTTP/1.1 413 ')
    connection.destroy()
  })

  test('a slow one is cut by a deadline, whatever its pace', async () => {
    const connection = openRaw(gateway.port)
    connection.write(
      requestText(`POST ${client.path()}`, { host: host(), ...JSON_TYPE, 'content-length': '1000' }, '{"model":'),
    )
    await connection.until(/did not arrive within/)
    expect(connection.text()).toStartWith('HTTP/1.1 400 ')
    connection.destroy()
    const receipt = await gateway.receiptThat(({ problem }) => problem?.what.includes('did not arrive') === true)
    expect(receipt).toMatchObject({ ending: 'failed', clientProtocol: client.protocol, attempts: [] })
  })

  const refusals: readonly { name: string; body: string; says: RegExp; names?: true }[] = [
    { name: 'none', body: '', says: /no body/ },
    { name: 'no JSON', body: 'hello', says: /not a JSON object/ },
    { name: 'a list', body: '[]', says: /not a JSON object/ },
    { name: 'cut', body: '{"model":"openai/gpt-4.1","messages":[', says: /not a JSON object/ },
    {
      name: 'two models',
      body: '{"model":"openai/gpt-4.1","messages":[],"model":"x"}',
      says: /twice|two|duplicate/i,
      names: true,
    },
    {
      name: 'two models, one escaped',
      body: '{"model":"openai/gpt-4.1","messages":[],"mod\\u0065l":"x"}',
      says: /twice|two|duplicate/i,
      names: true,
    },
    { name: 'a number as model', body: '{"model":1}', says: /"model" is not a text/, names: true },
    {
      name: 'a text as stream',
      body: '{"model":"openai/gpt-4.1","stream":"yes"}',
      says: /"stream" is neither/,
      names: true,
    },
    {
      name: 'deep',
      body: `{"model":"openai/gpt-4.1","messages":${'['.repeat(70)}${']'.repeat(70)}}`,
      says: /deep|nest/i,
    },
    {
      name: 'very deep',
      body: `{"model":"openai/gpt-4.1","messages":${'['.repeat(40_000)}${']'.repeat(40_000)}}`,
      says: /deep|nest/i,
    },
  ]
  const fitting = refusals.filter(({ names }) => names === undefined || client.named === 'body')
  test.each(fitting)('$name is refused in words, and nothing is sent on', async ({ body, says }) => {
    const got = await call(gateway, client, body)
    expect(got.status).toBe(400)
    const note = noteOf(got.json())
    expect(note.code).toBe('bad_request')
    expect(note.what).toMatch(says)
    expect(client.isEnvelope(got.json())).toBe(true)
    expect(openai.requests()).toEqual([])
    expect(got.receipt).toMatchObject({ ending: 'failed', attempts: [] })
  })

  test.each([
    { type: 'text/plain', status: 400 },
    { type: 'application/x-www-form-urlencoded', status: 400 },
    { type: 'multipart/form-data; boundary=x', status: 400 },
    { type: 'application/json; charset=utf-8', status: 200 },
    { type: 'application/vnd.api+json', status: 200 },
  ])('content type $type: $status', async ({ type, status }) => {
    const got = await call(gateway, client, client.body(refOf(openai), 'x'), { 'content-type': type })
    expect(got.status).toBe(status)
    if (status === 400) expect(noteOf(got.json()).what).toContain('is not JSON')
  })
})

test('headers of more than 16 KiB are refused', async () => {
  const answer = await exchange(
    gateway.port,
    requestText('POST /v1/messages', { host: host(), 'x-big': 'a'.repeat(17_000), ...JSON_TYPE }, '{}'),
  )
  expect(answer.status).toBe(431)
  expect(openai.requests()).toEqual([])
})

describe('more calls than the cap', () => {
  test.each([...CLIENTS])('$protocol: 503 with Retry-After; a place that is free again serves', async client => {
    openai.setFault('delay=never')
    const leaving = new AbortController()
    const running = Array.from({ length: IN_FLIGHT_MAX }, () =>
      post(gateway, chatClient, chatClient.body(refOf(openai), 'x'), { signal: leaving.signal }).catch(() => 'left'),
    )
    await openai.when(requests => requests.length === IN_FLIGHT_MAX)
    const refused = await call(gateway, client, client.body(refOf(openai), 'x'))
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(refused.headers.get('x-should-retry')).toBe('true')
    expect(noteOf(refused.json())).toMatchObject({ code: 'draining' })
    expect(noteOf(refused.json()).what).toContain(`${IN_FLIGHT_MAX} calls in flight`)
    expect(refused.receipt).toMatchObject({ ending: 'failed', status: 503 })
    expect((await gateway.fetch('/readyz')).status).toBe(200)
    leaving.abort()
    expect(await Promise.all(running)).toEqual(['left', 'left'])
    await openai.when(requests => requests.every(({ aborted }) => aborted))
    openai.setFault(undefined)
    const served = await call(gateway, client, client.body(refOf(openai), 'x'))
    expect(served.status).toBe(200)
  })
})

describe('who may call', () => {
  test.each([
    { name: 'evil.example', ok: false },
    { name: 'evil.example:PORT', ok: false },
    { name: '127.evil.example:PORT', ok: false },
    { name: '127.0.0.1.evil.example:PORT', ok: false },
    { name: 'x.localhost:PORT', ok: false },
    { name: 'localhost', ok: false },
    { name: 'localhost:1', ok: false },
    { name: '127.0.0.1', ok: false },
    { name: 'localhost:PORT@evil.example', ok: false },
    { name: 'localhost:PORT, evil.example', ok: false },
    { name: '', ok: false },
    { name: 'localhost:PORT', ok: true },
    { name: 'LocalHost:PORT', ok: true },
    { name: '127.0.0.1:PORT', ok: true },
    { name: '[::1]:PORT', ok: true },
  ])('Host "$name": $ok', async ({ name, ok }) => {
    for (const path of ['/v1/models', '/readyz', '/livez', '/']) {
      const answer = await exchange(
        gateway.port,
        requestText(`GET ${path}`, { host: name.replace('PORT', String(gateway.port)) }),
      )
      if (ok) expect(answer.status).toBe(200)
      else expect([400, 403]).toContain(answer.status)
    }
  })

  test('two Host headers are refused', async () => {
    const answer = await exchange(
      gateway.port,
      `GET /livez HTTP/1.1\r\nhost: ${host()}\r\nhost: evil.example\r\nconnection: close\r\n\r\n`,
    )
    expect([400, 403]).toContain(answer.status)
  })

  test.each([
    { headers: { origin: 'https://evil.example' }, ok: false },
    { headers: { origin: 'null' }, ok: false },
    { headers: { origin: 'http://localhost' }, ok: false },
    { headers: { origin: 'http://localhost:1' }, ok: false },
    { headers: { origin: 'http://127.0.0.1:PORT.evil.example' }, ok: false },
    { headers: { 'sec-fetch-site': 'cross-site' }, ok: false },
    { headers: { 'sec-fetch-site': 'same-site' }, ok: false },
    { headers: { origin: 'http://localhost:PORT' }, ok: true },
    { headers: { origin: 'http://127.0.0.1:PORT', 'sec-fetch-site': 'same-origin' }, ok: true },
    { headers: { 'sec-fetch-site': 'none' }, ok: true },
  ])('$headers: $ok, and never a CORS header', async ({ headers, ok }) => {
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', String(gateway.port))]),
    )
    const body = JSON.stringify(chatClient.body(refOf(openai), 'x'))
    const answer = await exchange(
      gateway.port,
      requestText('POST /v1/chat/completions', { host: host(), ...JSON_TYPE, ...sent }, body),
    )
    expect(answer.status).toBe(ok ? 200 : 403)
    expect(answer.text.toLowerCase()).not.toContain('access-control-')
    expect(openai.requests()).toHaveLength(ok ? 1 : 0)
    if (!ok) expect(answer.text).toContain('"code":"forbidden"')
  })

  test('a preflight is refused', async () => {
    const headers = { host: host(), origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    const answer = await exchange(gateway.port, requestText('OPTIONS /v1/chat/completions', headers))
    expect(answer.status).toBe(403)
    expect(answer.text.toLowerCase()).not.toContain('access-control-allow')
  })
})

describe('paths and methods', () => {
  test.each([
    { line: 'GET /v1/chat/completions', status: 405, says: 'takes POST, not GET' },
    { line: 'DELETE /v1/messages', status: 405, says: 'takes POST, not DELETE' },
    { line: 'PUT /v1/models', status: 405, says: 'takes GET, not PUT' },
    { line: 'POST /livez', status: 405, says: 'takes GET, not POST' },
    { line: 'TRACE /v1/messages', status: 405, says: 'not TRACE' },
    { line: 'POST /v1/v1/messages', status: 404, says: 'Anthropic clients: base URL without /v1.' },
    { line: 'POST /chat/completions', status: 404, says: 'OpenAI clients: base URL with /v1.' },
    { line: 'GET /v1/models/no/such/model', status: 404, says: 'No model is called' },
    { line: 'GET //evil.example/livez', status: 404, says: 'has no path' },
    { line: 'GET /%6civez', status: 404, says: 'has no path' },
    { line: 'GET /candor/receipts/nobody', status: 404, says: 'There is no receipt' },
  ])('$line: $status', async ({ line, status, says }) => {
    const answer = await exchange(gateway.port, requestText(line, { host: host() }))
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(says)
    expect(openai.requests()).toEqual([])
  })

  test('HEAD is answered like GET, without a body', async () => {
    const answer = await exchange(gateway.port, requestText('HEAD /livez', { host: host() }))
    expect(answer.status).toBe(200)
    expect(answer.text.endsWith('\r\n\r\n')).toBe(true)
  })

  test('errors outside any protocol carry the same note', async () => {
    const response = await gateway.fetch('/nowhere')
    expect(noteOf(parse(await response.text()))).toMatchObject({
      code: 'bad_request',
      docs: '/candor/problems#bad_request',
    })
  })
})
