import { capabilities } from '../admin/capabilities.ts'
import type { ConfigurationView } from '../admin/config-view.ts'
import type { ModelView, ProviderView, StatusView } from '../admin/contract.ts'
import type { KeyKnowledge } from '../admin/keys.ts'
import { METRICS_CONTENT_TYPE } from '../admin/metrics/text-format.ts'
import { type QuotaStats, quotaList } from '../admin/quota-views.ts'
import { notReadyReasons } from '../admin/readiness.ts'
import type { RouteView } from '../admin/route-view.ts'
import { type ExplainedRoute, routeList } from '../admin/routes.ts'
import { quoteText, redactText } from '../base/redact.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import type { Receipt } from '../ledger/receipt.ts'
import type { QuotaView } from '../upstream/quota.ts'
import { BODY_ANSWERS, type BodyKnowledge } from './body-answers.ts'
import { CALL_ANSWERS, type CallKnowledge, ownKeyOf } from './call-answers.ts'
import type { Caller } from './caller.ts'
import { DASHBOARD_ANSWERS, type DashboardKnowledge, showPage, wantsPage } from './dashboard.ts'
import { DOCTOR_ANSWERS, type DoctorKnowledge } from './doctor-answers.ts'
import { KEY_ANSWERS } from './key-answers.ts'
import { LIVE_ANSWERS, type LiveKnowledge } from './live-answer.ts'
import { FAMILIES, type Family, familyOf } from './model-lists.ts'
import { LISTED, openapi, shownPath } from './openapi.ts'
import { plainProblem, problemIn } from './plain-problem.ts'
import type { QuestionName } from './routes.ts'
import { USAGE_ANSWERS, type UsageKnowledge } from './usage-answers.ts'

/** The knowledge the questions are answered from. */
export interface Knowledge
  extends KeyKnowledge,
    UsageKnowledge,
    CallKnowledge,
    BodyKnowledge,
    DashboardKnowledge,
    LiveKnowledge,
    DoctorKnowledge {
  readonly ledger: UsageKnowledge['ledger'] & CallKnowledge['ledger']
  readonly version: string
  models(all: boolean): readonly ModelView[]
  model(name: string): ModelView | undefined
  providers(): readonly ProviderView[]
  routes(): Promise<readonly RouteView[]>
  /** What would be tried for a call; `body` is the question. */
  explainRoute(body: Uint8Array): Promise<ExplainedRoute | Problem>
  /** What providers say is left. `refresh`: asks them first, and waits for their answers. */
  quotas(refresh: boolean): Promise<readonly QuotaView[]>
  quotaStats(): Promise<QuotaStats>
  receipt(id: string): Promise<Receipt | undefined>
  /** The newest; with `keyId`, of the calls made with that key only. */
  receipts(limit: number, before: string | undefined, keyId?: string): Promise<readonly Receipt[]>
  status(): StatusView
  /** In Prometheus' text format. */
  metrics(): string
  /** Whether a key may call what is called so: a model or a route. */
  mayCall(key: GatewayKey, name: string): boolean
  /** What is in force, where it came from, and what the file says by now. */
  configuration(): Promise<ConfigurationView>
  /** The text of docs/problems.md. */
  problems(): Promise<string>
}

/** A question as it came. */
export interface Asked {
  /** What a `*` of the route took, unescaped. */
  readonly rest: string
  readonly headers: Headers
  readonly query: URLSearchParams
  readonly caller: Caller
  /** Whether the caller may ask this by now: an answer that goes on ends when its key is revoked, or its browser signed out. */
  mayStill(): boolean
  /** Empty where the route takes none. */
  readonly body: Uint8Array
}

/** Answers one kind of question. */
export type Answerer = (know: Knowledge, asked: Asked) => Promise<Response> | Response

const MARKDOWN = { headers: { 'content-type': 'text/markdown; charset=utf-8' } }

const ANSWERS: Readonly<Record<QuestionName, Answerer>> = {
  home: (know, asked) => (wantsPage(asked.headers) ? showPage(know, asked) : showHome(know)),
  live: () => new Response('ok\n'),
  ready: (know, { caller }) => ready(know.status(), caller.admin),
  models: (know, asked) => listModels(know, asked, familyOf(asked.headers)),
  model: (know, asked) => showModel(know, asked, familyOf(asked.headers)),
  geminiModels: (know, asked) => listModels(know, asked, 'google-generative-ai'),
  geminiModel: (know, asked) => showModel(know, asked, 'google-generative-ai'),
  storedResponse: () => problemIn('openai-responses', noStoredReplies(), 404),
  capabilities: () => Response.json(capabilities()),
  async receipts(know, { query, caller }) {
    const limit = Number(query.get('limit') ?? '50')
    const before = query.get('before') ?? undefined
    const data = await know.receipts(Number.isFinite(limit) ? limit : 50, before, ownKeyOf(caller))
    return Response.json({ object: 'list', data })
  },
  receipt: (know, { rest, caller }) => showReceipt(know, rest, ownKeyOf(caller)),
  providers: know => Response.json({ object: 'list', data: know.providers() }),
  routes: async know => Response.json(routeList(await know.routes())),
  async explainRoute(know, { body }) {
    const found = await know.explainRoute(body)
    return isProblem(found) ? plainProblem(found) : Response.json(found)
  },
  quotas: async (know, { query }) =>
    Response.json(quotaList(await know.quotas(query.get('refresh') === 'true'), know.now())),
  quotaStats: async know => Response.json(await know.quotaStats()),
  status: know => Response.json(know.status()),
  config: async know => Response.json(await know.configuration()),
  metrics: know => new Response(know.metrics(), { headers: { 'content-type': METRICS_CONTENT_TYPE } }),
  problems: async know => new Response(await know.problems(), MARKDOWN),
  openapi: know => Response.json(openapi(know.version)),
  ...USAGE_ANSWERS,
  ...CALL_ANSWERS,
  ...BODY_ANSWERS,
  ...KEY_ANSWERS,
  ...DASHBOARD_ANSWERS,
  ...LIVE_ANSWERS,
  ...DOCTOR_ANSWERS,
}

/** Answers one question. */
export async function answer(name: QuestionName, know: Knowledge, asked: Asked): Promise<Response> {
  return await ANSWERS[name](know, asked)
}

/** For a caller that sees only its own receipts the others do not exist: it is told the same as of an id nobody has. */
async function showReceipt(know: Knowledge, id: string, keyId: string | undefined): Promise<Response> {
  const found =
    id === 'last' && keyId !== undefined ? (await know.receipts(1, undefined, keyId))[0] : await know.receipt(id)
  if (found !== undefined && (keyId === undefined || found.key?.id === keyId)) return Response.json(found)
  return plainProblem(noReceipt(id, keyId), 404)
}

function noReceipt(id: string, keyId: string | undefined): Problem {
  const whose = keyId === undefined ? 'The ledger' : 'What this key may see of the ledger'
  const why =
    id === 'last'
      ? `${whose} holds no call.`
      : `${whose} holds no call of that id: it is mistyped, of another gateway, or older than what is kept.`
  return problem('bad_request', `There is no receipt "${quoteText(redactText(id), 60)}".`, {
    why,
    fix: ['The id is in the header candor-request-id of every reply.', 'GET /candor/receipts lists the newest.'],
  })
}

/** The details name files and say what is wrong with them, so only an administrator is told more than yes or no. */
function ready(status: StatusView, detailed: boolean): Response {
  const reasons = notReadyReasons(status)
  const isReady = reasons.length === 0
  const { config, ledger, providers } = status
  const details = detailed ? { config, ledger, providers } : {}
  return Response.json({ ready: isReady, reasons, ...details }, { status: isReady ? 200 : 503 })
}

function listModels(know: Knowledge, { query, caller }: Asked, family: Family): Response {
  const views = know.models(query.get('all') === 'true').filter(view => maySee(know, caller, view.id))
  const page = FAMILIES[family].page(views, query)
  return isProblem(page) ? problemIn(family, page) : Response.json(page)
}

function showModel(know: Knowledge, { rest, caller }: Asked, family: Family): Response {
  const name = rest.replace(/^models\//, '')
  const view = know.model(name)
  const seen = view !== undefined && (maySee(know, caller, name) || maySee(know, caller, view.id))
  return seen ? Response.json(FAMILIES[family].model(view)) : noModel(rest, family)
}

/** A key that may call some models only sees no others. */
function maySee(know: Knowledge, { key }: Caller, name: string): boolean {
  return key === undefined || know.mayCall(key, name)
}

function noModel(name: string, family: Family): Response {
  const found = problem('model_not_found', `No model is called "${quoteText(redactText(name), 200)}".`, {
    fix: ['Run "candor models", or ask GET /v1/models, for what can be called.'],
  })
  return problemIn(family, found)
}

/** A reply kept at a provider could be fetched from there only with its key, and its id does not say which provider that is. */
function noStoredReplies(): Problem {
  return problem('bad_request', 'The gateway keeps no replies, so none can be fetched, cancelled or deleted here.', {
    why: 'A reply asked for with "store" or "background" stays at the provider that made it, and its id does not say which one that is.',
    fix: [
      'Ask the provider itself, with its own key.',
      'Or do without stored replies: send "store": false and the conversation in "input", and read the answer as it comes.',
    ],
  })
}

const PATH_COLUMNS = 46

/** For programs, and people who ask with one. */
function showHome(know: Knowledge): Response {
  return new Response(homeText(know), { headers: { 'content-type': 'text/plain; charset=utf-8', vary: 'accept' } })
}

function homeText(know: Knowledge): string {
  const { providers } = know.status()
  const lines = LISTED.map(
    route => `  ${route.method.padEnd(4)} ${shownPath(route).padEnd(PATH_COLUMNS)} ${route.summary}`,
  )
  return `Candor ${know.version}: ${providers.available} of ${providers.known} providers can be used.\n\n${lines.join('\n')}\n`
}
