import { describe, expect, test } from 'bun:test'
import { ROUTES } from '../../src/http/routes.ts'
import { ADMIN_TOKEN, CONFIG_KEY, jsonOf, keyGateway, receiptOf } from './key-gateway.ts'

const ADMIN_ONLY = ['GET /candor/keys', 'GET /candor/keys/x', 'GET /candor/providers', 'GET /candor/status']

const CHANGES = [
  'POST /candor/keys',
  'PATCH /candor/keys/x',
  'POST /candor/keys/x/rotate',
  'POST /candor/keys/x/revoke',
  'POST /candor/sign-in-links',
]

const EVERYBODY = ['GET /candor/problems', 'GET /candor/openapi.json', 'GET /livez', 'GET /readyz', 'GET /']

const QUESTIONS = ROUTES.filter(({ to, browsersOnly }) => to.type === 'question' && browsersOnly !== true).map(
  ({ method, path, rights }) => ({
    line: `${method} ${path.replace('*', 'x')}`,
    rights,
  }),
)

test.each(QUESTIONS)('$line is for: $rights', async ({ line, rights }) => {
  const SERVED = 299
  using at = keyGateway({ answers: () => new Response(null, { status: SERVED }) })
  const member = await at.keys.create({ name: 'member', tags: [], models: [], limits: {}, budgets: [], admin: false })
  if ('fault' in member) throw new Error(member.what)
  const shown = [undefined, 'cnd_wrong', member.secret, CONFIG_KEY, ADMIN_TOKEN]
  const statuses = await Promise.all(shown.map(async key => (await at.send(line, key)).status))
  const wanted = {
    open: [SERVED, SERVED, SERVED, SERVED, SERVED],
    key: [401, 401, SERVED, SERVED, SERVED],
    admin: [401, 401, 403, SERVED, SERVED],
    change: [401, 401, 403, SERVED, SERVED],
  }
  expect(statuses).toEqual(wanted[rights])
})

test('what is for administrators only, and what for everybody, stands here as well', () => {
  const linesFor = (wanted: string) => QUESTIONS.filter(({ rights }) => rights === wanted).map(({ line }) => line)
  expect(linesFor('admin')).toEqual(expect.arrayContaining(ADMIN_ONLY))
  expect(linesFor('change')).toEqual(expect.arrayContaining(CHANGES))
  expect(linesFor('open')).toEqual(expect.arrayContaining(EVERYBODY))
  expect(ROUTES.filter(({ to }) => to.type === 'call').map(({ rights }) => rights)).toEqual(
    ROUTES.filter(({ to }) => to.type === 'call').map(() => 'key'),
  )
})

test('a refusal tells who asked and what to do', async () => {
  using at = keyGateway()
  const { secret } = await at.made({ name: 'reader' })
  const { error } = await jsonOf(await at.send('GET /candor/status', secret))
  expect(error.candor).toMatchObject({ code: 'forbidden', why: expect.stringContaining('"reader"') })
  expect(error.candor.fix[0]).toContain('candor keys create <name> --admin')
})

test.each(CHANGES)('where no key is asked for, %s is still not for everybody', async line => {
  using at = keyGateway({ open: true, configKeys: false })
  const refused = await at.send(line)
  expect(refused.status).toBe(401)
  expect((await jsonOf(refused)).error.candor.fix[0]).toContain('candor dashboard')
  expect([401, 403]).not.toContain((await at.send(line, ADMIN_TOKEN, {})).status)
})

test('where no key is asked for, everybody sees everything, until the first key is made', async () => {
  using at = keyGateway({ open: true, configKeys: false })
  expect((await at.send('GET /candor/status')).status).toBe(200)
  const { key, secret } = await at.made({ admin: true })
  expect((await at.send('GET /candor/status')).status).toBe(401)
  expect((await at.send(`POST /candor/keys/${key.id}/revoke`, secret)).status).toBe(200)
  expect((await at.send('GET /candor/status')).status).toBe(401)
})

test('a body is not read for a stranger', async () => {
  using at = keyGateway()
  let pulled = 0
  const body = new ReadableStream({
    pull(controller) {
      pulled += 1
      controller.enqueue(new Uint8Array(1_000))
    },
  })
  const request = new Request('http://localhost/candor/keys', { method: 'POST', body, headers: { host: 'localhost' } })
  expect((await at.surface(request)).status).toBe(401)
  expect(pulled).toBeLessThanOrEqual(1)
})

describe('receipts', () => {
  test('of other keys do not exist for a key that is no administrator', async () => {
    using at = keyGateway()
    const [ada, bea] = [await at.made({ name: 'ada' }), await at.made({ name: 'bea' })]
    const own = receiptOf(ada.key)
    const others = [receiptOf(), receiptOf(bea.key)]
    at.receipts.push(...others, own)
    const list = async (key: string) => {
      const { data } = await jsonOf(await at.send('GET /candor/receipts', key))
      return data.map(({ id }: { id: string }) => id)
    }
    expect(await list(ada.secret)).toEqual([own.id])
    expect(await list(ADMIN_TOKEN)).toEqual([...others, own].map(({ id }) => id))
    const show = async (id: string) => {
      const response = await at.send(`GET /candor/receipts/${id}`, ada.secret)
      return { status: response.status, id: (await jsonOf(response)).id }
    }
    expect(await show(own.id)).toEqual({ status: 200, id: own.id })
    expect(await show('last')).toEqual({ status: 200, id: own.id })
    for (const { id } of others) expect((await show(id)).status).toBe(404)
    expect((await at.send(`GET /candor/receipts/${others[0]?.id}`, ADMIN_TOKEN)).status).toBe(200)
    const [foreign, absent] = await Promise.all(
      [others[0]?.id ?? '', 'req_nothing'].map(async id => {
        const text = await (await at.send(`GET /candor/receipts/${id}`, ada.secret)).text()
        return text.replaceAll(id, '')
      }),
    )
    expect(foreign).toBe(absent ?? '')
  })
})

describe('models', () => {
  test.each([
    ['GET /v1/models', (body: { data: { id: string }[] }) => body.data.map(({ id }) => id)],
    ['GET /v1beta/models', (body: { models: { name: string }[] }) => body.models.map(({ name }) => name.slice(7))],
  ] as const)('%s shows what the key may call', async (line, idsIn) => {
    using at = keyGateway()
    const few = await at.made({ name: 'few', models: ['moonshot/b', 'openai/c'] })
    const all = await at.made({ name: 'all' })
    const ids = async (key: string) => idsIn(await jsonOf(await at.send(line, key)))
    expect(await ids(few.secret)).toEqual(['moonshot/b', 'openai/c'])
    expect(await ids(all.secret)).toEqual(['moonshot/a', 'moonshot/b', 'openai/c'])
    expect(await ids(ADMIN_TOKEN)).toEqual(['moonshot/a', 'moonshot/b', 'openai/c'])
  })

  test.each([
    ['/v1/models/openai/c', 200],
    ['/v1/models/c', 200],
    ['/v1beta/models/openai%2Fc', 200],
    ['/v1/models/a', 200],
    ['/v1/models/moonshot/a', 404],
    ['/v1/models/b', 404],
    ['/v1beta/models/moonshot/b', 404],
  ])('%s is answered %d', async (path, status) => {
    using at = keyGateway()
    const { secret } = await at.made({ models: ['openai/c', 'a'] })
    expect((await at.send(`GET ${path}`, secret)).status).toBe(status)
  })
})

test('readiness tells details to administrators only', async () => {
  using at = keyGateway()
  const { secret } = await at.made()
  const fields = async (key?: string) => Object.keys(await jsonOf(await at.send('GET /readyz', key)))
  expect([await fields(), await fields(secret)]).toEqual(Array(2).fill(['ready', 'reasons']))
  expect(await fields(ADMIN_TOKEN)).toEqual(['ready', 'reasons', 'config', 'ledger', 'providers'])
})
