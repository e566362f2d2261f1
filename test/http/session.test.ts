import { describe, expect, test } from 'bun:test'
import { LINK_MS, openSessions, SESSION_COOKIE, SESSION_MS } from '../../src/http/session.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { ADMIN_TOKEN, jsonOf, keyGateway } from './key-gateway.ts'

const tokenOf = (path: string) => new URLSearchParams(path.split('?')[1]).get('token') ?? ''
const cookieOf = (header: string | null | undefined) => (header ?? '').split(';')[0] ?? ''

/** A gateway at the usual port of its host. */
const HERE = new Headers({ host: 'localhost' })

function signedIn() {
  const clock = manualClock()
  const sessions = openSessions(clock)
  const cookie = cookieOf(sessions.open(tokenOf(sessions.link().path), HERE))
  const holds = (method = 'GET', more: Record<string, string> = {}) =>
    sessions.holds({ method, headers: new Headers({ cookie, ...more }) })
  return { clock, sessions, cookie, holds }
}

describe('a link', () => {
  test('signs in once, with a cookie that no script and no other site gets', () => {
    const { sessions, cookie } = signedIn()
    expect(cookie).toMatch(new RegExp(`^${SESSION_COOKIE}=[\\w-]{43}$`))
    const link = sessions.link()
    expect(sessions.open(tokenOf(link.path), HERE)).toMatch(/; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/)
    expect(sessions.open(tokenOf(link.path), HERE)).toBeUndefined()
  })

  test('that is opened in a browser which is signed in ends the session it had', () => {
    const { sessions, cookie, holds } = signedIn()
    const headers = new Headers({ host: 'localhost', cookie })
    expect(sessions.open('void', headers)).toBeUndefined()
    expect(holds()).toBe(true)
    expect(sessions.open(tokenOf(sessions.link().path), headers)).toBeDefined()
    expect(holds()).toBe(false)
  })

  test.each([
    [{ 'x-forwarded-proto': 'https' }, true],
    [{ 'x-forwarded-proto': 'HTTPS, http' }, true],
    [{ 'x-forwarded-proto': 'http, https' }, false],
    [{ forwarded: 'for=192.0.2.1;proto=https;by=203.0.113.4' }, true],
    [{ forwarded: 'for=192.0.2.1; Proto="https", proto=http' }, true],
    [{ forwarded: 'for=192.0.2.1;proto=http, proto=https' }, false],
    [{}, false],
  ])('that came with %j sets a cookie for https alone: %p', (more, secure) => {
    const { sessions } = signedIn()
    const headers = new Headers({ host: 'candor.example', ...more })
    expect(sessions.open(tokenOf(sessions.link().path), headers)?.endsWith('; Secure')).toBe(secure)
    expect(sessions.close(headers).endsWith('; Secure')).toBe(secure)
  })

  test('is void after its time', () => {
    const { clock, sessions } = signedIn()
    const [early, late] = [sessions.link(), sessions.link()]
    expect(early.expiresAt).toBe(clock.now() + LINK_MS)
    clock.advance(LINK_MS - 1)
    expect(sessions.open(tokenOf(early.path), HERE)).toBeDefined()
    clock.advance(1)
    expect(sessions.open(tokenOf(late.path), HERE)).toBeUndefined()
  })

  test.each(['', 'x', 'undefined'])('with the token %j opens nothing', token => {
    expect(signedIn().sessions.open(token, HERE)).toBeUndefined()
  })

  test('is one of so many: the oldest makes room', () => {
    const { sessions } = signedIn()
    const links = Array.from({ length: 101 }, () => sessions.link())
    expect(sessions.open(tokenOf(links[0]?.path ?? ''), HERE)).toBeUndefined()
    expect(sessions.open(tokenOf(links[1]?.path ?? ''), HERE)).toBeDefined()
  })
})

describe('a session', () => {
  test('lasts as long as it is used', () => {
    const { clock, holds } = signedIn()
    clock.advance(SESSION_MS - 1)
    expect(holds()).toBe(true)
    clock.advance(SESSION_MS - 1)
    expect(holds()).toBe(true)
    clock.advance(SESSION_MS)
    expect(holds()).toBe(false)
  })

  test('is over when it was closed', () => {
    const { sessions, cookie, holds } = signedIn()
    expect(sessions.close(new Headers({ cookie }))).toStartWith(`${SESSION_COOKIE}=; Path=/; Max-Age=0`)
    expect(holds()).toBe(false)
  })

  test.each([
    ['GET', {}, true],
    ['HEAD', {}, true],
    ['POST', {}, false],
    ['DELETE', {}, false],
    ['POST', { origin: 'http://localhost' }, true],
  ])('%s with %j counts: %p', (method, more, counts) => {
    expect(signedIn().holds(method, more)).toBe(counts)
  })

  test.each(['', 'other=1', `${SESSION_COOKIE}=`, `${SESSION_COOKIE}=x`, `x${SESSION_COOKIE}=y`])(
    'is not what the cookie %j says',
    cookie => {
      const { sessions } = signedIn()
      expect(sessions.holds({ method: 'GET', headers: new Headers({ cookie }) })).toBe(false)
    },
  )

  test.each([
    ['localhost:8787', 'candor_session_8787'],
    ['[::1]:80', 'candor_session_80'],
    ['[::1]', 'candor_session'],
    ['candor.example', 'candor_session'],
  ])('at %s has the cookie %s', (host, name) => {
    const { sessions } = signedIn()
    expect(sessions.open(tokenOf(sessions.link().path), new Headers({ host }))).toStartWith(`${name}=`)
    expect(sessions.close(new Headers({ host }))).toStartWith(`${name}=; `)
  })

  test('beside another gateway of the host is its own', () => {
    const hosts = ['localhost:8787', 'localhost:8788'].map(host => ({ host, sessions: signedIn().sessions }))
    const cookie = hosts
      .map(({ host, sessions }) => cookieOf(sessions.open(tokenOf(sessions.link().path), new Headers({ host }))))
      .join('; ')
    const [one, other] = hosts.map(({ host, sessions }) => ({ sessions, headers: new Headers({ host, cookie }) }))
    const both = () => [one, other].map(at => at?.sessions.holds({ method: 'GET', headers: at.headers }))
    expect(both()).toEqual([true, true])
    one?.sessions.close(one.headers)
    expect(both()).toEqual([false, true])
  })

  test('is found among other cookies', () => {
    const { sessions, cookie } = signedIn()
    const headers = new Headers({ cookie: `a=1; ${cookie}; b=2` })
    expect(sessions.holds({ method: 'GET', headers })).toBe(true)
  })
})

describe('over HTTP', () => {
  async function browserAt(at: ReturnType<typeof keyGateway>) {
    const { path } = await jsonOf(await at.send('POST /candor/sign-in-links', ADMIN_TOKEN))
    const opened = await at.send(`GET ${path}`)
    const cookie = cookieOf(opened.headers.get('set-cookie'))
    const send = (line: string, more: Record<string, string> = {}) => {
      const [method = '', to = ''] = line.split(' ')
      const headers = { host: 'localhost', cookie, ...more }
      return at.surface(new Request(`http://localhost${to}`, { method, headers }))
    }
    return { opened, path, send }
  }

  const OWN = { origin: 'http://localhost' }

  test('the link leads to the dashboard and is kept by nobody', async () => {
    using at = keyGateway()
    const { opened, path } = await browserAt(at)
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/'])
    expect(opened.headers.get('cache-control')).toBe('no-store')
    expect(opened.headers.get('referrer-policy')).toBe('no-referrer')
    const again = await at.send(`GET ${path}`)
    expect([again.headers.get('location'), again.headers.get('set-cookie')]).toEqual(['/?sign-in=void', null])
  })

  test('a look at the headers alone does not use the link up', async () => {
    using at = keyGateway()
    const { path } = await jsonOf(await at.send('POST /candor/sign-in-links', ADMIN_TOKEN))
    const looked = await at.send(`HEAD ${path}`)
    expect([looked.status, looked.headers.get('set-cookie')]).toEqual([405, null])
    expect((await at.send(`GET ${path}`)).headers.get('set-cookie')).not.toBeNull()
  })

  test('who is signed in may look and change, from the own page only', async () => {
    using at = keyGateway()
    const { send } = await browserAt(at)
    const { key } = await at.made({ name: 'somebody' })
    expect((await send('GET /candor/keys')).status).toBe(200)
    expect((await send(`POST /candor/keys/${key.id}/revoke`)).status).toBe(401)
    expect((await send(`POST /candor/keys/${key.id}/revoke`, { origin: 'http://evil.example' })).status).toBe(403)
    expect((await send(`POST /candor/keys/${key.id}/revoke`, OWN)).status).toBe(200)
  })

  test('the session is told, and ends', async () => {
    using at = keyGateway()
    const { send } = await browserAt(at)
    const view = async () => await jsonOf(await send('GET /candor/session'))
    expect(await view()).toEqual({ signedIn: true, mayRead: true, mayChange: true })
    expect((await send('POST /candor/sign-out', OWN)).headers.get('set-cookie')).toContain('Max-Age=0')
    expect(await view()).toEqual({ signedIn: false, mayRead: false, mayChange: false })
  })

  test('at an open gateway everybody may look', async () => {
    using at = keyGateway({ open: true, configKeys: false })
    const { body } = await at.ask('GET /candor/session')
    expect(body).toMatchObject({ mayRead: true, mayChange: true })
    const stranger = await jsonOf(await at.send('GET /candor/session'))
    expect(stranger).toEqual({ signedIn: false, mayRead: true, mayChange: false })
  })

  test('only who may change things gets a link', async () => {
    using at = keyGateway()
    const { secret } = await at.made()
    expect((await at.send('POST /candor/sign-in-links')).status).toBe(401)
    expect((await at.send('POST /candor/sign-in-links', secret)).status).toBe(403)
  })
})
