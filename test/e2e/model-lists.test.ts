import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI, type Model } from '@google/genai'
import OpenAI from 'openai'
import type { ModelView } from '../../src/admin/contract.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, simulate } from './providers.ts'

let sims: readonly Sim[]
let gateway: Gateway
let all: readonly ModelView[]

const ANTHROPIC = { 'anthropic-version': '2023-06-01' }
const ONE = 'kimi-coding/kimi-for-coding'

beforeAll(async () => {
  sims = await Promise.all([simulate('kimi-coding'), simulate('moonshot'), simulate('anthropic')])
  gateway = await startGateway({ config: configOf(sims) })
  all = (await json<{ data: readonly ModelView[] }>('/v1/models')).data
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all(sims.map(sim => sim.stop()))
})

async function json<T = Record<string, unknown>>(path: string, headers: Record<string, string> = {}): Promise<T> {
  return (await (await gateway.fetch(path, { headers })).json()) as T
}

const failureOf = (call: PromiseLike<unknown>): PromiseLike<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

const ids = (): readonly string[] => all.map(({ id }) => id)

describe('the official clients', () => {
  test('OpenAI: the list and one model', async () => {
    const client = new OpenAI({ apiKey: 'anything', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
    const listed: string[] = []
    for await (const model of client.models.list()) listed.push(model.id)
    expect(listed).toEqual([...ids()])
    expect(listed).toContain(ONE)
    const one = await client.models.retrieve(encodeURI(ONE))
    expect(one).toMatchObject({ id: ONE, object: 'model', owned_by: 'kimi-coding' })
    expect(await failureOf(client.models.retrieve('no-such-model'))).toBeInstanceOf(OpenAI.NotFoundError)
  })

  test('Anthropic: every page in both directions, and one model', async () => {
    const client = new Anthropic({ apiKey: 'anything', baseURL: gateway.url, maxRetries: 0 })
    const listed: string[] = []
    for await (const model of client.models.list({ limit: 7 })) listed.push(model.id)
    expect(listed).toEqual([...ids()])
    const backwards: string[] = []
    for await (const model of client.models.list({ limit: 7, before_id: ids().at(-1) ?? '' })) backwards.push(model.id)
    expect(new Set(backwards)).toEqual(new Set(ids().slice(0, -1)))
    const one = await client.models.retrieve(ONE)
    expect(one).toMatchObject({ type: 'model', id: ONE, max_input_tokens: expect.any(Number) })
    expect(await failureOf(client.models.retrieve('no-such-model'))).toBeInstanceOf(Anthropic.NotFoundError)
  })

  test.each(['v1', 'v1beta'])('Google, %s: every page, and one model', async apiVersion => {
    const client = new GoogleGenAI({ apiKey: 'anything', apiVersion, httpOptions: { baseUrl: gateway.url } })
    const listed: Model[] = []
    for await (const model of await client.models.list({ config: { pageSize: 7 } })) listed.push(model)
    expect(listed.map(({ name }) => name)).toEqual(ids().map(id => `models/${id}`))
    expect(listed[0]?.supportedActions).toContain('generateContent')
    expect(await client.models.get({ model: ONE })).toMatchObject({
      name: `models/${ONE}`,
      inputTokenLimit: all.find(({ id }) => id === ONE)?.candor.context_window ?? 0,
    })
    expect(await failureOf(client.models.get({ model: 'no-such-model' }))).toMatchObject({ status: 404 })
  })
})

describe('what they ask without a library', () => {
  test('Claude Code: at most a thousand at once', async () => {
    const page = await json('/v1/models?limit=1000', ANTHROPIC)
    expect(page).toMatchObject({ has_more: false, first_id: ids()[0] ?? '', last_id: ids().at(-1) ?? '' })
    expect(page['object']).toBeUndefined()
  })

  test('Anthropic’s list has 20 to a page, Gemini’s 50', async () => {
    expect(all.length).toBeGreaterThan(20)
    const page = await json<{ data: unknown[]; has_more: boolean; last_id: string }>('/v1/models', ANTHROPIC)
    expect([page.data.length, page.has_more, page.last_id]).toEqual([20, true, ids()[19] ?? ''])
    const whole = await json<{ models: unknown[]; nextPageToken?: string }>('/v1beta/models')
    expect(whole.models).toHaveLength(Math.min(50, all.length))
    expect(whole.nextPageToken === undefined).toBe(all.length <= 50)
  })

  test('OpenAI’s list says nothing of pages, and says what Candor knows', async () => {
    const list = await json<{ object: string; data: readonly ModelView[] }>('/v1/models')
    expect(Object.keys(list).sort()).toEqual(['data', 'object'])
    expect(list.data.find(({ id }) => id === ONE)?.candor).toMatchObject({ provider: 'kimi-coding', billing: 'plan' })
  })

  test('models that cannot be called are left out, unless all are asked for', async () => {
    for (const [path, field] of [
      ['/v1/models', 'data'],
      ['/v1beta/models?pageSize=1000', 'models'],
    ] as const) {
      const some = await json<Record<string, unknown[]>>(path)
      const every = await json<Record<string, unknown[]>>(`${path}${path.includes('?') ? '&' : '?'}all=true`)
      expect(some[field]?.length).toBe(all.length)
      expect(every[field]?.length).toBeGreaterThan(all.length)
    }
  })

  test.each([
    ['slashes as they are', ONE],
    ['slashes escaped', encodeURIComponent(ONE)],
    ['with the folder written twice', `models/${ONE}`],
  ])('one model of Gemini’s, %s', async (_, name) => {
    expect(await json(`/v1beta/models/${name}`)).toMatchObject({ name: `models/${ONE}` })
  })
})

describe('what is wrong is told in the family’s own words', () => {
  test.each([
    { path: '/v1/models?limit=0', headers: ANTHROPIC, says: 'limit' },
    { path: '/v1/models?limit=many', headers: ANTHROPIC, says: 'limit' },
    { path: '/v1/models?after_id=nobody/none', headers: ANTHROPIC, says: 'after_id' },
    { path: '/v1/models?before_id=nobody/none', headers: ANTHROPIC, says: 'before_id' },
    { path: `/v1/models?after_id=${ONE}&before_id=${ONE}`, headers: ANTHROPIC, says: 'together' },
    { path: '/v1beta/models?pageSize=-1', headers: {}, says: 'pageSize' },
    { path: '/v1beta/models?pageToken=nonsense', headers: {}, says: 'pageToken' },
  ])('$path', async ({ path, headers, says }) => {
    const response = await gateway.fetch(path, { headers })
    expect(response.status).toBe(400)
    const body = (await response.json()) as { type?: string; error: { message: string; status?: string } }
    expect(body.error.message).toContain(says)
    if (path.startsWith('/v1beta')) expect(body.error.status).toBe('INVALID_ARGUMENT')
    else expect(body.type).toBe('error')
  })

  test('a model nobody has', async () => {
    const gemini = await gateway.fetch('/v1beta/models/nobody/none')
    expect([gemini.status, await gemini.json()]).toMatchObject([404, { error: { code: 404, status: 'NOT_FOUND' } }])
    const messages = await gateway.fetch('/v1/models/nobody/none', { headers: ANTHROPIC })
    expect([messages.status, await messages.json()]).toMatchObject([404, { type: 'error' }])
  })
})
