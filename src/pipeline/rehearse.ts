import { isProblem, type Problem } from '../canon/problem.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import type { Fallback, Passed } from '../ledger/receipt.ts'
import type { Call, House, Leg, Surface } from './call.ts'
import { openRecord } from './call-record.ts'
import { chooseSurfaces, noSurface } from './choose-targets.ts'
import { estimator } from './estimate.ts'
import { dayUsedUp, laneRule } from './lane-fence.ts'
import { orderLegs } from './legs.ts'
import { allowedLosses, canonReader } from './prepare.ts'
import type { RequestHead } from './read-request.ts'
import type { Course, CourseLeg } from './route.ts'
import { runCourse } from './run-course.ts'
import { foreignKey, placeOf } from './run-leg.ts'
import { NOTHING_REMOVED, type Trip } from './trip.ts'
import type { LEFT } from './try-target.ts'
import { type Way, waysTo } from './ways.ts'

/** The way a call would take to a target, or why there is none. */
export interface FirstWay {
  /** All surfaces that could be asked, the best first. */
  readonly surfaces: readonly Surface[]
  readonly passed: readonly Passed[]
  readonly found: Way | Problem
}

/** A leg at which something would be sent. */
export interface Stop {
  readonly leg: CourseLeg
  /** The call as it would be sent there: without what another model signed, where the route takes it out. */
  readonly trip: Trip
  readonly way: FirstWay
}

/** What a call would do. */
export interface Rehearsal {
  /** Where something would be sent, in that order. */
  readonly stops: readonly Stop[]
  readonly passed: readonly Passed[]
  readonly fallback?: Fallback
  /** What the client would be told, if nobody answers. */
  readonly problem?: Problem
}

/** A call that is gone through without anything being sent, reserved or noted. */
export interface Stage {
  readonly trip: Trip
  /** In the order in which they would be tried. */
  readonly legs: readonly CourseLeg[]
  /** Takes the call along its course, by the rules of a real one. `ends`: how each leg is to come out; `LEFT` ends the rehearsal there. */
  readonly play: (ends: (leg: CourseLeg) => Problem | typeof LEFT) => Promise<Rehearsal>
  /** The way to a leg, as a call would find it there. */
  readonly wayTo: (leg: CourseLeg) => FirstWay
}

/** Draws that are all the same: of equals the one with the greatest weight comes first. */
const EVEN = 0.5

/** Who is taken to call. */
export interface Caller {
  /** The gateway key that is shown: conversations of different keys are different ones. */
  readonly key?: GatewayKey
  /** The call belongs to no conversation yet, so equals are drawn; here the heaviest of them comes first. */
  readonly isNew?: boolean
}

/** Sets up a rehearsal. */
export function openStage(
  call: Call,
  head: RequestHead,
  course: Course,
  house: House,
  { key, isNew = false }: Caller = {},
): Stage {
  const still: House = { ...house, random: () => EVEN }
  const canon = canonReader(call)
  const estimate = estimator(call, course, canon)
  const allowLoss = allowedLosses(call, house.settings.allowLoss)
  const tripOf = (): Trip => ({
    call,
    head,
    course,
    house: still,
    record: openRecord(call, still),
    canon,
    allowLoss,
    removed: NOTHING_REMOVED,
    estimate,
  })
  const trip = tripOf()
  if (key !== undefined) trip.record.caller(key)
  const legs = isNew ? orderLegs(trip, () => undefined) : orderLegs(trip)
  const ways = new Map<CourseLeg, FirstWay>()
  return {
    trip,
    legs,
    play: ends => play(tripOf(), { legs, ways, ends }),
    wayTo: leg => ways.get(leg) ?? firstWay(leg, trip),
  }
}

interface Play {
  readonly legs: readonly CourseLeg[]
  readonly ways: Map<CourseLeg, FirstWay>
  ends(leg: CourseLeg): Problem | typeof LEFT
}

async function play(whole: Trip, { legs, ways, ends }: Play): Promise<Rehearsal> {
  const { draft } = whole.record
  const stops: Stop[] = []
  const end = await runCourse(whole, {
    order: () => legs,
    enter: lookAtLane,
    spend: () => true,
    async go(leg, trip) {
      const foreign = foreignKey(leg)
      if (foreign !== undefined) return foreign
      const way = ways.get(leg) ?? firstWay(leg, trip)
      ways.set(leg, way)
      if (isProblem(way.found)) return way.found
      stops.push({ leg, trip, way })
      return ends(leg)
    },
  })
  return {
    stops,
    passed: draft.passed,
    ...(draft.fallback === undefined ? {} : { fallback: draft.fallback }),
    ...(isProblem(end) ? { problem: end } : {}),
  }
}

/** Why a call would not be let into the leg's lane now; undefined: it would be. */
export async function lookAtLane(leg: CourseLeg, trip: Trip): Promise<string | undefined> {
  const rule = laneRule(leg, trip)
  if (rule === undefined) return undefined
  if ('closed' in rule) return rule.closed
  const spent = await trip.house.counters.sum(rule.name)
  return spent + rule.amount > rule.most ? dayUsedUp(rule, spent) : undefined
}

/** The first surface that can be told the request, as a call would choose it. */
export function firstWay(leg: Leg, trip: Trip): FirstWay {
  const { call, head, canon, allowLoss, house } = trip
  const { surfaces, passed } = chooseSurfaces(leg, call, house)
  const noted = passed.map(each => placeOf(leg, each, trip))
  const way = waysTo(call, surfaces, head, canon, allowLoss, noted).next()
  const found = way.done ? (way.value ?? noSurface(leg.target, call.operation, passed)) : way.value
  return { surfaces, passed: noted, found }
}
