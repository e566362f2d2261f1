import { isProblem, PROBLEM_CODES, type Problem, type ProblemCode, problem } from '../canon/problem.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { Billing } from '../catalog/provider.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import type { Fallback, Passed } from '../ledger/receipt.ts'
import type { Estimate } from '../policy/policy.ts'
import type { HealthView } from '../upstream/health.ts'
import type { Balance } from '../upstream/provider-setup.ts'
import { findSession, type SessionSign } from './affinity.ts'
import { retryable } from './backoff.ts'
import type { Call, House } from './call.ts'
import { unfitFor } from './fitness.ts'
import { crossingSum, dayOf } from './lane-fence.ts'
import { findPaths, type LegPaths, type Move, passedFor } from './leg-paths.ts'
import { healthKey } from './legs.ts'
import { readRequestHead } from './read-request.ts'
import { lookAtLane, openStage, type Rehearsal, type Stage } from './rehearse.ts'
import type { Course, CourseLeg, Retry, RouteSetup, SignedReasoning } from './route.ts'
import { foreignKey } from './run-leg.ts'
import { signersOf } from './signed-reasoning.ts'
import { LEFT } from './try-target.ts'

/** How a request would be said at a target. */
export interface Saying {
  readonly protocol?: ProtocolId
  readonly passThrough: boolean
  /** Paths of what would be left out, and told. */
  readonly reported: readonly string[]
  /** Why the request cannot be said there. */
  readonly refused?: string
  /** Surfaces that would be passed over, and why. */
  readonly passed: readonly Passed[]
}

/** One target with one key, as a call would find it now. */
export interface LegExplanation {
  /** From 1, in the order in which they would be tried. */
  readonly position: number
  readonly target: string
  readonly credential: string
  readonly billing: Billing
  readonly priority: number
  readonly weight: number
  readonly credentialPriority: number
  readonly credentialWeight: number
  /** How often it comes first among its equals, 0 to 1. Absent: it has none, or they are not drawn. */
  readonly share?: number
  /** `first`: asked first now. `after`: asked if others fail. `not`: not asked now, whatever happens before. */
  readonly tried: 'first' | 'after' | 'not'
  /** Why it is not asked, or not first though it stands before the one that is. */
  readonly reason?: string
  /** Absent: it was not asked yet, so nothing is known against it. */
  readonly health?: HealthView
  /** What the model's row says against the request. */
  readonly unfit?: string
  /** Why the fence between billing lanes does not let the call in. */
  readonly fenced?: string
  /** What happens to thinking that another model signed. Absent: there is none. */
  readonly signed?: SignedReasoning
  readonly saying: Saying
  readonly moves: readonly Move[]
  /** Problems after which nothing else is asked. */
  readonly stops: readonly ProblemCode[]
}

/** The amount a day that a route may spend outside of its first lane, in nano-dollars. */
export interface DayAmount {
  readonly nanoUsdPerDay: number
  readonly usedNanoUsd: number
}

/** What would be tried for a call, in which order, and why not the others. Nothing is sent, reserved or noted. */
export interface RouteExplanation {
  /** The name that is explained. */
  readonly model: string
  readonly route?: string
  readonly protocol: ProtocolId
  /** No request was given, and a short greeting stood for it. */
  readonly sample: boolean
  readonly first: { readonly ref: string; readonly billing: Billing }
  readonly fallbackOn: readonly ProblemCode[]
  readonly crossBilling: boolean | DayAmount
  /** `codes`: on which the same target is asked again. */
  readonly retry: Retry & { readonly codes: readonly ProblemCode[] }
  readonly balance: Balance
  readonly affinity: boolean
  /** What the conversation is known by. Absent: nothing tells it from others, or it does not count. */
  readonly session?: SessionSign
  /** Equals are drawn for every such call; `legs` has the heaviest first. */
  readonly drawn: boolean
  readonly signedReasoning?: SignedReasoning
  /** Who signed the thinking in the conversation. */
  readonly signer?: string
  readonly cacheMs?: number
  /** What the call is reckoned with. */
  readonly estimate: Estimate
  readonly legs: readonly LegExplanation[]
  readonly unusable: readonly { readonly target: string; readonly code: ProblemCode; readonly reason: string }[]
  /** Keys of the targets that cannot be used, with the reason. */
  readonly missingKeys: readonly { readonly target: string; readonly reason: string }[]
  /** That another model than the first would answer now, and why. */
  readonly fallback?: Fallback
  /** What the client would be told now, if nobody would be asked. */
  readonly problem?: Problem
}

/** How a name is explained. */
export interface RouteQuestion {
  readonly model: string
  readonly stream: boolean
  readonly sample: boolean
  /** The gateway key the client shows. */
  readonly key?: GatewayKey
}

/** Explains where a call would go, with the functions a call goes by. A problem if the name leads nowhere. */
export async function explainRoute(
  call: Call,
  { model, stream, sample, key }: RouteQuestion,
  house: House,
): Promise<RouteExplanation | Problem> {
  const found = readRequestHead({ body: call.body })
  if (isProblem(found)) return found
  const course = house.directory.course(model)
  if (isProblem(course)) return course
  const head = { ...found, model, stream: found.stream || stream }
  const named = { ...call, names: head }
  const stage = openStage(named, head, course, house, { isNew: sample, ...(key === undefined ? {} : { key }) })
  const { route } = course
  const affinity = route?.affinity !== false
  const session = affinity && !sample ? findSession(named, '')?.by : undefined
  const drawn = session === undefined && course.legs.some(leg => shareOf(leg, course) !== undefined)
  const signer = signersOf(stage.trip).newest
  const now = await stage.play(() => LEFT)
  const facts: Facts = { now, paths: await findPaths(stage), signer, drawn }
  return {
    model,
    ...(route === undefined ? {} : { route: route.name }),
    protocol: call.protocol.id,
    sample,
    first: { ref: course.first.ref, billing: course.first.billing },
    ...(await settingsOf(route, call, house)),
    affinity,
    ...(session === undefined ? {} : { session }),
    drawn,
    ...(signer === undefined ? {} : { signer }),
    estimate: stage.trip.estimate(),
    legs: await Promise.all(stage.legs.map(leg => explainLeg(leg, stage, facts))),
    unusable: course.unusable.map(({ ref, problem }) => ({ target: ref, code: problem.code, reason: problem.what })),
    missingKeys: missingKeys(course),
    ...(now.fallback === undefined ? {} : { fallback: now.fallback }),
    ...(now.problem === undefined ? {} : { problem: now.problem }),
  }
}

function missingKeys({ legs }: Course): RouteExplanation['missingKeys'] {
  const targets = new Map(legs.map(({ target }) => [target.ref, target.provider]))
  return [...targets].flatMap(([target, { missingCredentials = [] }]) =>
    missingCredentials.map(reason => ({ target, reason })),
  )
}

type Settings = Pick<
  RouteExplanation,
  'fallbackOn' | 'crossBilling' | 'retry' | 'balance' | 'signedReasoning' | 'cacheMs'
>

/** A route's settings; of a name without a route what holds for it. */
async function settingsOf(route: RouteSetup | undefined, call: Call, house: House): Promise<Settings> {
  const retry = route?.retry ?? house.settings.retry
  const codes = PROBLEM_CODES.filter(code => retryable(problem(code, '', { timer: 'first byte' })))
  return {
    fallbackOn: [...(route?.fallbackOn ?? [])],
    crossBilling: route === undefined ? false : await crossingOf(route, call, house),
    retry: { ...retry, codes },
    balance: route?.balance ?? 'order',
    ...(route === undefined ? {} : { signedReasoning: route.signedReasoning }),
    ...(route?.cacheMs === undefined ? {} : { cacheMs: route.cacheMs }),
  }
}

/** Whether a route may leave its lane; with an amount, also what of it is used today. */
export async function crossingOf(
  { name, crossBilling }: RouteSetup,
  { at }: Pick<Call, 'at'>,
  { counters }: House,
): Promise<boolean | DayAmount> {
  if (typeof crossBilling === 'boolean') return crossBilling
  const usedNanoUsd = await counters.sum(crossingSum(name, dayOf(at).number))
  return { nanoUsdPerDay: crossBilling.nanoUsdPerDay, usedNanoUsd }
}

/** How often a leg comes first among its equals, if these are drawn. The first lane's are drawn by themselves, before all others. */
function shareOf(
  { target, credential, priority, weight }: CourseLeg,
  { route, legs: all, first }: Course,
): number | undefined {
  const isInside = (leg: Pick<CourseLeg, 'credential'>) => leg.credential.billing === first.billing
  const legs = all.filter(leg => isInside(leg) === isInside({ credential }))
  const targets = new Map(legs.filter(leg => leg.priority === priority).map(leg => [leg.target.ref, leg.weight]))
  const keys = legs.filter(leg => leg.target === target && leg.credential.priority === credential.priority)
  const ofTarget = (route?.balance ?? 'order') === 'order' ? undefined : part(weight, [...targets.values()])
  const weights = keys.map(leg => leg.credential.weight)
  const ofKey = target.provider.balance === 'order' ? undefined : part(credential.weight, weights)
  return ofTarget === undefined && ofKey === undefined ? undefined : (ofTarget ?? 1) * (ofKey ?? 1)
}

function part(weight: number, all: readonly number[]): number | undefined {
  return all.length < 2 ? undefined : weight / all.reduce((sum, each) => sum + each, 0)
}

interface Facts {
  readonly now: Rehearsal
  readonly paths: LegPaths
  readonly signer: string | undefined
  readonly drawn: boolean
}

async function explainLeg(leg: CourseLeg, stage: Stage, facts: Facts): Promise<LegExplanation> {
  const { trip } = stage
  const { target, credential, priority, weight } = leg
  const { signer } = facts
  const health = healthOf(leg, trip.house)
  const doubt = unfitFor(target, trip)
  const fenced = await lookAtLane(leg, trip)
  const share = facts.drawn ? shareOf(leg, trip.course) : undefined
  const path = facts.paths.after(leg)
  const isForeign = signer !== undefined && signer !== target.ref
  return {
    position: stage.legs.indexOf(leg) + 1,
    target: target.ref,
    credential: credential.name,
    billing: credential.billing,
    priority,
    weight,
    credentialPriority: credential.priority,
    credentialWeight: credential.weight,
    ...(share === undefined ? {} : { share }),
    ...turnOf(leg, facts),
    ...(health === undefined ? {} : { health }),
    ...(doubt === undefined ? {} : { unfit: doubt.reason }),
    ...(fenced === undefined ? {} : { fenced }),
    ...(isForeign ? { signed: trip.course.route?.signedReasoning ?? 'refuse' } : {}),
    saying: sayingAt(leg, stage),
    moves: path?.moves ?? [],
    stops: path?.stops ?? [],
  }
}

function turnOf(leg: CourseLeg, { now, paths }: Facts): Pick<LegExplanation, 'tried' | 'reason'> {
  if (leg === now.stops[0]?.leg) return { tried: 'first' }
  const isAsked = paths.after(leg) !== undefined
  const reason = passedFor(leg, now.passed) ?? (isAsked ? undefined : paths.whyNone(leg))
  return { tried: isAsked ? 'after' : 'not', ...(reason === undefined ? {} : { reason }) }
}

function healthOf(leg: CourseLeg, { health }: House): HealthView | undefined {
  const { provider, credential, model } = healthKey(leg)
  return health
    .views()
    .find(view => view.provider === provider && view.credential === credential && view.model === model)
}

function sayingAt(leg: CourseLeg, { wayTo }: Stage): Saying {
  const foreign = foreignKey(leg)
  const { found: way, passed } = wayTo(leg)
  const found = foreign ?? way
  if (isProblem(found)) return { passThrough: false, reported: [], refused: found.what, passed: [] }
  const { prepared, surface } = found
  return {
    protocol: surface.protocol.id,
    passThrough: prepared.passThrough,
    reported: [...new Set(prepared.losses.map(({ path }) => path))],
    passed,
  }
}
