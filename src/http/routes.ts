import type { ProtocolId } from '../canon/protocol.ts'
import type { Operation } from '../pipeline/call.ts'

/** What a path leads to. */
export type Destination =
  | { readonly type: 'call'; readonly protocol: ProtocolId; readonly operation: Operation }
  | { readonly type: 'question'; readonly question: QuestionName }

/** The questions answered without a provider. */
export type QuestionName =
  | 'home'
  | 'live'
  | 'ready'
  | 'models'
  | 'model'
  | 'receipts'
  | 'receipt'
  | 'providers'
  | 'status'
  | 'problems'
  | 'openapi'

/** One line of the table. A path ending in `/*` takes a rest, slashes included. */
export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly to: Destination
  /** Answered without a gateway key. */
  readonly open?: boolean
  readonly summary: string
}

const call = (path: string, protocol: ProtocolId, operation: Operation, summary: string): Route => ({
  method: 'POST',
  path,
  to: { type: 'call', protocol, operation },
  summary,
})

const question = (path: string, name: QuestionName, summary: string, open = false): Route => ({
  method: 'GET',
  path,
  to: { type: 'question', question: name },
  summary,
  ...(open ? { open } : {}),
})

/** Every path the gateway answers. */
export const ROUTES: readonly Route[] = [
  call('/v1/chat/completions', 'openai-completions', 'generate', 'OpenAI Chat Completions'),
  call('/v1/messages', 'anthropic-messages', 'generate', 'Anthropic Messages'),
  call(
    '/v1/messages/count_tokens',
    'anthropic-messages',
    'count-tokens',
    "Anthropic's token count; an estimate where the provider has none",
  ),
  question('/v1/models', 'models', 'What can be called'),
  question('/v1/models/*', 'model', 'One model'),
  question('/candor/receipts', 'receipts', 'The newest receipts; ?limit= and ?before='),
  question('/candor/receipts/*', 'receipt', 'The receipt of one call; "last" is the newest'),
  question('/candor/providers', 'providers', 'Providers, their surfaces, and why one cannot be used'),
  question('/candor/status', 'status', 'Version, configuration, ledger and calls in flight'),
  question('/candor/problems', 'problems', 'What each problem code means', true),
  question('/candor/openapi.json', 'openapi', 'This list, as OpenAPI', true),
  question('/livez', 'live', 'The process runs', true),
  question('/readyz', 'ready', 'The gateway takes calls', true),
  question('/', 'home', 'What this is', true),
]

/** A route found for a request, with what a trailing `*` took. */
export interface RouteMatch {
  readonly route: Route
  readonly rest: string
}

const EXACT = new Map(ROUTES.filter(r => !r.path.endsWith('/*')).map(r => [`${r.method} ${r.path}`, r]))
const PREFIXES = ROUTES.filter(r => r.path.endsWith('/*')).map(r => ({ route: r, start: r.path.slice(0, -1) }))

/** Finds the route of a request, once, from the raw path. `HEAD` is answered like `GET`. Undefined: no such path or method. */
export function findRoute(method: string, path: string): RouteMatch | undefined {
  const verb = method === 'HEAD' ? 'GET' : method
  const exact = EXACT.get(`${verb} ${path}`)
  if (exact !== undefined) return { route: exact, rest: '' }
  for (const { route, start } of PREFIXES) {
    if (route.method === verb && path.startsWith(start) && path.length > start.length)
      return { route, rest: path.slice(start.length) }
  }
  return undefined
}

/** The methods a path knows, for the answer to a wrong one. */
export function methodsOf(path: string): readonly string[] {
  return (['GET', 'POST'] as const).filter(method => findRoute(method, path) !== undefined)
}
