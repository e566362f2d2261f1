import { PROBLEM_CODES, PROBLEMS, type ProblemCode, problem } from '../canon/problem.ts'
import type { Passed } from '../ledger/receipt.ts'
import type { Leg } from './call.ts'
import type { Rehearsal, Stage } from './rehearse.ts'
import type { CourseLeg, RouteSetup } from './route.ts'
import { CREDENTIAL_MOVES } from './run-course.ts'
import { LEFT } from './try-target.ts'

/** Where a call goes on to from a leg, and on what. */
export interface Move {
  /** Position of the leg, from 1. */
  readonly to: number
  readonly codes: readonly ProblemCode[]
}

/** What comes after a leg that fails. */
export interface LegPath {
  readonly moves: readonly Move[]
  /** Problems after which nothing else is asked. */
  readonly stops: readonly ProblemCode[]
}

/** What comes after each leg, found by letting it fail. */
export interface LegPaths {
  /** Undefined: whatever fails before, the leg is not asked now. */
  after(leg: CourseLeg): LegPath | undefined
  /** Why a leg without a path has none. */
  whyNone(leg: CourseLeg): string
}

/** Lets every leg fail with every problem that makes a difference, by the rules of a real call. */
export async function findPaths(stage: Stage): Promise<LegPaths> {
  const { route } = stage.trip.course
  const groups = alike(route)
  const reached = new Map<CourseLeg, ProblemCode>()
  const plays: Rehearsal[] = []
  for (const { code } of groups) {
    const all = await stage.play(() => problem(code, ''))
    plays.push(all)
    for (const { leg } of all.stops) if (!reached.has(leg)) reached.set(leg, code)
  }
  const paths = new Map<CourseLeg, LegPath>()
  for (const [leg, before] of reached) paths.set(leg, await pathFrom(leg, before, groups, stage))
  return {
    after: leg => paths.get(leg),
    whyNone(leg) {
      const told = plays.map(({ passed }) => passedFor(leg, passed)).find(reason => reason !== undefined)
      const isFirst = leg.target.ref === stage.legs[0]?.target.ref
      return route?.fallbackOn.size === 0 && !isFirst
        ? 'the route falls back on nothing: its fallbackOn is empty'
        : (told ?? 'no problem leads there now')
    },
  }
}

/** Why a leg was left out of a rehearsal, if it was. */
export function passedFor({ target, credential }: Leg, passed: readonly Passed[]): string | undefined {
  return passed.find(
    each =>
      each.protocol === undefined &&
      each.target === target.ref &&
      (each.credential === undefined || each.credential === credential.name),
  )?.reason
}

interface Group {
  /** Stands for all of them. */
  readonly code: ProblemCode
  readonly codes: readonly ProblemCode[]
}

/** Problems a provider may cause, those together that a route treats alike; first those that lead furthest. */
function alike(route: RouteSetup | undefined): readonly Group[] {
  const groups = new Map<string, ProblemCode[]>()
  for (const code of PROBLEM_CODES) {
    if (PROBLEMS[code].fallback === 'never') continue
    const kind = `${route?.fallbackOn.has(code) === true ? 0 : 1} ${CREDENTIAL_MOVES.has(code) ? 0 : 1}`
    const same = groups.get(kind)
    if (same === undefined) groups.set(kind, [code])
    else same.push(code)
  }
  const sorted = [...groups].sort(([a], [b]) => a.localeCompare(b))
  return sorted.flatMap(([, codes]) => codes.slice(0, 1).map(code => ({ code, codes })))
}

async function pathFrom(
  leg: CourseLeg,
  before: ProblemCode,
  groups: readonly Group[],
  { legs, play }: Stage,
): Promise<LegPath> {
  const moves = new Map<number, ProblemCode[]>()
  const stops: ProblemCode[] = []
  for (const { code, codes } of groups) {
    let isPast = false
    const { stops: asked } = await play(each => {
      if (isPast) return LEFT
      isPast = each === leg
      return problem(isPast ? code : before, '')
    })
    const next = asked[asked.findIndex(stop => stop.leg === leg) + 1]
    if (next === undefined) stops.push(...codes)
    else {
      const to = legs.indexOf(next.leg) + 1
      moves.set(to, [...(moves.get(to) ?? []), ...codes])
    }
  }
  return { moves: [...moves].map(([to, codes]) => ({ to, codes })), stops }
}
