import { BODIES_SCHEMA } from '../admin/bodies.ts'
import { DOCTOR_SCHEMA, PROBE_QUESTION_SCHEMA, PROBE_SCHEMA } from '../admin/doctor.ts'
import { KEY_CHANGE_SCHEMA, NEW_KEY_SCHEMA } from '../admin/key-request.ts'
import { ROUTE_QUESTION_SCHEMA } from '../admin/routes.ts'
import type { JsonObject } from '../base/json-value.ts'
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
  /** A call that was kept, once more. */
  | { readonly type: 'replay' }

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
  | 'routes'
  | 'explainRoute'
  | 'quotas'
  | 'quotaStats'
  | 'status'
  | 'config'
  | 'metrics'
  | 'problems'
  | 'openapi'
  | UsageQuestion
  | CallQuestion
  | BodyQuestion
  | KeyQuestion
  | DashboardQuestion
  | LiveQuestion
  | DoctorQuestion

/** What happens at this moment. */
export type LiveQuestion = 'overview' | 'liveEvents'

/** The questions to the doctor. */
export type DoctorQuestion = 'doctor' | 'probe'

/** The questions about the dashboard itself. */
export type DashboardQuestion = 'page' | 'asset' | 'signIn' | 'session' | 'signInLink' | 'signOut'

/** The questions about what was used. */
export type UsageQuestion = 'usage' | 'usageSeries' | 'keyInfo' | 'userInfo'

/** The questions about many calls at once. */
export type CallQuestion = 'calls' | 'callsHistogram'

/** The questions about what is kept of a call. */
export type BodyQuestion = 'bodies'

/** The questions about the gateway's own keys. */
export type KeyQuestion = 'keys' | 'key' | 'createKey' | 'changeKey' | 'rotateKey' | 'revokeKey'

/**
 * Who may ask. `open`: everybody. `key`: whoever may call models; sees only what belongs to its own key. `admin`: whoever may see everything,
 * which is everybody where no key is asked for. `change`: an administrator who shows it, also there: with an admin key, the running gateway's
 * own token, or a browser that is signed in.
 */
export type Rights = 'open' | 'key' | 'admin' | 'change'

/** One line of the table. A `*` in a path takes whatever stands there, slashes included. */
export interface Route {
  readonly method: Method
  readonly path: string
  readonly to: Destination
  readonly rights: Rights
  /** A body is read, and this is how a valid one looks: JSON Schema. Absent: a body is not looked at. */
  readonly body?: JsonObject
  /** No body at all is a valid one too. */
  readonly bodyOptional?: boolean
  /** How the answer looks: JSON Schema. Absent: it is not described. */
  readonly answer?: JsonObject
  /** The body may be as large as a call's. */
  readonly large?: boolean
  /** Another way to write a path of the list, for clients that write it so. */
  readonly unlisted?: boolean
  /** Only for browsers that want a page to show. For others the path does not exist. */
  readonly browsersOnly?: boolean
  /** A link on another site may lead a browser here: the page holds nothing by itself, and signing in takes a token. */
  readonly linkable?: boolean
  readonly summary: string
}

type Method = (typeof METHODS)[number]

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const

const call = (path: string, protocol: ProtocolId, operation: Operation, summary: string): Route => ({
  method: 'POST',
  path,
  to: { type: 'call', protocol, operation },
  rights: 'key',
  summary,
})

const question = (path: string, name: QuestionName, rights: Rights, summary: string): Route => ({
  method: 'GET',
  path,
  to: { type: 'question', question: name },
  rights,
  summary,
})

const change = (method: Method, path: string, name: QuestionName, summary: string, body?: JsonObject): Route => ({
  ...question(path, name, 'change', summary),
  method,
  ...(body === undefined ? {} : { body }),
})

const stored = (method: Method, path: string): Route => ({
  method,
  path,
  to: { type: 'question', question: 'storedResponse' },
  rights: 'key',
  summary: 'Says why the gateway keeps no replies',
})

/** A view of the dashboard, by its path. */
const view = (path: string): Route => ({
  ...question(path, 'page', 'open', 'The dashboard'),
  unlisted: true,
  browsersOnly: true,
  linkable: true,
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
    rights: 'key',
    summary,
    ...(unlisted ? { unlisted } : {}),
  }))

const SIGN_IN = '/candor/sign-in'

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
  question(
    '/v1/models',
    'models',
    'key',
    "What can be called, as the client's family lists it: OpenAI, Anthropic or Google",
  ),
  question('/v1/models/*', 'model', 'key', 'One model'),
  question('/v1beta/models', 'geminiModels', 'key', 'What can be called, as Google lists it'),
  question('/v1beta/models/*', 'geminiModel', 'key', 'One model, as Google shows it'),
  question('/candor/calls', 'calls', 'key', 'Calls in a line each, newest first, by filters; ?limit= and ?before='),
  question(
    '/candor/calls/histogram',
    'callsHistogram',
    'key',
    'How many calls ended how over time, by the same filters',
  ),
  {
    ...question(
      '/candor/bodies/*',
      'bodies',
      'change',
      'What a call asked and was answered, where that is kept; "last" is the newest',
    ),
    answer: BODIES_SCHEMA,
  },
  {
    method: 'POST',
    path: '/candor/replay/*',
    to: { type: 'replay' },
    rights: 'change',
    summary: "Makes a call again whose bodies were kept, under Candor's own name; ?model= asks another model",
  },
  question('/candor/receipts', 'receipts', 'key', 'The newest receipts; ?limit= and ?before='),
  question('/candor/receipts/*', 'receipt', 'key', 'The receipt of one call; "last" is the newest'),
  question('/candor/providers', 'providers', 'admin', 'Providers, their surfaces, and why one cannot be used'),
  question('/candor/routes', 'routes', 'admin', 'Routes, their targets, and what they fall back on'),
  {
    ...change(
      'POST',
      '/candor/routes/explain',
      'explainRoute',
      'What would be tried for a call, in which order, and why not the others; nothing is sent',
      ROUTE_QUESTION_SCHEMA,
    ),
    // It is asked with a body, and changes nothing.
    rights: 'admin',
    large: true,
  },
  question('/candor/quotas', 'quotas', 'admin', 'What providers say is left; ?refresh=true asks them now'),
  question('/v1/quota-stats', 'quotaStats', 'admin', 'The same, with what was used, in the form quota bars poll'),
  question(
    '/candor/capabilities',
    'capabilities',
    'key',
    'What becomes of each parameter, from every protocol to every other',
  ),
  question('/candor/usage', 'usage', 'key', 'Sums over calls; ?period= or ?since= and ?until=, ?by=, and ?format=csv'),
  question('/candor/usage/series', 'usageSeries', 'key', 'The same over time, by hour or day: ?bucket='),
  question('/key/info', 'keyInfo', 'key', "The caller's own key and its budget, as LiteLLM tells it"),
  question('/user/info', 'userInfo', 'key', "The same of the key's user, which is the key itself"),
  question('/candor/keys', 'keys', 'admin', "The gateway's keys, with their limits and what they have used"),
  change('POST', '/candor/keys', 'createKey', 'Makes a key; the only time its secret is shown', NEW_KEY_SCHEMA),
  question('/candor/keys/*', 'key', 'admin', 'One key, by its id or name'),
  change('PATCH', '/candor/keys/*', 'changeKey', 'Changes what is named; null removes', KEY_CHANGE_SCHEMA),
  change('POST', '/candor/keys/*/rotate', 'rotateKey', 'A new secret for the same key; the old one is refused at once'),
  change('POST', '/candor/keys/*/revoke', 'revokeKey', 'Refuses the key from now on, for good'),
  question('/candor/status', 'status', 'admin', 'Version, configuration, ledger and calls in flight'),
  question(
    '/candor/config',
    'config',
    'admin',
    'The values in force with their origin, secrets masked, and what a reload would change',
  ),
  {
    ...question('/candor/doctor', 'doctor', 'admin', 'What is wrong here and how to mend it; asks no provider'),
    answer: DOCTOR_SCHEMA,
  },
  {
    ...change(
      'POST',
      '/candor/doctor/probe',
      'probe',
      'Asks providers for one token with each key, and one for a stream: that many short calls',
      PROBE_QUESTION_SCHEMA,
    ),
    bodyOptional: true,
    answer: PROBE_SCHEMA,
  },
  question('/candor/problems', 'problems', 'open', 'What each problem code means'),
  question('/candor/openapi.json', 'openapi', 'open', 'This list, as OpenAPI'),
  question('/metrics', 'metrics', 'admin', 'For Prometheus: what was counted, and the state of the moment'),
  question('/livez', 'live', 'open', 'The process runs'),
  question('/readyz', 'ready', 'open', 'The gateway takes calls'),
  { ...question('/', 'home', 'open', 'The dashboard; for programs, what this is'), linkable: true },
  ...['/calls', '/calls/*', '/models', '/routes', '/usage', '/keys', '/doctor', '/configuration', '/playground'].map(
    view,
  ),
  { ...question('/assets/*', 'asset', 'open', "The dashboard's files"), unlisted: true },
  question('/candor/overview', 'overview', 'admin', 'What happens now: calls, pace, spend, providers and what is left'),
  question('/candor/live', 'liveEvents', 'admin', 'Calls as they happen, as server-sent events; ?after= goes on'),
  question('/candor/session', 'session', 'open', 'Whether this browser is signed in, and what the caller may do'),
  { ...question(SIGN_IN, 'signIn', 'open', 'Signs a browser in; ?token= works once'), unlisted: true, linkable: true },
  change('POST', '/candor/sign-in-links', 'signInLink', 'A link that signs a browser in once, within ten minutes'),
  { ...change('POST', '/candor/sign-out', 'signOut', 'Signs this browser out'), rights: 'open' },
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
  // A look at the headers alone would use up a link that works once.
  const verb = method === 'HEAD' && path !== SIGN_IN ? 'GET' : method
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
  return METHODS.filter(method => {
    const found = findRoute(method, path)
    return found !== undefined && found.route.browsersOnly !== true
  })
}

/** What a `*` took, as it was meant: clients may write the slashes and colons of a name percent-encoded or as they are. */
export function unescaped(rest: string): string {
  try {
    return decodeURIComponent(rest)
  } catch {
    return rest
  }
}
