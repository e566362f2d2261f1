import type { Problem, ProblemCode } from '../canon/problem.ts'
import type { Billing } from '../catalog/provider.ts'
import type { Balance } from '../upstream/provider-setup.ts'
import type { Leg } from './call.ts'

/** How often the same target is asked again, before anything went to the client. */
export interface Retry {
  /** Further attempts at the same target; 0: none. */
  readonly max: number
  /** Backoff: a random time up to `baseMs` doubled for every attempt, at most `capMs`. */
  readonly baseMs: number
  readonly capMs: number
  /** A provider that asks for a longer wait is not waited for. */
  readonly waitMsMax: number
}

/** Which of a conversation's targets may be another model than the one that signed its thinking. */
export type SignedReasoning = 'refuse' | 'remove'

/** A target of a route, with its place among the others. */
export interface RouteTarget {
  /** As the configuration names it. */
  readonly name: string
  /** Lower goes first; equals are balanced. */
  readonly priority: number
  readonly weight: number
}

/** A named virtual model: the only way to have a fallback. */
export interface RouteSetup {
  readonly name: string
  readonly targets: readonly RouteTarget[]
  /** Problems on which the next target may be tried. */
  readonly fallbackOn: ReadonlySet<ProblemCode>
  /** May the route leave the lane of its first target? With an amount: while what is spent outside of it today stays below, in nano-dollars. */
  readonly crossBilling: boolean | { readonly nanoUsdPerDay: number }
  readonly retry: Retry
  readonly balance: Balance
  /** Conversations stay with the target and key that served them, as long as these can serve. */
  readonly affinity: boolean
  readonly signedReasoning: SignedReasoning
  /** How long answers are kept for the same question of the same key, in milliseconds. Absent: not at all. */
  readonly cacheMs?: number
}

/** What a name leads to: the legs a call may go, in the order of the configuration. */
export interface Course {
  readonly route?: RouteSetup
  /** What the user means first, be it usable or not. */
  readonly first: { readonly ref: string; readonly billing: Billing; readonly problem?: Problem }
  /** Those that can be used, in the order of their priority. Never empty, but for a route of which nothing can be used. */
  readonly legs: readonly CourseLeg[]
  /** Targets of the route that cannot be used. */
  readonly unusable: readonly Unusable[]
}

/** A leg with its target's place in the course. */
export interface CourseLeg extends Leg {
  readonly priority: number
  readonly weight: number
}

/** A target of a route that cannot be used. */
export interface Unusable {
  readonly ref: string
  readonly problem: Problem
}

/** Of a name that leads nowhere. */
export const NO_COURSE: Course = { first: { ref: '', billing: 'metered' }, legs: [], unusable: [] }
