import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { KeyView } from '../../src/admin/keys.ts'
import { removeHome, startGateway, temporaryHome } from './harness.ts'
import { administered, keysCommand, keyWorld, MODEL } from './keys-gateway.ts'

let world: Awaited<ReturnType<typeof keyWorld>>
const open: { stop(): Promise<unknown> }[] = []

beforeAll(async () => {
  world = await keyWorld()
})
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop()
})
afterAll(() => world.stop())

function newHome(): string {
  const home = temporaryHome()
  open.push({ stop: async () => removeHome(home) })
  return home
}

async function serve(home: string) {
  const gateway = await startGateway({ home, config: world.config })
  open.unshift(gateway)
  return gateway
}

const openAi = (url: string, apiKey: string) => new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 })

/** A small call by the official clients of both kinds: the text, or the error. */
async function hello(url: string, apiKey: string) {
  const messages = [{ role: 'user' as const, content: 'hello' }]
  const chat = await openAi(url, apiKey)
    .chat.completions.create({ model: MODEL, messages })
    .then(({ choices }) => choices[0]?.message.content ?? '', errorOf)
  const message = await new Anthropic({ apiKey, baseURL: url, maxRetries: 0 }).messages
    .create({ model: MODEL, max_tokens: 50, messages })
    .then(({ content }) => (content[0]?.type === 'text' ? content[0].text : ''), errorOf)
  return [chat, message] as const
}

function errorOf(error: unknown) {
  if (error instanceof OpenAI.APIError || error instanceof Anthropic.APIError)
    return { kind: error.constructor.name, status: error.status, message: error.message }
  throw error
}

const refused = (message: RegExp) => ({
  kind: 'AuthenticationError',
  status: 401,
  message: expect.stringMatching(message),
})
const ANSWER = expect.stringContaining('This is the simulated model')

const secretIn = (out: string): string => {
  expect(out).toMatch(/^cnd_[\w-]{43}\n$/)
  return out.trim()
}

describe('the program, beside a running gateway', () => {
  test('the first key closes the open door; rotated, limited and revoked ones count from the next call on', async () => {
    const home = newHome()
    const { url } = await serve(home)
    expect(await hello(url, 'anything')).toEqual([ANSWER, ANSWER])
    const made = await keysCommand(home, 'create ci --owner Ada')
    expect([made.code, made.err]).toEqual([0, expect.stringContaining('from now on this gateway asks for a key')])
    const first = secretIn(made.out)
    expect(await hello(url, 'anything')).toEqual([refused(/does not know the key/), refused(/does not know the key/)])
    expect(await hello(url, first)).toEqual([ANSWER, ANSWER])

    const second = secretIn((await keysCommand(home, 'rotate ci')).out)
    expect(await hello(url, first)).toEqual([refused(/does not know the key/), refused(/does not know the key/)])
    expect(await hello(url, second)).toEqual([ANSWER, ANSWER])

    expect((await keysCommand(home, 'limit ci --model anthropic/* --rpm 5 --budget 1usd/day')).code).toBe(0)
    const [chat] = await hello(url, second)
    expect(chat).toMatchObject({ status: 403, message: expect.stringContaining(`may not call ${MODEL}`) })

    expect((await keysCommand(home, 'revoke ci')).code).toBe(0)
    expect(await hello(url, second)).toEqual([refused(/"ci\\?" was revoked on /), refused(/"ci\\?" was revoked on /)])
    const listed = JSON.parse((await keysCommand(home, 'list --all --json')).out) as {
      readonly keys: readonly KeyView[]
    }
    expect(listed.keys).toMatchObject([
      { name: 'ci', owner: 'Ada', state: 'revoked', models: ['anthropic/*'], limits: { requestsPerMinute: 5 } },
    ])
    expect(JSON.stringify(listed)).not.toContain(second.slice(4))
  })

  test('a key that has expired is refused with its date, and can be extended', async () => {
    const home = newHome()
    const gateway = await serve(home)
    const ops = administered(gateway, secretIn((await keysCommand(home, 'create ops --admin')).out))
    const { secret } = await ops.make('brief', { expiresIn: 1 })
    expect(await hello(gateway.url, secret)).toEqual([
      refused(/"brief\\?" expired on /),
      refused(/"brief\\?" expired on /),
    ])
    expect((await keysCommand(home, 'limit brief --expires 1h')).code).toBe(0)
    expect(await hello(gateway.url, secret)).toEqual([ANSWER, ANSWER])
  })
})

describe('the program, without a gateway', () => {
  test('makes, rotates, limits and revokes keys that the next gateway knows', async () => {
    const home = newHome()
    const kept = secretIn((await keysCommand(home, 'create kept --concurrency 2')).out)
    const old = secretIn((await keysCommand(home, 'create turned')).out)
    const turned = secretIn((await keysCommand(home, 'rotate turned')).out)
    const gone = secretIn((await keysCommand(home, 'create gone')).out)
    expect((await keysCommand(home, 'revoke gone --yes')).code).toBe(0)
    expect((await keysCommand(home, 'limit kept --concurrency none --budget 100tokens/total')).code).toBe(0)
    const shown = JSON.parse((await keysCommand(home, 'show kept --json')).out) as { readonly key: KeyView }
    expect(shown.key).toMatchObject({
      state: 'active',
      limits: {},
      budgets: [{ unit: 'tokens', period: 'total', most: 100, used: 0 }],
    })

    const { url } = await serve(home)
    const [chat] = await hello(url, kept)
    expect(chat).toMatchObject({ status: 402, message: expect.stringContaining('100 tokens in total') })
    expect(await hello(url, turned)).toEqual([ANSWER, ANSWER])
    expect(await hello(url, old)).toEqual([refused(/does not know the key/), refused(/does not know the key/)])
    expect(await hello(url, gone)).toEqual([refused(/"gone\\?" was revoked on /), refused(/"gone\\?" was revoked on /)])
  })
})

describe('who may do what', () => {
  test('a key sees only its own receipts, and only an administrator the keys', async () => {
    const home = newHome()
    const gateway = await serve(home)
    const ops = administered(gateway, secretIn((await keysCommand(home, 'create ops --admin')).out))
    const mine = await ops.make('mine')
    const other = await ops.make('other')
    const ids = await Promise.all([mine, other].map(({ secret }) => callId(gateway.url, secret)))
    const asked = async (path: string, key: string, method = 'GET') =>
      gateway.fetch(path, { method, headers: { 'x-api-key': key, 'content-type': 'application/json' } })

    const list = (await (await asked('/candor/receipts', mine.secret)).json()) as { readonly data: readonly object[] }
    expect(list.data).toMatchObject([{ id: ids[0], key: { id: mine.id, name: 'mine' } }])
    expect((await asked(`/candor/receipts/${ids[1]}`, mine.secret)).status).toBe(404)
    expect((await asked(`/candor/receipts/${ids[1]}`, other.secret)).status).toBe(200)
    for (const [method, path] of [
      ['GET', '/candor/keys'],
      ['POST', '/candor/keys'],
      ['PATCH', `/candor/keys/${mine.id}`],
      ['GET', '/metrics'],
    ] as const) {
      const response = await asked(path, mine.secret, method)
      expect([path, response.status, await response.text()]).toEqual([
        path,
        403,
        expect.stringContaining("gateway's administrators"),
      ])
    }
    const all = (await (await asked('/candor/receipts', ops.secret)).json()) as { readonly data: readonly object[] }
    expect(all.data).toMatchObject([{ id: ids[1] }, { id: ids[0] }])
    expect(JSON.stringify(all)).not.toContain(mine.secret.slice(4))
    expect(JSON.stringify(all)).not.toContain(other.secret.slice(4))
  })
})

/** The id of one call's receipt. */
async function callId(url: string, apiKey: string): Promise<string> {
  const { response } = await openAi(url, apiKey)
    .chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'hello' }] })
    .withResponse()
  return response.headers.get('candor-request-id') ?? ''
}
