import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLIENTS, chatClient, post, written } from './clients.ts'
import { type Gateway, removeHome, runCandor, startGateway, temporaryHome } from './harness.ts'
import { simulate } from './providers.ts'

/** Without the shape of any provider's keys: what hides it must be that it is a secret, not how it looks. */
const PLAIN = 'canary7Qx9ZplainLiteralInTheFile'
const SHAPED = 'sk-kimi-canary7Qx9ZfromTheEnvironment'
const GATEWAY_KEY = 'cnd_canary7Qx9ZgatewayKey'
const WRONG_KEY = 'wrong-canary7Qx9Z-client-key'
const HEADER_SECRET = 'header-canary7Qx9Z-token'
/** All of them hold it. */
const CANARY = 'canary7Qx9Z'

let gateway: Gateway
/** A provider that repeats what it was sent, as some do when they refuse a key. */
let parrot: ReturnType<typeof Bun.serve>
const said: string[] = []
const heard: string[] = []

const CHAT_ANSWER = { choices: [{ index: 0, message: { role: 'assistant', content: 'fine' }, finish_reason: 'stop' }] }
const MESSAGES_ANSWER = {
  id: 'm',
  type: 'message',
  role: 'assistant',
  content: [{ type: 'text', text: 'fine' }],
  stop_reason: 'end_turn',
}

const RESPONSES_ANSWER = {
  object: 'response',
  status: 'completed',
  output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'fine' }] }],
}
const GEMINI_ANSWER = {
  candidates: [{ index: 0, content: { role: 'model', parts: [{ text: 'fine' }] }, finishReason: 'STOP' }],
}
/** The same answer in every protocol. */
const ANSWER = { ...CHAT_ANSWER, ...MESSAGES_ANSWER, ...RESPONSES_ANSWER, ...GEMINI_ANSWER }

/** What the parrot does, by the model asked for. */
const MANNERS: Readonly<Record<string, (echo: string) => Response>> = {
  answer: echo => Response.json(ANSWER, { headers: echoing(echo) }),
  refuse: echo =>
    Response.json(
      { error: { message: `bad key: ${echo}`, type: echo, code: echo } },
      { status: 401, headers: echoing(echo) },
    ),
  fail: echo =>
    new Response(`<h1>${echo}</h1>`, { status: 500, headers: { 'content-type': 'text/html', ...echoing(echo) } }),
  redirect: echo => new Response(null, { status: 307, headers: { location: `http://127.0.0.1:1/?key=${echo}` } }),
  strange: echo =>
    new Response(echo, { headers: { 'content-type': `text/x-${echo.replaceAll(' ', '-')}`, ...echoing(echo) } }),
  nonsense: echo => new Response(`{ ${echo}`, { headers: { 'content-type': 'application/json', ...echoing(echo) } }),
  inside: echo =>
    Response.json({ error: { message: `no: ${echo}`, type: 'invalid_request_error' } }, { headers: echoing(echo) }),
}

function echoing(echo: string): Record<string, string> {
  return { 'x-request-id': echo, 'retry-after': echo, 'x-ratelimit-reset-tokens': echo, 'anthropic-ratelimit-x': echo }
}

beforeAll(async () => {
  parrot = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const echo = [...request.headers]
        .flatMap(([, value]) => (value.includes(CANARY) ? [value.replace('Bearer ', '')] : []))
        .join(' ')
      heard.push(echo)
      const { model = '' } = (await request.json()) as { model?: string }
      const named = /\/models\/(\w+):/.exec(request.url)?.[1] ?? model
      return (MANNERS[named] ?? (() => new Response(null, { status: 404 })))(echo)
    },
  })
  const base = { baseUrl: `http://127.0.0.1:${parrot.port}`, allowHttp: true }
  const headers = { 'X-Team-Token': HEADER_SECRET }
  gateway = await startGateway({
    key: GATEWAY_KEY,
    env: { PARROT_KEY: SHAPED },
    config: {
      models: {
        providers: {
          literal: { ...base, api: 'openai-completions', apiKey: PLAIN, headers },
          shaped: { ...base, api: 'anthropic-messages', apiKey: `\${PARROT_KEY}` },
          responses: { ...base, api: 'openai-responses', apiKey: PLAIN, headers },
          gemini: { ...base, api: 'google-generative-ai', apiKey: `\${PARROT_KEY}` },
        },
      },
      gateway: { keys: [GATEWAY_KEY] },
    },
  })
})
afterAll(async () => {
  await gateway.stop()
  await parrot.stop(true)
})

async function keep(response: Response): Promise<string> {
  const text = `${[...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n')}\n${await response.text()}`
  said.push(text)
  return text
}

/** The key of each provider: one for each protocol. */
const KEYS = { literal: PLAIN, shaped: SHAPED, responses: PLAIN, gemini: SHAPED }

const carriers: readonly { carrier: string; headers: Record<string, string>; query: string }[] = [
  { carrier: 'authorization', headers: { authorization: `Bearer ${GATEWAY_KEY}` }, query: '' },
  { carrier: 'x-api-key', headers: { 'x-api-key': GATEWAY_KEY }, query: '' },
  { carrier: 'x-goog-api-key', headers: { 'x-goog-api-key': GATEWAY_KEY }, query: '' },
  { carrier: '?key=', headers: {}, query: `?key=${GATEWAY_KEY}` },
]

const calls = Object.keys(MANNERS).flatMap(manner =>
  Object.entries(KEYS).flatMap(([provider, key]) =>
    CLIENTS.flatMap(client =>
      [true, false].map(stream => ({ manner, provider, key, client, protocol: client.protocol, stream })),
    ),
  ),
)

describe('a canary key', () => {
  test.each(calls)(
    '$provider that does "$manner", $protocol, stream $stream',
    async ({ manner, provider, key, client, stream }) => {
      const before = heard.length
      const headers = { authorization: `Bearer ${GATEWAY_KEY}` }
      const text = await keep(
        await post(gateway, client, client.body(`${provider}/${manner}`, 'x', { stream }), { headers }),
      )
      expect(heard.slice(before).join(' ')).toContain(key)
      expect(heard.slice(before).join(' ')).not.toContain(GATEWAY_KEY)
      expect(text).toContain('candor-request-id')
      expect(text).not.toContain(CANARY)
    },
  )

  test.each([...carriers])('of the gateway, shown in $carrier', async ({ headers, query }) => {
    for (const client of CLIENTS) {
      const { path, body } = written(client, client.body('literal/refuse', 'x'))
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
      const text = await keep(await gateway.fetch(path + query, { ...init, body }))
      expect(text).not.toContain(CANARY)
      expect(text).not.toContain('unauthorized')
    }
  })

  test.each([
    { case: 'a wrong key', init: { headers: { authorization: `Bearer ${WRONG_KEY}` } }, query: '' },
    {
      case: 'two keys',
      init: { headers: { authorization: `Bearer ${WRONG_KEY}`, 'x-api-key': GATEWAY_KEY } },
      query: '',
    },
    { case: 'a wrong key in the query', init: {}, query: `?key=${WRONG_KEY}` },
    { case: 'a key where the path should be', init: {}, query: `/${GATEWAY_KEY}?key=${WRONG_KEY}` },
  ])('refused: $case', async ({ init, query }) => {
    for (const path of ['/v1/messages', '/v1/chat/completions', '/v1/models', '/candor/status']) {
      const method = path.startsWith('/v1/m') || path.startsWith('/v1/c') ? 'POST' : 'GET'
      const response = await gateway.fetch(path + query, { method, ...init })
      expect(response.status).toBeGreaterThanOrEqual(400)
      await keep(response)
    }
  })

  test('a key given as a model’s name', async () => {
    const headers = { authorization: `Bearer ${GATEWAY_KEY}` }
    for (const client of CLIENTS) {
      const text = await keep(await post(gateway, client, client.body(SHAPED, 'x'), { headers }))
      expect(text).not.toContain(CANARY)
    }
  })

  test('is in no answer of the gateway about itself', async () => {
    const headers = { authorization: `Bearer ${GATEWAY_KEY}` }
    const paths = ['receipts?limit=500', 'providers', 'status', 'problems', 'openapi.json'].map(
      path => `/candor/${path}`,
    )
    for (const path of [...paths, '/v1/models?all=true', '/readyz', '/livez', '/']) {
      const text = await keep(await gateway.fetch(path, { headers }))
      expect(text.length).toBeGreaterThan(0)
      expect(text, path).not.toContain(CANARY)
    }
    const receipts = await gateway.receipts(500)
    expect(receipts.length).toBeGreaterThan(calls.length)
    const masked = receipts.flatMap(receipt => receipt.attempts.map(attempt => JSON.stringify(attempt.headers)))
    expect(masked.every(text => text.includes('••••'))).toBe(true)
  })

  test('is in nothing that was said or written', async () => {
    await gateway.receipts(1)
    const files = readdirSync(gateway.dataDir).map(name => ({ name, bytes: readFileSync(join(gateway.dataDir, name)) }))
    expect(files.map(file => file.name)).toContain('ledger.sqlite-wal')
    for (const { name, bytes } of files) expect(bytes.includes(CANARY), name).toBe(false)
    for (const text of [gateway.stdout(), gateway.stderr()]) expect(text).not.toContain(CANARY)
    expect(said.filter(text => text.includes(CANARY))).toEqual([])
  })
})

describe('a canary key in a configuration that is refused', () => {
  const provider = (rest: string) => `{ models: { providers: { "kimi-coding": { apiKey: "${PLAIN}", ${rest} } } } }`
  test.each([
    { fault: 'an unknown key beside it', text: provider('apiKy: 1') },
    { fault: 'a syntax error behind it', text: provider('headers: {') },
    { fault: 'the key where a URL should be', text: provider(`baseUrl: "${SHAPED}"`) },
    { fault: 'the key inside a URL', text: provider(`baseUrl: "https://u:${PLAIN}@example.com"`) },
    { fault: 'a header that cannot be sent', text: provider(`headers: { "X-Api-Key": "${PLAIN}\\n" }`) },
    { fault: 'an unreadable reference', text: provider(`headers: { "X-Api-Key": "\${${PLAIN}" }`) },
    { fault: 'a gateway key of another shape', text: `{ gateway: { keys: ["${PLAIN}"] } }` },
  ])('$fault', async ({ text }) => {
    const home = temporaryHome()
    const file = join(home, 'candor.json5')
    writeFileSync(file, text, { mode: 0o600 })
    const serve = runCandor(['serve', '--port', '0', '--config', file], { home })
    expect((await serve.exited).code).toBe(2)
    expect(serve.stderr()).toContain('candor.json5')
    expect(serve.stdout() + serve.stderr()).not.toContain(CANARY)
    removeHome(home)
  })
})

test('a crash says no key: the provider’s simulation is gone in the middle of a call', async () => {
  const sim = await simulate('openai')
  const home = temporaryHome()
  const brittle = await startGateway({
    home,
    config: { models: { providers: { openai: { baseUrl: `${sim.origin}/v1`, apiKey: `sk-${CANARY}0123456789` } } } },
  })
  await sim.stop()
  const client = chatClient
  const text = await (await post(brittle, client, client.body('openai/gpt-4.1', 'x'))).text()
  expect(text).toContain('unreachable')
  brittle.signal('SIGABRT')
  const exit = await brittle.exited
  expect(exit.code === 0).toBe(false)
  expect(text + brittle.stdout() + brittle.stderr()).not.toContain(CANARY)
  removeHome(home)
})
