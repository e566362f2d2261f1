import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NEW_KEY_SCHEMA } from '../../src/admin/key-request.ts'
import { asObject } from '../../src/base/json-value.ts'
import { jsonOf, keyGateway } from './key-gateway.ts'

const FULL = {
  name: 'team',
  owner: 'Ada',
  tags: ['x'],
  models: ['coder', 'moonshot/*'],
  limits: { requestsPerMinute: 60, inputTokensPerMinute: 100_000 },
  budgets: [
    { period: 'day', unit: 'usd', most: 0.000000001, kind: 'hard' },
    { period: 'month', unit: 'tokens', most: 2_000_000, kind: 'soft' },
  ],
  admin: true,
}

describe('making a key', () => {
  test('answers with everything about it, and with the secret this one time', async () => {
    using at = keyGateway()
    const response = await at.send('POST /candor/keys', 'admin-token', FULL)
    expect([response.status, response.headers.get('cache-control')]).toEqual([201, 'no-store'])
    const { key, secret } = await jsonOf(response)
    expect(secret).toMatch(/^cnd_[\w-]{43}$/)
    const budgets = FULL.budgets.map(budget => ({ ...budget, used: 0 }))
    const createdAt = new Date(at.clock.now()).toISOString()
    const { id, hint } = key
    expect(key).toEqual({ ...FULL, id, hint, budgets, createdAt, state: 'active', from: 'store' })
    expect((await at.ask(`GET /candor/keys/${id}`)).body).toEqual(key)
    expect((await at.ask('GET /candor/keys/team')).body).toEqual(key)
    expect(at.keys.find(secret)?.budgets[0]?.most).toBe(1)
  })

  test('needs no more than a name', async () => {
    using at = keyGateway()
    const { key } = await at.made({ name: 'a b/ç' })
    expect(key).toMatchObject({ name: 'a b/ç', tags: [], models: [], limits: {}, budgets: [], admin: false })
    expect((await at.ask(`GET /candor/keys/${encodeURIComponent('a b/ç')}`)).body).toEqual(key)
  })

  const DAY_MS = 86_400_000
  test.each([
    [{ expiresAt: '2027-06-01' }, '2027-06-01T00:00:00.000Z'],
    [{ expiresAt: '2027-06-01T12:00:00+02:00' }, '2027-06-01T10:00:00.000Z'],
    [{ expiresAt: 1_800_000_000_000 + DAY_MS }, '2027-01-16T08:00:00.000Z'],
    [{ expiresIn: 'P1D' }, '2027-01-16T08:00:00.000Z'],
    [{ expiresIn: 'P1W1DT1H1M1S' }, '2027-01-23T09:01:01.000Z'],
    [{ expiresIn: DAY_MS }, '2027-01-16T08:00:00.000Z'],
    [{ expiresAt: null }, undefined],
  ])('takes %j', async (settings, expiresAt) => {
    using at = keyGateway()
    expect((await at.made(settings)).key.expiresAt).toBe(expiresAt as string)
  })

  const wrong: readonly (readonly [object | string, string])[] = [
    ['{', 'The request body must be a JSON object.'],
    ['[]', 'The request body must be a JSON object.'],
    [{}, '"name" is missing.'],
    [{ name: '' }, '"name" must be a text of 1 to 100 characters.'],
    [{ name: 'x'.repeat(101) }, '"name" must be a text of 1 to 100 characters.'],
    [{ name: ' x' }, '"name" must not begin or end with spaces, nor hold control characters.'],
    [{ name: 'a\u001b[2J' }, '"name" must not begin or end with spaces, nor hold control characters.'],
    [{ name: 'key_1' }, '"name" must not look like the id of a key.'],
    [{ name: 'cnd_abcdefghijklmnop' }, '"name" must not hold what looks like a key.'],
    [{ name: 'a', tags: ['mine sk-abcdefghijklmnop'] }, '"tags[0]" must not hold what looks like a key.'],
    [{ name: 'config-1' }, '"name" must not look like the id of a key.'],
    [{ name: 'x', ownr: 'y' }, '"ownr" is not known here; did you mean "owner"?'],
    [{ name: 'x', zzzzzz: 1 }, '"zzzzzz" is not known here; known are name, owner, tags,'],
    [{ name: 'x', tags: 'y' }, '"tags" must be a list of at most 20.'],
    [{ name: 'x', tags: Array(21).fill('y') }, '"tags" must be a list of at most 20.'],
    [{ name: 'x', models: Array(201).fill('y') }, '"models" must be a list of at most 200.'],
    [{ name: 'x', models: ['a', 7] }, '"models[1]" must be a text of 1 to 300 characters.'],
    [{ name: 'x', admin: 'yes' }, '"admin" must be true or false.'],
    [{ name: 'x', expiresAt: '2027-02-01T12:00' }, '"expiresAt" must be a date such as'],
    [{ name: 'x', expiresAt: '1.2.2027' }, '"expiresAt" must be a date such as'],
    [{ name: 'x', expiresAt: '2027-13-01' }, '"expiresAt" must be a date such as'],
    [{ name: 'x', expiresAt: '2020-01-01' }, '"expiresAt" is over already.'],
    [{ name: 'x', expiresIn: 'P1M' }, '"expiresIn" must be a duration such as "P30D"'],
    [{ name: 'x', expiresIn: 'P' }, '"expiresIn" must be a duration such as "P30D"'],
    [{ name: 'x', expiresIn: -1 }, '"expiresIn" must be a duration such as "P30D"'],
    [{ name: 'x', expiresIn: 1, expiresAt: '2028-01-01' }, '"expiresIn" cannot be sent together with "expiresAt".'],
    [{ name: 'x', limits: [] }, '"limits" must be an object.'],
    [
      { name: 'x', limits: { requestPerMinute: 1 } },
      '"limits.requestPerMinute" is not known here; did you mean "request',
    ],
    [{ name: 'x', limits: { concurrency: 0 } }, '"limits.concurrency" must be a whole number from 1 to'],
    [{ name: 'x', limits: { concurrency: 1.5 } }, '"limits.concurrency" must be a whole number from 1 to'],
    [
      { name: 'x', budgets: [{ period: 'year', unit: 'usd', most: 1 }] },
      '"budgets[0].period" must be one of hour, day,',
    ],
    [
      { name: 'x', budgets: [{ period: 'day', unit: 'eur', most: 1 }] },
      '"budgets[0].unit" must be one of usd, tokens.',
    ],
    [{ name: 'x', budgets: [{ period: 'day', unit: 'usd' }] }, '"budgets[0].most" must be a number of dollars'],
    [
      { name: 'x', budgets: [{ period: 'day', unit: 'usd', most: 0.1234567891 }] },
      '"budgets[0].most" must have at most 9 d',
    ],
    [
      { name: 'x', budgets: [{ period: 'day', unit: 'usd', most: 1e9 }] },
      '"budgets[0].most" must be a number of dollars',
    ],
    [
      { name: 'x', budgets: [{ period: 'day', unit: 'tokens', most: 1.5 }] },
      '"budgets[0].most" must be a whole number of',
    ],
    [
      { name: 'x', budgets: [{ period: 'day', unit: 'tokens', most: 1, used: 0 }] },
      '"budgets[0].used" is not known here',
    ],
    [
      { name: 'x', budgets: Array(2).fill({ period: 'day', unit: 'usd', most: 1 }) },
      '"budgets[1]" is a second hard budget',
    ],
  ]
  test.each(wrong)('is refused for %j', async (body, words) => {
    using at = keyGateway()
    const got = await at.ask('POST /candor/keys', body)
    expect([got.status, got.body.error.candor.code]).toEqual([400, 'bad_request'])
    expect(got.body.error.candor.what).toStartWith(words)
    expect(at.keys.list()).toEqual([])
  })

  test('tells all faults of a request at once', async () => {
    using at = keyGateway()
    const { body } = await at.ask('POST /candor/keys', { name: 7, tag: [], admin: 1 })
    expect(body.error.candor.what).toBe('"tag" is not known here; did you mean "tags"?')
    expect(body.error.candor.why).toContain('"name" must be')
    expect(body.error.candor.why).toContain('"admin" must be')
  })

  test('takes no body above 64 KiB', async () => {
    using at = keyGateway()
    const got = await at.ask('POST /candor/keys', { name: 'x', owner: 'y'.repeat(64 * 1024) })
    expect([got.status, got.body.error.candor.code]).toEqual([413, 'body_too_large'])
    expect(got.body.error.candor.what).toContain('64 KiB')
  })

  test.each(['team', 'configured'])('with the taken name %s is refused', async name => {
    using at = keyGateway()
    await at.made({ name: 'team' })
    const got = await at.ask('POST /candor/keys', { name })
    expect([got.status, got.body.error.candor.what]).toEqual([409, expect.stringContaining(`called "${name}" already`)])
  })
})

describe('changing a key', () => {
  test('merges limits, replaces lists, removes what is null, and keeps the rest', async () => {
    using at = keyGateway()
    const { key } = await at.made({ ...FULL, expiresIn: 'P1D' })
    const { owner: _owner, expiresAt: _expiresAt, ...rest } = key
    const change = {
      owner: null,
      expiresAt: null,
      models: [],
      limits: { requestsPerMinute: null, concurrency: 3 },
      budgets: [{ period: 'total', unit: 'usd', most: 1.5 }],
    }
    const { body } = await at.ask('PATCH /candor/keys/team', change)
    expect(body).toEqual({
      ...rest,
      models: [],
      limits: { inputTokensPerMinute: 100_000, concurrency: 3 },
      budgets: [{ period: 'total', unit: 'usd', most: 1.5, kind: 'hard', used: 0 }],
    })
    expect((await at.ask('PATCH /candor/keys/team', {})).body).toEqual(body)
  })

  test('rotation and revocation hold from the next request on', async () => {
    using at = keyGateway()
    const first = await at.made({ admin: true })
    const ask = async (secret: string) => (await at.send('GET /candor/keys', secret)).status
    expect(await ask(first.secret)).toBe(200)
    const rotated = (await at.ask('POST /candor/keys/made/rotate')).body
    expect(rotated.key).toEqual({ ...first.key, hint: `${rotated.secret.slice(0, 8)}…` })
    expect([await ask(first.secret), await ask(rotated.secret)]).toEqual([401, 200])
    const { body } = await at.ask(`POST /candor/keys/${first.key.id}/revoke`)
    expect(body).toMatchObject({ state: 'revoked', revokedAt: new Date(at.clock.now()).toISOString() })
    expect(await ask(rotated.secret)).toBe(401)
  })

  test.each([
    ['GET /candor/keys/nobody', 404, 'There is no key "nobody".'],
    ['GET /candor/keys/oldd', 404, 'There is no key "oldd". Did you mean "old"?'],
    ['PATCH /candor/keys/nobody', 404, 'There is no key "nobody".'],
    ['POST /candor/keys/nobody/rotate', 404, 'There is no key "nobody".'],
    ['POST /candor/keys/nobody/revoke', 404, 'There is no key "nobody".'],
    ['PATCH /candor/keys/config-1', 409, 'The key "configured" stands in the configuration'],
    ['POST /candor/keys/configured/rotate', 409, 'The key "configured" stands in the configuration'],
    ['POST /candor/keys/config-1/revoke', 409, 'The key "configured" stands in the configuration'],
    ['PATCH /candor/keys/old', 409, 'The key "old" is revoked.'],
    ['POST /candor/keys/old/rotate', 409, 'The key "old" is revoked.'],
  ])('%s is answered %d', async (line, status, words) => {
    using at = keyGateway()
    await at.made({ name: 'old' })
    await at.ask('POST /candor/keys/old/revoke')
    const got = await at.ask(line, line.startsWith('PATCH') ? { admin: true } : undefined)
    expect([got.status, got.body.error.candor.what]).toEqual([status, expect.stringContaining(words)])
    expect(got.body.error.candor.fix.length).toBeGreaterThan(0)
  })
})

test('a list has all keys with their state and what they have used', async () => {
  using at = keyGateway()
  const first = await at.made({ ...FULL, expiresIn: 1_000 })
  at.clock.advance(1)
  await at.made({ name: 'b' })
  await at.ask('POST /candor/keys/b/revoke')
  at.spent.set(`${first.key.id} usd day`, 250_000_000)
  at.spent.set(`${first.key.id} tokens month`, 12_345)
  at.clock.advance(999)
  const { body } = await at.ask('GET /candor/keys')
  expect(body.object).toBe('list')
  expect(body.data.map(({ name, state, from }: Record<string, string>) => [name, state, from])).toEqual([
    ['configured', 'active', 'configuration'],
    ['b', 'revoked', 'store'],
    ['team', 'expired', 'store'],
  ])
  expect(body.data[2].budgets.map(({ used }: { used: number }) => used)).toEqual([0.25, 12_345])
})

test('no answer but the first holds a secret, and no file holds one', async () => {
  using at = keyGateway()
  const { secret, key } = await at.made(FULL)
  const answers = await Promise.all(
    [
      'GET /candor/keys',
      `GET /candor/keys/${key.id}`,
      `GET /candor/keys/${secret}`,
      'GET /candor/status',
      'GET /candor/receipts',
      `GET /candor/receipts/${secret}`,
      `GET /v1/models/${secret}`,
      `GET /${secret}`,
      'GET /candor/openapi.json',
    ].map(async line => await (await at.send(line, secret)).text()),
  )
  answers.push(JSON.stringify(await at.ask('POST /candor/keys', { name: 'x', [secret]: 1 })))
  answers.push(JSON.stringify(await at.ask('PATCH /candor/keys/team', { owner: 'Bea' })))
  answers.push(JSON.stringify(await at.ask('POST /candor/keys/team/revoke')))
  for (const text of answers) expect(text).not.toContain(secret.slice(4))
  expect(answers.join('')).toContain(key.hint)
  for (const name of readdirSync(at.folder))
    expect(readFileSync(join(at.folder, name)).includes(secret.slice(4))).toBe(false)
})

test('the description of the paths has the bodies, and who may ask', async () => {
  using at = keyGateway()
  const { body } = await at.ask('GET /candor/openapi.json')
  const { post, get } = body.paths['/candor/keys']
  expect(post.requestBody.content['application/json'].schema).toEqual(NEW_KEY_SCHEMA)
  expect(Object.keys(asObject(NEW_KEY_SCHEMA['properties']) ?? {})).toEqual(expect.arrayContaining(Object.keys(FULL)))
  expect([get['x-candor-rights'], get.requestBody]).toEqual(['admin', undefined])
  expect(Object.keys(body.paths['/candor/keys/{id}'])).toEqual(['get', 'patch'])
  expect(body.paths['/livez'].get).toMatchObject({ security: [], 'x-candor-rights': 'open' })
})
