import { expect, test } from 'bun:test'
import { ADMIN_TOKEN, jsonOf, keyGateway } from './key-gateway.ts'

const OWN = { host: 'localhost', origin: 'http://localhost' }

/** Reads a stream of events as far as it is sent now. */
function reading(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  return async () => (await reader?.read())?.value
}

test('who watches the calls sees them, and no more of them once its key is revoked', async () => {
  using at = keyGateway()
  const { key, secret } = await at.made({ admin: true })
  const next = reading(await at.send('GET /candor/live', secret))
  expect(await next()).toContain('event: hello')
  at.feed.notice({ level: 'info', message: 'one' })
  expect(await next()).toContain('"one"')
  await at.ask(`POST /candor/keys/${key.id}/revoke`)
  at.feed.notice({ level: 'info', message: 'two' })
  expect(await next()).toBeUndefined()
})

test('a browser that signs out sees no more either', async () => {
  using at = keyGateway()
  const { path } = await jsonOf(await at.send('POST /candor/sign-in-links', ADMIN_TOKEN))
  const cookie = (await at.send(`GET ${path}`)).headers.get('set-cookie')?.split(';')[0] ?? ''
  const send = (method: string, to: string) =>
    at.surface(new Request(`http://localhost${to}`, { method, headers: { ...OWN, cookie } }))
  const next = reading(await send('GET', '/candor/live'))
  expect(await next()).toContain('event: hello')
  await send('POST', '/candor/sign-out')
  at.feed.notice({ level: 'info', message: 'two' })
  expect(await next()).toBeUndefined()
})
