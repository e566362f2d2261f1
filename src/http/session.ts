import { createHash } from 'node:crypto'
import type { SignInLink } from '../admin/session-view.ts'
import type { Clock } from '../base/clock.ts'
import { newToken } from '../base/ids.ts'

/** What the name of the cookie begins with that a signed-in browser carries: {@link cookieName}. */
export const SESSION_COOKIE = 'candor_session'

/** A sign-in link that was not used by then is void. */
export const LINK_MS = 10 * 60_000

/** A session ends this long after it was last used. */
export const SESSION_MS = 12 * 60 * 60_000

/** Most links and sessions there may be; the oldest makes room. */
const LINKS_MAX = 100
const SESSIONS_MAX = 1_000

/** The browser keeps the cookie longer than any session lasts unused, in seconds: when a session ends is decided here. */
const COOKIE_SECONDS = 30 * 24 * 60 * 60

/** Who is signed in with a browser. In memory: a restart signs everybody out. */
export interface Sessions {
  /** Makes a link. Whoever opens it first is signed in. */
  link(): SignInLink
  /**
   * The session a link's token opens, as the text of the `Set-Cookie` header; one that the browser had is over then. Undefined: used, too old, or
   * never made.
   */
  open(token: string, headers: Headers): string | undefined
  /**
   * Whether the request comes from a browser that is signed in. What may change something must say which page sends it: without an `Origin`
   * (foreign ones are refused before) it counts as signed out.
   */
  holds(request: { readonly method: string; readonly headers: Headers }): boolean
  /** Ends the session of a request, and gives the `Set-Cookie` header that removes the cookie. */
  close(headers: Headers): string
}

/** Opens the book of sessions. Of tokens it keeps digests only. */
export function openSessions(clock: Clock): Sessions {
  const links = new Map<string, number>()
  const sessions = new Map<string, number>()

  function isAlive(digest: string): boolean {
    const until = sessions.get(digest)
    if (until === undefined) return false
    sessions.delete(digest)
    if (until <= clock.now()) return false
    // Written anew, it is the youngest of the map.
    sessions.set(digest, clock.now() + SESSION_MS)
    return true
  }

  function forget(headers: Headers): void {
    const shown = sessionIn(headers)
    if (shown !== undefined) sessions.delete(digestOf(shown))
  }

  return {
    link() {
      const token = newToken()
      const expiresAt = clock.now() + LINK_MS
      keep(links, digestOf(token), expiresAt, LINKS_MAX)
      return { path: `/candor/sign-in?token=${token}`, expiresAt }
    },
    open(token, headers) {
      const digest = digestOf(token)
      const until = links.get(digest)
      links.delete(digest)
      if (until === undefined || until <= clock.now()) return undefined
      forget(headers)
      const session = newToken()
      keep(sessions, digestOf(session), clock.now() + SESSION_MS, SESSIONS_MAX)
      return cookie(headers, session, COOKIE_SECONDS)
    },
    holds({ method, headers }) {
      const shown = sessionIn(headers)
      if (shown === undefined) return false
      const reads = method === 'GET' || method === 'HEAD'
      return (reads || headers.has('origin')) && isAlive(digestOf(shown))
    },
    close(headers) {
      forget(headers)
      return cookie(headers, '', 0)
    },
  }
}

function keep(map: Map<string, number>, digest: string, until: number, most: number): void {
  const [oldest] = map.keys()
  if (map.size >= most && oldest !== undefined) map.delete(oldest)
  map.set(digest, until)
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}

/**
 * Browsers give a host's cookies to all its ports (RFC 6265, 8.5), so gateways beside each other would overwrite each other's. Each has the port it is
 * called at in the name; behind a proxy that is what the proxy calls it by.
 */
function cookieName(headers: Headers): string {
  const port = /:(\d{1,5})$/.exec(headers.get('host') ?? '')?.[1]
  return port === undefined ? SESSION_COOKIE : `${SESSION_COOKIE}_${port}`
}

function cookie(headers: Headers, value: string, seconds: number): string {
  const secure = cameByHttps(headers) ? '; Secure' : ''
  return `${cookieName(headers)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
}

/** Whether the browser spoke TLS with a proxy in front, as the proxy says (RFC 7239, and what came before it). Whoever lies harms its own cookie only. */
function cameByHttps(headers: Headers): boolean {
  const [first = ''] = (headers.get('x-forwarded-proto') ?? '').split(',')
  return first.trim().toLowerCase() === 'https' || /^[^,]*\bproto="?https\b/i.test(headers.get('forwarded') ?? '')
}

function sessionIn(headers: Headers): string | undefined {
  const cookies = headers.get('cookie')
  // Most calls come from no browser.
  if (cookies === null) return undefined
  const own = cookieName(headers)
  for (const part of cookies.split(';')) {
    const [name = '', value = ''] = part.trim().split('=')
    if (name === own && value !== '') return value
  }
  return undefined
}
