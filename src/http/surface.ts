import type { Clock } from '../base/clock.ts'
import type { CoarseTimers } from '../base/coarse-timers.ts'
import { newId } from '../base/ids.ts'
import type { Secret } from '../base/secret.ts'
import { openTrace } from '../base/trace-context.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { KeptBodies } from '../ledger/kept-bodies.ts'
import type { Call, House } from '../pipeline/call.ts'
import { JSON_ARRAY, SSE } from '../pipeline/framing.ts'
import { type Replayed, replayCall } from '../pipeline/replay-call.ts'
import { refuseCall, runCall } from '../pipeline/run-call.ts'
import type { Asked } from './answers.ts'
import { type Caller, refusalOf, STRANGER } from './caller.ts'
import { clientKey } from './client-key.ts'
import { wantsPage } from './dashboard.ts'
import { guard, type HostList } from './guard.ts'
import type { InFlight } from './in-flight.ts'
import { familyAt } from './model-lists.ts'
import { noRoute } from './no-route.ts'
import { plainProblem, problemAt } from './plain-problem.ts'
import { type BodyLimits, readBody } from './read-body.ts'
import { type Destination, findRoute, type QuestionName, type Route, unescaped } from './routes.ts'

/** What the HTTP surface stands on. */
export interface SurfaceParts {
  /** The house of this moment: a reload replaces it, a call keeps the one it began with. */
  house(): House
  hosts(): HostList
  limits(): BodyLimits & { readonly inFlightMax: number }
  readonly inFlight: InFlight
  readonly clock: Clock
  readonly timers: CoarseTimers
  /** True from the first sign of a shutdown. */
  draining(): boolean
  /** What a browser that is signed in shows in place of a key; undefined for everybody else. */
  signedIn(request: Request): Secret | undefined
  /** Who shows this key, or why it is not admitted. Where no key is asked for, everybody is an administrator. */
  caller(key: Secret | undefined): Caller | Problem
  /** The bodies of a call, by its id or `last`, or why there are none. */
  keptBodies(id: string): Promise<KeptBodies | Problem>
  /** Answers a question that needs no provider. */
  ask(name: QuestionName, asked: Asked): Promise<Response>
}

/** The gateway as a function from a request to a response: no socket, no server. Never throws. */
export function openSurface(parts: SurfaceParts): (request: Request) => Promise<Response> {
  return async request => {
    const { path, query } = target(request.url)
    const match = findRoute(request.method, path)
    const refused = guard(request.headers, parts.hosts(), match?.route.linkable === true)
    if (refused !== undefined) return unkept(plainProblem(refused))
    if (match === undefined || (match.route.browsersOnly === true && !wantsPage(request.headers)))
      return unkept(noRoute(request.method, path, request.headers))
    const { route, rest } = match
    if (route.to.type === 'call') return await takeCall(request, { query, rest, to: route.to }, parts)
    if (route.to.type === 'replay') return await takeReplay(request, { query, rest, route }, parts)
    const asked = await readAsked(request, { query, rest, route }, parts)
    if (isProblem(asked)) return unkept(problemAt(familyAt(path, request.headers), asked))
    return unkept(await parts.ask(route.to.question, asked))
  }
}

/**
 * An answer holds what one caller may see at this moment, so nobody on the way keeps it or takes it for something else. Few say themselves how long
 * they may be kept, such as the dashboard's files.
 */
function unkept(response: Response): Response {
  const { headers } = response
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  headers.set('x-content-type-options', 'nosniff')
  return response
}

/** What the target of a question says. */
interface QuestionTarget {
  readonly query: string
  readonly rest: string
  readonly route: Route
}

/** What a question says, or why it is not answered. Nothing of a body is read before it is known who sends it. */
async function readAsked(
  request: Request,
  { query, rest, route }: QuestionTarget,
  parts: SurfaceParts,
): Promise<Asked | Problem> {
  const key = keyOf(request, query, parts)
  if (isProblem(key)) return key
  const caller = parts.caller(key)
  const refused = refusalOf(route.rights, caller)
  if (refused !== undefined) return refused
  const mayStill = () => {
    const shown = keyOf(request, query, parts)
    return !isProblem(shown) && refusalOf(route.rights, parts.caller(shown)) === undefined
  }
  const body = route.body === undefined ? NO_BODY : await readQuestionBody(request, route, parts)
  if (isProblem(body)) return body
  return {
    rest: unescaped(rest),
    query: new URLSearchParams(query),
    headers: request.headers,
    caller: isProblem(caller) ? STRANGER : caller,
    mayStill,
    body,
  }
}

/** A key that is named counts before a browser's session. */
function keyOf(request: Request, query: string, parts: SurfaceParts): Secret | undefined | Problem {
  return clientKey(request.headers, query) ?? parts.signedIn(request)
}

/** Largest body of a question, in bytes. */
const QUESTION_BYTES_MAX = 64 * 1024

async function readQuestionBody(
  request: Request,
  { large }: Route,
  parts: SurfaceParts,
): Promise<Uint8Array | Problem> {
  if (large === true) return await readBody(request, parts.limits(), parts.timers)
  const limits = { ...parts.limits(), bodyBytesMax: QUESTION_BYTES_MAX }
  const body = await readBody(request, limits, parts.timers)
  if (!isProblem(body) || body.code !== 'body_too_large') return body
  const what = `The request body is larger than the ${QUESTION_BYTES_MAX / 1024} KiB that are read here.`
  return problem('body_too_large', what, { fix: ['Send less.'] })
}

/** What the target of a call says. */
interface CallTarget {
  readonly query: string
  readonly rest: string
  readonly to: Extract<Destination, { type: 'call' }>
}

async function takeCall(request: Request, at: CallTarget, parts: SurfaceParts): Promise<Response> {
  const house = parts.house()
  const left = parts.inFlight.enter(request)
  const early = await readEarly(request, at.query, parts)
  const call = openCall(request, askedAt(request, at, house), early, left, house)
  return await (early.problem === undefined ? runCall(call, house) : refuseCall(call, early.problem, house))
}

/** Makes a kept call again. It counts as one of whoever asks for it. */
async function takeReplay(request: Request, at: QuestionTarget, parts: SurfaceParts): Promise<Response> {
  const asked = await readAsked(request, at, parts)
  if (isProblem(asked)) return unkept(plainProblem(asked))
  const kept = await parts.keptBodies(asked.rest)
  if (isProblem(kept)) return unkept(plainProblem(kept, 404))
  const house = parts.house()
  const replayed = replayCall(kept, asked.query.get('model') ?? undefined, house)
  if (isProblem(replayed)) return unkept(plainProblem(replayed))
  const left = parts.inFlight.enter(request)
  const early = await readEarly(request, at.query, parts, replayed.body)
  const call = openCall(request, replayed, early, left, house)
  return early.problem === undefined ? await runCall(call, house) : await refuseCall(call, early.problem, house)
}

interface Early {
  readonly key: Secret | undefined
  readonly body: Uint8Array
  readonly problem?: Problem
}

const NO_BODY = new Uint8Array(0)

/** `known`: the body, where it is not the request's own. */
async function readEarly(request: Request, query: string, parts: SurfaceParts, known?: Uint8Array): Promise<Early> {
  const limits = parts.limits()
  if (parts.draining()) return { key: undefined, body: NO_BODY, problem: shuttingDown() }
  if (parts.inFlight.count > limits.inFlightMax)
    return { key: undefined, body: NO_BODY, problem: tooMany(limits.inFlightMax) }
  const key = keyOf(request, query, parts)
  if (isProblem(key)) return { key: undefined, body: NO_BODY, problem: key }
  const caller = parts.caller(key)
  // Nothing is read, kept or judged for somebody who may not call.
  if (isProblem(caller)) return { key, body: NO_BODY, problem: caller }
  const body = known ?? (await readBody(request, limits, parts.timers))
  return isProblem(body) ? { key, body: NO_BODY, problem: body } : { key, body }
}

/** What a call is, but for its body. */
type CallKind = Omit<Replayed, 'body'>

function askedAt(request: Request, { to, rest, query }: CallTarget, house: House): CallKind {
  const protocol = house.protocols.get(to.protocol)
  if (protocol === undefined) throw new Error(`no codec for ${to.protocol}`)
  const { operation, stream } = to
  const framing = stream === true && !ALT_SSE.test(query) ? JSON_ARRAY : SSE
  const kind: CallKind = { operation, protocol, framing, headers: request.headers }
  return stream === undefined ? kind : { ...kind, names: { model: modelIn(rest), stream } }
}

function openCall(request: Request, kind: CallKind, early: Early, ended: () => void, { clock, settings }: House): Call {
  const at = clock.now()
  return {
    ...kind,
    id: newId('req', at),
    at,
    startedMs: clock.monotonicMs(),
    body: early.body,
    key: early.key,
    leaving: request,
    ...(settings.traced ? { trace: openTrace(request.headers.get('traceparent')) } : {}),
    ended,
  }
}

const ALT_SSE = /(?:^|&)alt=sse(?:&|$)/

/** The model named in a path. Some clients write the folder a second time. */
function modelIn(rest: string): string {
  return unescaped(rest).replace(/^models\//, '')
}

/** Path and query from the raw target: never re-parsed, so what is matched is what was sent. */
function target(url: string): { path: string; query: string } {
  const scheme = url.indexOf('://')
  const start = scheme < 0 ? 0 : url.indexOf('/', scheme + 3)
  const raw = start < 0 ? '/' : url.slice(start)
  const mark = raw.indexOf('?')
  return mark < 0 ? { path: raw, query: '' } : { path: raw.slice(0, mark), query: raw.slice(mark + 1) }
}

function shuttingDown(): Problem {
  return problem('draining', 'The gateway is shutting down and takes no more calls.', {
    fix: ['Ask again in a moment.'],
  })
}

function tooMany(most: number): Problem {
  return problem('draining', `The gateway has ${most} calls in flight and takes no more.`, {
    why: 'It takes as many at the same time as gateway.limits.inFlightMax says.',
    fix: ['Ask again in a moment.', 'Or raise gateway.limits.inFlightMax.'],
    retryAfterMs: 1_000,
  })
}
