import type { ModelView, ProviderView, StatusView } from '../admin/contract.ts'
import { quoteText, redactText } from '../base/redact.ts'
import { problem } from '../canon/problem.ts'
import type { Receipt } from '../ledger/receipt.ts'
import { plainProblem } from './plain-problem.ts'
import { type QuestionName, ROUTES } from './routes.ts'

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
  /** What a trailing `*` of the route took. */
  readonly rest: string
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
  models: (know, { query }) => listModels(know.models(query.get('all') === 'true')),
  model(know, { rest }) {
    const name = decode(rest)
    const view = know.model(name)
    return view === undefined
      ? plainProblem(problem('model_not_found', `No model is called "${quoteText(redactText(name), 200)}".`))
      : Response.json(view)
  },
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

/** OpenAI's and Anthropic's list in one: each client family finds its own fields. */
function listModels(data: readonly ModelView[]): Response {
  return Response.json({
    object: 'list',
    data,
    has_more: false,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  })
}

function homeText(know: Knowledge): string {
  const { providers } = know.status()
  const lines = ROUTES.map(route => `  ${route.method.padEnd(4)} ${route.path.padEnd(28)} ${route.summary}`)
  return `Candor ${know.version}: ${providers.available} of ${providers.known} providers can be used.\n\n${lines.join('\n')}\n`
}

function openapi(version: string) {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of ROUTES) {
    const path = route.path.replace('/*', '/{id}')
    const parameters = route.path.endsWith('/*')
      ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }]
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

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
