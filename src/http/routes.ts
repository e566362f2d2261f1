import type { ProtocolId } from '../canon/protocol.ts'
import type { Operation } from '../pipeline/call.ts'

/** What a path leads to. */
export type Destination =
  | {
      readonly type: 'call'
      readonly protocol: ProtocolId
      readonly operation: Operation
      /** Set where the path names the model, and says whether a stream is wanted, in place of the body. */
      readonly stream?: boolean
    }
  | { readonly type: 'question'; readonly question: QuestionName }

/** The questions answered without a provider. */
export type QuestionName =
  | 'home'
  | 'live'
  | 'ready'
  | 'models'
  | 'model'
  | 'geminiModels'
  | 'geminiModel'
  | 'storedResponse'
  | 'capabilities'
  | 'receipts'
  | 'receipt'
  | 'providers'
  | 'status'
  | 'problems'
  | 'openapi'

/** One line of the table. A `*` in a path takes whatever stands there, slashes included. */
export interface Route {
  readonly method: Method
  readonly path: string
  readonly to: Destination
  /** Answered without a gateway key. */
  readonly open?: boolean
  /** Another way to write a path of the list, for clients that write it so. */
  readonly unlisted?: boolean
  readonly summary: string
}

type Method = 'GET' | 'POST' | 'DELETE'

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

const stored = (method: Method, path: string): Route => ({
  method,
  path,
  to: { type: 'question', question: 'storedResponse' },
  summary: 'Says why the gateway keeps no replies',
})

const GEMINI: readonly { verb: string; operation: Operation; stream: boolean; summary: string }[] = [
  { verb: 'generateContent', operation: 'generate', stream: false, summary: 'Gemini' },
  {
    verb: 'streamGenerateContent',
    operation: 'generate',
    stream: true,
    summary: 'Gemini, as a stream: one JSON array, or events with ?alt=sse',
  },
  {
    verb: 'countTokens',
    operation: 'count-tokens',
    stream: false,
    summary: "Gemini's token count; an estimate where the provider has none",
  },
]

/** Gemini's calls that the gateway has. */
export const GEMINI_CALLS: readonly string[] = GEMINI.map(({ verb }) => verb)

/** Gemini's calls below a folder of models. */
const gemini = (folder: string, unlisted = false): readonly Route[] =>
  GEMINI.map(({ verb, operation, stream, summary }) => ({
    method: 'POST',
    path: `${folder}*:${verb}`,
    to: { type: 'call', protocol: 'google-generative-ai', operation, stream },
    summary,
    ...(unlisted ? { unlisted } : {}),
  }))

/** Every path the gateway answers. */
export const ROUTES: readonly Route[] = [
  call('/v1/chat/completions', 'openai-completions', 'generate', 'OpenAI Chat Completions'),
  call('/v1/responses', 'openai-responses', 'generate', 'OpenAI Responses'),
  stored('GET', '/v1/responses/*'),
  stored('DELETE', '/v1/responses/*'),
  stored('POST', '/v1/responses/*/cancel'),
  call('/v1/messages', 'anthropic-messages', 'generate', 'Anthropic Messages'),
  call(
    '/v1/messages/count_tokens',
    'anthropic-messages',
    'count-tokens',
    "Anthropic's token count; an estimate where the provider has none",
  ),
  ...gemini('/v1beta/models/'),
  // Google's own library asks here since its version 3.
  ...gemini('/v1/models/'),
  // The AI SDK leaves `models/` away where a model's own name holds a slash.
  ...gemini('/v1beta/', true),
  call('/v1/embeddings', 'openai-completions', 'embed', 'OpenAI embeddings'),
  question('/v1/models', 'models', "What can be called, as the client's family lists it: OpenAI, Anthropic or Google"),
  question('/v1/models/*', 'model', 'One model'),
  question('/v1beta/models', 'geminiModels', 'What can be called, as Google lists it'),
  question('/v1beta/models/*', 'geminiModel', 'One model, as Google shows it'),
  question('/candor/receipts', 'receipts', 'The newest receipts; ?limit= and ?before='),
  question('/candor/receipts/*', 'receipt', 'The receipt of one call; "last" is the newest'),
  question('/candor/providers', 'providers', 'Providers, their surfaces, and why one cannot be used'),
  question(
    '/candor/capabilities',
    'capabilities',
    'What becomes of each parameter, from every protocol to every other',
  ),
  question('/candor/status', 'status', 'Version, configuration, ledger and calls in flight'),
  question('/candor/problems', 'problems', 'What each problem code means', true),
  question('/candor/openapi.json', 'openapi', 'This list, as OpenAPI', true),
  question('/livez', 'live', 'The process runs', true),
  question('/readyz', 'ready', 'The gateway takes calls', true),
  question('/', 'home', 'What this is', true),
]

/** A route found for a request, with what a `*` took. */
export interface RouteMatch {
  readonly route: Route
  readonly rest: string
}

const EXACT = new Map(ROUTES.filter(r => !r.path.includes('*')).map(r => [`${r.method} ${r.path}`, r]))
const PATTERNS = ROUTES.filter(r => r.path.includes('*')).map(route => {
  const [start = '', end = ''] = route.path.split('*')
  return { route, start, end }
})

/** Finds the route of a request, once, from the raw path. `HEAD` is answered like `GET`. Undefined: no such path or method. */
export function findRoute(method: string, path: string): RouteMatch | undefined {
  const verb = method === 'HEAD' ? 'GET' : method
  const exact = EXACT.get(`${verb} ${path}`)
  if (exact !== undefined) return { route: exact, rest: '' }
  const isCall = GEMINI_CALLS.includes(geminiCallIn(path) ?? '')
  for (const { route, start, end } of PATTERNS) {
    // A path that names a call is no model to be shown.
    if (isCall && route.to.type === 'question') continue
    const fits = path.startsWith(start) && path.endsWith(end) && path.length > start.length + end.length
    if (route.method === verb && fits) return { route, rest: path.slice(start.length, path.length - end.length) }
  }
  return undefined
}

/** The word behind the last colon of a path in Gemini's form, `/v1beta/models/x:countTokens`: a call, or the end of a model's name. */
export function geminiCallIn(path: string): string | undefined {
  return /^\/v1(?:beta|\/models)\/.*:([A-Za-z]+)$/.exec(path)?.[1]
}

/** The methods a path knows, for the answer to a wrong one. */
export function methodsOf(path: string): readonly string[] {
  return (['GET', 'POST', 'DELETE'] as const).filter(method => findRoute(method, path) !== undefined)
}

/** What a `*` took, as it was meant: clients may write the slashes and colons of a name percent-encoded or as they are. */
export function unescaped(rest: string): string {
  try {
    return decodeURIComponent(rest)
  } catch {
    return rest
  }
}
