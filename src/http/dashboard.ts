import type { SessionView } from '../admin/session-view.ts'
import { problem } from '../canon/problem.ts'
import type { Caller } from './caller.ts'
import { plainProblem } from './plain-problem.ts'
import type { DashboardQuestion } from './routes.ts'
import type { Sessions } from './session.ts'

/** A file of the dashboard. */
export interface DashboardFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The same compressed with gzip; absent where that gains nothing. */
  readonly gzipped?: Uint8Array<ArrayBuffer>
  readonly contentType: string
}

/** The dashboard as files. */
export interface DashboardFiles {
  /** The one page of all views; undefined if this installation has no dashboard. */
  page(): Promise<DashboardFile | undefined>
  /** A file the page names. Its name holds the hash of its content. */
  asset(name: string): Promise<DashboardFile | undefined>
}

/** What the questions about the dashboard are answered from. */
export interface DashboardKnowledge {
  readonly sessions: Sessions
  readonly dashboard: DashboardFiles
}

/** What of a question is looked at here. */
interface DashboardAsked {
  readonly rest: string
  readonly headers: Headers
  readonly query: URLSearchParams
  readonly caller: Caller
}

/**
 * Nothing from elsewhere, nothing inline, nobody's frame (w3.org/TR/CSP3). `data:` pictures are those a model drew in the playground.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  vary: 'accept, accept-encoding',
}

/** The page changes with the version, the files it names never: their names would be others. */
const KEPT = { page: 'no-cache', asset: 'public, max-age=31536000, immutable' } as const

/** True for a browser that wants a page to show. */
export function wantsPage(headers: Headers): boolean {
  return /\btext\/html\b/i.test(headers.get('accept') ?? '')
}

/** The questions about the dashboard itself: its files, and who is signed in. */
export const DASHBOARD_ANSWERS: Readonly<
  Record<DashboardQuestion, (know: DashboardKnowledge, asked: DashboardAsked) => Promise<Response> | Response>
> = {
  page: (know, asked) => showPage(know, asked),
  asset: async (know, { rest, headers }) => served(await know.dashboard.asset(rest), headers, KEPT.asset),
  signIn({ sessions }, { query, headers }) {
    const cookie = sessions.open(query.get('token') ?? '', headers)
    if (cookie !== undefined) return redirect('/', cookie)
    return redirect(sessions.holds({ method: 'GET', headers }) ? '/' : '/?sign-in=void')
  },
  session({ sessions }, { headers, caller }) {
    const signedIn = sessions.holds({ method: 'GET', headers })
    return Response.json({ signedIn, mayRead: caller.admin, mayChange: caller.mayChange } satisfies SessionView)
  },
  signInLink: ({ sessions }) => Response.json(sessions.link(), { status: 201 }),
  signOut({ sessions }, { headers }) {
    const response = Response.json({ signedIn: false })
    response.headers.set('set-cookie', sessions.close(headers))
    return response
  },
}

/** The dashboard's page, for all its views: which one is shown is read from the address by the page itself. */
export async function showPage({ dashboard }: DashboardKnowledge, { headers }: DashboardAsked): Promise<Response> {
  return served(await dashboard.page(), headers, KEPT.page)
}

function served(file: DashboardFile | undefined, headers: Headers, kept: string): Response {
  if (file === undefined) return noFile()
  const zipped = /\bgzip\b/i.test(headers.get('accept-encoding') ?? '') ? file.gzipped : undefined
  return new Response(zipped ?? file.bytes, {
    headers: {
      ...PAGE_HEADERS,
      'content-type': file.contentType,
      'cache-control': kept,
      ...(zipped === undefined ? {} : { 'content-encoding': 'gzip' }),
    },
  })
}

function noFile(): Response {
  const fix = [
    'Build it: npm run build:web',
    'The command line tells the same: candor logs, candor usage, candor doctor.',
  ]
  const why = 'A checkout has the dashboard only once it was built, and nothing else is served from there.'
  return plainProblem(problem('bad_request', 'This installation has no such file of the dashboard.', { why, fix }), 404)
}

function redirect(to: string, cookie?: string): Response {
  const set = cookie === undefined ? {} : { 'set-cookie': cookie }
  return new Response(null, { status: 303, headers: { location: to, 'referrer-policy': 'no-referrer', ...set } })
}
