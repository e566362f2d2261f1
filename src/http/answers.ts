import { capabilities } from '../admin/capabilities.ts'
import type { ModelView, ProviderView, StatusView } from '../admin/contract.ts'
import { quoteText, redactText } from '../base/redact.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { Receipt } from '../ledger/receipt.ts'
import { FAMILIES, type Family, familyOf } from './model-lists.ts'
import { plainProblem, problemIn } from './plain-problem.ts'
import { type QuestionName, ROUTES, type Route } from './routes.ts'

/** The knowledge the questions are answered from. */
export interface Knowledge {
  readonly version: string
  models(all: boolean): readonly ModelView[]
  model(name: string): ModelView | undefined
  providers(): readonly ProviderView[]
  receipt(id: string): Promise<Receipt | undefined>
  receipts(limit: number, before: string | undefined): Promise<readonly Receipt[]>
  status(): StatusView
  /** The text of docs/problems.md. */
  problems(): Promise<string>
}

/** A question as it came. */
export interface Asked {
  /** What a `*` of the route took, unescaped. */
  readonly rest: string
  readonly headers: Headers
  readonly query: URLSearchParams
  /** The caller showed one of the gateway's keys, or none is asked for. */
  readonly trusted: boolean
}

type Answerer = (know: Knowledge, asked: Asked) => Promise<Response> | Response

const MARKDOWN = { headers: { 'content-type': 'text/markdown; charset=utf-8' } }

const ANSWERS: Readonly<Record<QuestionName, Answerer>> = {
  home: know => new Response(homeText(know), { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
  live: () => new Response('ok\n'),
  ready: (know, { trusted }) => ready(know.status(), trusted),
  models: (know, asked) => listModels(know, asked, familyOf(asked.headers)),
  model: (know, asked) => showModel(know, asked.rest, familyOf(asked.headers)),
  geminiModels: (know, asked) => listModels(know, asked, 'google-generative-ai'),
  geminiModel: (know, { rest }) => showModel(know, rest, 'google-generative-ai'),
  storedResponse: () => problemIn('openai-responses', noStoredReplies(), 404),
  capabilities: () => Response.json(capabilities()),
  async receipts(know, { query }) {
    const limit = Number(query.get('limit') ?? '50')
    const data = await know.receipts(Number.isFinite(limit) ? limit : 50, query.get('before') ?? undefined)
    return Response.json({ object: 'list', data })
  },
  async receipt(know, { rest }) {
    const found = await know.receipt(rest)
    if (found !== undefined) return Response.json(found)
    const fix = ['The id is in the header candor-request-id of every reply.', 'GET /candor/receipts lists the newest.']
    return plainProblem(
      problem('bad_request', `There is no receipt "${quoteText(redactText(rest), 60)}".`, { fix }),
      404,
    )
  },
  providers: know => Response.json({ object: 'list', data: know.providers() }),
  status: know => Response.json(know.status()),
  problems: async know => new Response(await know.problems(), MARKDOWN),
  openapi: know => Response.json(openapi(know.version)),
}

/** Answers one question. */
export async function answer(name: QuestionName, know: Knowledge, asked: Asked): Promise<Response> {
  return await ANSWERS[name](know, asked)
}

/** The details name files and say what is wrong with them, so a stranger is told only yes or no. */
function ready(status: StatusView, trusted: boolean): Response {
  const reasons = status.draining ? ['shutting down'] : []
  const isReady = reasons.length === 0
  const { config, ledger, providers } = status
  const details = trusted ? { config, ledger, providers } : {}
  return Response.json({ ready: isReady, reasons, ...details }, { status: isReady ? 200 : 503 })
}

function listModels(know: Knowledge, { query }: Asked, family: Family): Response {
  const page = FAMILIES[family].page(know.models(query.get('all') === 'true'), query)
  return isProblem(page) ? problemIn(family, page) : Response.json(page)
}

function showModel(know: Knowledge, name: string, family: Family): Response {
  const view = know.model(name.replace(/^models\//, ''))
  return view === undefined ? noModel(name, family) : Response.json(FAMILIES[family].model(view))
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

function homeText(know: Knowledge): string {
  const { providers } = know.status()
  const lines = LISTED.map(
    route => `  ${route.method.padEnd(4)} ${shownPath(route).padEnd(LISTED_COLUMNS)} ${route.summary}`,
  )
  return `Candor ${know.version}: ${providers.available} of ${providers.known} providers can be used.\n\n${lines.join('\n')}\n`
}

const LISTED = ROUTES.filter(route => route.unlisted !== true)
const LISTED_COLUMNS = 46

function shownPath(route: Route): string {
  return route.path.replace('*', `{${placeName(route)}}`)
}

function placeName({ path }: Route): string {
  return path.includes('/models/') ? 'model' : 'id'
}

function openapi(version: string) {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of LISTED) {
    const path = shownPath(route)
    const parameters = route.path.includes('*')
      ? [{ name: placeName(route), in: 'path', required: true, schema: { type: 'string' } }]
      : []
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = {
      summary: route.summary,
      parameters,
      responses: { 200: { description: 'as asked' }, default: { description: 'a problem; see /candor/problems' } },
      ...(route.open === true ? { security: [] } : {}),
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Candor', version },
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    security: [{ key: [] }],
    paths,
  }
}
