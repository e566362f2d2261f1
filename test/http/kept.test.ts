import { expect, test } from 'bun:test'
import { ADMIN_TOKEN, CONFIG_KEY, keyGateway } from './key-gateway.ts'

const OWN_WORDS = 'public, max-age=31536000, immutable'

test.each(['GET /candor/status', 'GET /candor/keys', 'GET /v1/models', 'GET /livez', 'GET /', 'GET /candor/receipts'])(
  'nobody on the way may keep the answer to %s, or take it for something else',
  async line => {
    using at = keyGateway()
    const { status, headers } = await at.send(line, ADMIN_TOKEN)
    expect([status, headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual([
      200,
      'no-store',
      'nosniff',
    ])
  },
)

test.each([
  ['GET /candor/status', 'http://localhost', 401],
  ['GET /candor/status', 'http://evil.example', 403],
  ['GET /candor/nothing', 'http://localhost', 404],
  ['DELETE /candor/status', 'http://localhost', 405],
])('nor the refusal of %s from %s', async (line, origin, status) => {
  using at = keyGateway()
  const [method = '', path = ''] = line.split(' ')
  const request = new Request(`http://localhost${path}`, { method, headers: { host: 'localhost', origin } })
  const refused = await at.surface(request)
  expect([refused.status, refused.headers.get('cache-control'), refused.headers.get('x-content-type-options')]).toEqual(
    [status, 'no-store', 'nosniff'],
  )
})

test('what says itself how long it may be kept is kept so long', async () => {
  using at = keyGateway({ answers: () => new Response('', { headers: { 'cache-control': OWN_WORDS } }) })
  const asset = await at.send('GET /assets/main.js', CONFIG_KEY)
  expect(asset.headers.get('cache-control')).toBe(OWN_WORDS)
})
