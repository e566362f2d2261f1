import { parseJson } from '../base/json.ts'
import { asObject, isObject, type JsonObject } from '../base/json-value.ts'
import { isProblem, PROBLEM_CODES, PROBLEMS, type Problem, problem } from '../canon/problem.ts'
import { PROTOCOL_IDS, type ProtocolId } from '../canon/protocol.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import { retryable } from '../pipeline/backoff.ts'
import type { House, Operation, Target } from '../pipeline/call.ts'
import { crossingOf, explainRoute, type RouteExplanation } from '../pipeline/explain-route.ts'
import { healthKey } from '../pipeline/legs.ts'
import type { RouteSetup } from '../pipeline/route.ts'
import { savedCall } from '../pipeline/saved-call.ts'
import type { HealthView } from '../upstream/health.ts'
import { recogniseRequest } from '../wire/recognise.ts'
import type { ExplainedRouteView, RouteLegView, RouteList, RouteTargetView, RouteView } from './route-view.ts'
import { routeWords } from './story/routes.ts'

/** The routes, and what the codes mean that stand in them. */
export function routeList(routes: readonly RouteView[]): RouteList {
  const codes = new Set(routes.flatMap(({ fallbackOn, retry }) => [...fallbackOn, ...retry.codes]))
  return {
    object: 'list',
    data: routes,
    meanings: Object.fromEntries([...codes].map(code => [code, PROBLEMS[code].meaning])),
  }
}

/** The configured routes, in the order of the configuration. */
export function routeViews(house: House): Promise<readonly RouteView[]> {
  return Promise.all(house.directory.routes.map(route => routeView(route, house)))
}

async function routeView(route: RouteSetup, house: House): Promise<RouteView> {
  const health = house.health.views()
  const targets = route.targets.map(({ name, priority, weight }) => ({
    ...standingOf(name, house, health),
    priority,
    weight,
  }))
  const course = house.directory.course(route.name)
  const codes = PROBLEM_CODES.filter(code => retryable(problem(code, '', { timer: 'first byte' })))
  return {
    name: route.name,
    available: targets.some(({ available }) => available),
    targets,
    ...(isProblem(course) ? {} : { lane: course.first.billing }),
    fallbackOn: [...route.fallbackOn],
    crossBilling: await crossingOf(route, { at: house.clock.now() }, house),
    retry: { ...route.retry, codes: route.retry.max === 0 ? [] : codes },
    balance: route.balance,
    affinity: route.affinity,
    signedReasoning: route.signedReasoning,
    ...(route.cacheMs === undefined ? {} : { cacheMs: route.cacheMs }),
  }
}

function standingOf(
  name: string,
  { directory }: House,
  health: readonly HealthView[],
): Omit<RouteTargetView, 'priority' | 'weight'> {
  const usable = directory.resolve(name)
  const target = isProblem(usable) ? directory.resolveUnusable(name) : usable
  const barred = isProblem(usable) ? { unavailable: usable.what } : {}
  if (isProblem(target)) return { name, available: false, ...barred, legs: [] }
  const { ref, provider } = target
  const { billing } = provider
  const legs = isProblem(usable) ? [] : legsOf(usable, health)
  return { name, ref, available: !isProblem(usable), ...barred, billing, legs }
}

function legsOf(target: Target, health: readonly HealthView[]): readonly RouteLegView[] {
  return target.provider.credentials.map(credential => {
    const { name, billing, priority, weight } = credential
    const at = healthKey({ target, credential })
    const own = health.find(
      each => each.provider === at.provider && each.credential === at.credential && each.model === at.model,
    )
    return { credential: name, billing, priority, weight, ...(own === undefined ? {} : { health: own }) }
  })
}

/** How a question for a route looks: JSON Schema. */
export const ROUTE_QUESTION_SCHEMA: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    model: {
      type: 'string',
      description: 'A route, a model or an alias. Default: what the request names, else the default model.',
    },
    request: {
      type: 'object',
      description: 'The body of a request. Without it a short greeting stands for one.',
    },
    protocol: {
      enum: [...PROTOCOL_IDS],
      description: 'The protocol of the request. Default: by its shape; without a request openai-completions.',
    },
    headers: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'What the client sends, such as its User-Agent or its session.',
    },
    key: {
      type: 'string',
      description:
        'Name or id of the gateway key the client shows: conversations of different keys are different ones.',
    },
    stream: { type: 'boolean', description: 'The answer is wanted as a stream, where the body does not say it.' },
  },
}

/** The answer to `POST /candor/routes/explain`. */
export type ExplainedRoute = RouteExplanation & ExplainedRouteView

/** Explains the route a question asks for, or says what is wrong with the question. `findKey`: by name or id. */
export async function answerRoute(
  body: Uint8Array,
  house: House,
  findKey: (name: string) => GatewayKey | undefined,
): Promise<ExplainedRoute | Problem> {
  const asked = readQuestion(body, house)
  if (isProblem(asked)) return asked
  const { model, stream, sample, headers, request, protocol, operation } = asked
  const key = asked.key === undefined ? undefined : findKey(asked.key)
  if (asked.key !== undefined && key === undefined)
    return wrong('"key"', 'is neither the name nor the id of a key', 'key')
  const bytes = encoder.encode(JSON.stringify(request))
  const found = await explainRoute(
    savedCall({ protocol, operation, body: bytes, headers }, house),
    { model, stream, sample, ...(key === undefined ? {} : { key }) },
    house,
  )
  return isProblem(found) ? found : { ...found, words: routeWords(found, house.clock.now()) }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

interface Question {
  readonly model: string
  readonly key: string | undefined
  readonly stream: boolean
  readonly sample: boolean
  readonly headers: Headers
  readonly request: JsonObject
  readonly protocol: ProtocolId
  readonly operation: Operation
}

function readQuestion(body: Uint8Array, house: House): Question | Problem {
  const read = parseJson(decoder.decode(body))
  if (!read.ok || !isObject(read.value)) return wrong('The question', 'is not a JSON object')
  const said = read.value
  const unknown = Object.keys(said).find(name => !Object.hasOwn(FIELDS, name))
  if (unknown !== undefined) return wrong(`"${unknown.slice(0, 60)}"`, 'is not known')
  for (const [name, { fits, rule }] of Object.entries(FIELDS))
    if (said[name] !== undefined && !fits(said[name])) return wrong(`"${name}"`, rule, name)
  const { stream, key } = said
  const headers = headersIn(asObject(said['headers']) ?? {})
  if (headers === undefined) return wrong('"headers"', 'must be an object of header names and values', 'headers')
  const origin = originOf(said, house)
  return isProblem(origin)
    ? origin
    : { ...origin, headers, stream: stream === true, key: typeof key === 'string' ? key : undefined }
}

interface Field {
  fits(value: unknown): boolean
  readonly rule: string
}

const FIELDS: Readonly<Record<string, Field>> = {
  model: { fits: value => typeof value === 'string', rule: 'must be a text' },
  request: { fits: value => isObject(value), rule: 'must be a JSON object' },
  protocol: { fits: value => isProtocol(value), rule: `must be one of ${PROTOCOL_IDS.join(', ')}` },
  headers: { fits: value => isObject(value), rule: 'must be a JSON object' },
  key: { fits: value => typeof value === 'string', rule: 'must be a text' },
  stream: { fits: value => typeof value === 'boolean', rule: 'must be true or false' },
}

function isProtocol(value: unknown): value is ProtocolId {
  return PROTOCOL_IDS.some(id => id === value)
}

/** Undefined if a name or value can be no header. */
function headersIn(said: JsonObject): Headers | undefined {
  const headers = new Headers()
  try {
    for (const [name, value] of Object.entries(said)) {
      if (typeof value !== 'string') return undefined
      headers.set(name, value)
    }
    return headers
  } catch {
    return undefined
  }
}

function originOf(said: JsonObject, house: House): Omit<Question, 'headers' | 'stream' | 'key'> | Problem {
  const request = asObject(said['request'])
  const named = isProtocol(said['protocol']) ? said['protocol'] : undefined
  const model = typeof said['model'] === 'string' ? said['model'] : modelIn(request)
  if (request === undefined) {
    const protocol = named ?? 'openai-completions'
    return { model, sample: true, request: greeting(protocol, model, house), protocol, operation: 'generate' }
  }
  if (named !== undefined) return { model, sample: false, request, protocol: named, operation: 'generate' }
  const found = recogniseRequest(request)
  if (found === undefined)
    return wrong('"request"', 'looks like none of the protocols: name one in "protocol"', 'protocol')
  return { model, sample: false, request, protocol: found.protocol, operation: found.operation }
}

function modelIn(request: JsonObject | undefined): string {
  const name = request?.['model']
  return typeof name === 'string' ? name : ''
}

/** The shortest request of a protocol. */
function greeting(id: ProtocolId, model: string, { protocols }: House): JsonObject {
  const protocol = protocols.get(id)
  if (protocol === undefined) throw new Error(`no codec for ${id}`)
  const parts = [{ type: 'text', text: 'Hello', at: '' }] as const
  const turns = [{ role: 'user', parts, at: '' }] as const
  const said = { from: id, model, stream: false, streamUsage: false, turns, tools: [], settings: [], unknown: [] }
  return protocol.encodeRequest(said, {}).body
}

function wrong(what: string, rule: string, path?: string): Problem {
  return problem('bad_request', `${what} ${rule}.`, {
    fix: ['GET /candor/openapi.json shows the form of the question.'],
    ...(path === undefined ? {} : { paths: [path] }),
  })
}
