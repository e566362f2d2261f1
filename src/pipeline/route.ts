import type { ProblemCode } from '../canon/problem.ts'
import type { Balance } from '../upstream/provider-setup.ts'
import type { Leg, Target } from './call.ts'

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
  /** The first target is what the user means first; it is there even if it cannot be used. */
  readonly first: Target
  readonly legs: readonly CourseLeg[]
  /** Targets of the route that cannot be used, with why. */
  readonly unusable: readonly Unusable[]
}

/** A leg with its place in the course. */
export interface CourseLeg extends Leg {
  readonly priority: number
  readonly weight: number
}

/** A target of a route that cannot be used. */
export interface Unusable {
  readonly name: string
  readonly priority: number
  readonly reason: string
}
