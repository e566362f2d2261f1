import { featuresOf } from '../canon/features.ts'
import type { Identity } from '../canon/identity.ts'
import type { Assumption, Loss } from '../canon/loss.ts'
import { isProblem, type Problem } from '../canon/problem.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { Passed } from '../ledger/receipt.ts'
import { buildHeaders } from '../upstream/headers.ts'
import type { CredentialSetup } from '../upstream/provider-setup.ts'
import type { Call, House, Surface } from './call.ts'
import { type CanonReader, isAllowed, type Prepared, prepare } from './prepare.ts'
import { type RequestHead, readRequestHead } from './read-request.ts'
import { firstWay, openStage } from './rehearse.ts'
import type { Course, CourseLeg } from './route.ts'
import type { Trip } from './trip.ts'
import { LEFT, plannedRequest, shownHeaders } from './try-target.ts'

/** A parameter that the target is told in its own words. */
export interface Mapped {
  readonly name: string
  readonly at: string
  readonly as: string
}

/** What would become of a call, without making it. */
export interface Explanation {
  /** The route the name means, if it is one. The rest is of its target that would be asked first. */
  readonly route?: string
  /** The `provider/model` it would go to, and who pays. */
  readonly target?: string
  readonly billing?: string
  readonly protocol?: ProtocolId
  readonly passThrough: boolean
  readonly mapped: readonly Mapped[]
  /** Left out, and told. */
  readonly reported: readonly Loss[]
  /** What ends the call: leaving it out would change the answer. */
  readonly refused: readonly Loss[]
  readonly assumptions: readonly Assumption[]
  readonly passed: readonly Passed[]
  /** What would be sent, key masked. Absent: nothing would be. */
  readonly request?: UpstreamRequest
  /** Why the request is refused, whoever sends it. */
  readonly problem?: Problem
  /** Why a call would be refused now though the request is good: the provider cannot be used, most often for want of a key. */
  readonly unusable?: Problem
}

/** A request as the provider would get it. */
export interface UpstreamRequest {
  readonly method: 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly identity: Identity
  readonly body: string
}

/** Of a provider without a key: what would be sent is explained all the same. */
const NO_CREDENTIAL: Omit<CredentialSetup, 'billing'> = { name: 'none', priority: 1, weight: 1 }

const NOTHING: Explanation = { passThrough: false, mapped: [], reported: [], refused: [], assumptions: [], passed: [] }

const decoder = new TextDecoder()

/**
 * Goes the way of a call up to the moment of sending, with the functions a call goes through: name, route, surface, translation, headers. `model` is
 * asked for in place of the one the request names; `stream` counts where the body does not say it. A provider that cannot be used, for want of a
 * key above all, is explained all the same, for nothing is sent.
 */
export async function explainCall(
  call: Call,
  asked: { readonly model: string; readonly stream: boolean },
  house: House,
): Promise<Explanation> {
  const found = readRequestHead({ body: call.body })
  if (isProblem(found)) return { ...NOTHING, problem: found }
  const head = { ...found, model: asked.model, stream: found.stream || asked.stream }
  const named = { ...call, names: head }
  const course = house.directory.course(head.model)
  if (isProblem(course)) return explainUnusable(head.model, named, head, house)
  if (course.route !== undefined) return await explainByRoute(course, named, head, house)
  const { trip, legs } = openStage(named, head, course, house)
  const [first] = legs
  return first === undefined ? NOTHING : explainAt(first, trip)
}

/** Of a route: the target a call would ask first now, or else the first there is. */
async function explainByRoute(course: Course, call: Call, head: RequestHead, house: House): Promise<Explanation> {
  const stage = openStage(call, head, course, house)
  const { stops, passed, problem } = await stage.play(() => LEFT)
  const [stop] = stops
  const route = course.route === undefined ? {} : { route: course.route.name }
  if (stop !== undefined) {
    const there = explainAt(stop.leg, stop.trip)
    return { ...there, ...route, passed: [...passed, ...there.passed] }
  }
  const [first] = stage.legs
  if (first === undefined) return { ...explainUnusable(course.first.ref, call, head, house), ...route }
  return { ...explainAt(first, stage.trip), ...route, passed, ...(problem === undefined ? {} : { problem }) }
}

function explainUnusable(name: string, call: Call, head: RequestHead, house: House): Explanation {
  const barred = house.directory.resolve(name)
  const target = house.directory.resolveUnusable(name)
  if (isProblem(target)) return { ...NOTHING, problem: target }
  const { credentials, billing } = target.provider
  const credential = credentials[0] ?? { ...NO_CREDENTIAL, billing }
  const leg = { target, credential, priority: 1, weight: 1 }
  const course = { first: { ref: target.ref, billing }, legs: [leg], unusable: [] }
  const explanation = explainAt(leg, openStage(call, head, course, house).trip)
  return isProblem(barred) ? { ...explanation, unusable: barred } : explanation
}

function explainAt(leg: CourseLeg, trip: Trip): Explanation {
  const { call, head, canon, allowLoss, removed } = trip
  const { surfaces, passed, found } = firstWay(leg, trip)
  const about = { ...NOTHING, target: leg.target.ref, billing: leg.credential.billing, passed }
  if (isProblem(found)) {
    const [first] = surfaces
    return { ...about, ...(first === undefined ? {} : losing(call, first, head, canon, allowLoss)), problem: found }
  }
  const { surface, prepared } = found
  const told = fates(call, surface, prepared, canon, allowLoss)
  return {
    ...about,
    ...told,
    reported: [...removed.losses, ...told.reported],
    request: requestOf(call, surface, prepared, head.stream),
  }
}

/** What a refused request would lose: prepared once more, with every loss allowed. */
function losing(
  call: Call,
  surface: Surface,
  head: RequestHead,
  canon: CanonReader,
  allowLoss: readonly string[],
): Partial<Explanation> {
  const prepared = prepare(call, surface, head, canon, ['*'])
  return isProblem(prepared) ? {} : fates(call, surface, prepared, canon, allowLoss)
}

function fates(
  call: Call,
  surface: Surface,
  prepared: Prepared,
  canon: CanonReader,
  allowLoss: readonly string[],
): Omit<Explanation, 'passed'> {
  const { losses, assumptions, passThrough } = prepared
  const ends = (loss: Loss) => loss.kind === 'semantic' && !isAllowed(loss, allowLoss)
  return {
    protocol: surface.protocol.id,
    passThrough,
    mapped: passThrough || call.operation === 'embed' ? [] : mappedOf(call, surface, losses, canon),
    reported: losses.filter(loss => !ends(loss)),
    refused: losses.filter(ends),
    assumptions,
  }
}

/** A name that is lost at one place may be said at another: then it stands in both lists. */
function mappedOf(call: Call, surface: Surface, losses: readonly Loss[], canon: CanonReader): readonly Mapped[] {
  const read = canon()
  if (isProblem(read)) return []
  return featuresOf(read.request).flatMap(({ name, at }) => {
    const as = surface.protocol.parameters[name]?.path
    const place = at ?? call.protocol.parameters[name]?.path ?? name
    const lost = losses.some(loss => loss.parameter === name && (at === undefined || loss.path.startsWith(place)))
    return as === undefined || lost ? [] : [{ name, at: place, as }]
  })
}

function requestOf(call: Call, surface: Surface, prepared: Prepared, stream: boolean): UpstreamRequest {
  const { plan, identity, url } = plannedRequest(call, surface, stream)
  return {
    method: 'POST',
    url,
    headers: shownHeaders(buildHeaders(plan, identity), surface),
    identity,
    body: decoder.decode(prepared.body),
  }
}
