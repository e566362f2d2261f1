import type { Problem, ProblemCode } from '../canon/problem.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { Billing } from '../catalog/provider.ts'
import type { HealthView } from '../upstream/health.ts'
import type { Balance } from '../upstream/provider-setup.ts'

/** A target asked with one of its provider's keys, as shown. Never the key. */
export interface RouteLegView {
  readonly credential: string
  readonly billing: Billing
  /** Among the keys of the provider. */
  readonly priority: number
  readonly weight: number
  /** Absent: it was not asked yet, so nothing is known against it. */
  readonly health?: HealthView
}

/** A target of a route, as shown. */
export interface RouteTargetView {
  /** As the configuration names it. */
  readonly name: string
  /** The `provider/model` it means; absent: none. */
  readonly ref?: string
  readonly available: boolean
  /** Why it cannot be used; absent when it can. */
  readonly unavailable?: string
  readonly billing?: Billing
  readonly priority: number
  readonly weight: number
  /** One for each key; none where it cannot be used. */
  readonly legs: readonly RouteLegView[]
}

/** How often the same target is asked again. */
export interface RetryView {
  /** Further attempts; 0: none. */
  readonly max: number
  readonly baseMs: number
  readonly capMs: number
  /** A provider that asks for a longer wait is not waited for. */
  readonly waitMsMax: number
  /** On which of the problems. */
  readonly codes: readonly ProblemCode[]
}

/** A route, as shown. */
export interface RouteView {
  readonly name: string
  /** At least one target can be used. */
  readonly available: boolean
  readonly targets: readonly RouteTargetView[]
  /** The lane of its first target, which it leaves only where `crossBilling` lets it. */
  readonly lane?: Billing
  readonly fallbackOn: readonly ProblemCode[]
  /** May it leave its lane? With an amount a day (UTC): also how much of it is used today, in nano-dollars. */
  readonly crossBilling: boolean | { readonly nanoUsdPerDay: number; readonly usedNanoUsd: number }
  readonly retry: RetryView
  readonly balance: Balance
  readonly affinity: boolean
  /** What happens to a conversation with thinking that another model signed. */
  readonly signedReasoning: 'refuse' | 'remove'
  /** How long answers are kept, in milliseconds. Absent: not at all. */
  readonly cacheMs?: number
}

/** The answer to `GET /candor/routes`. */
export interface RouteList {
  readonly object: 'list'
  readonly data: readonly RouteView[]
  /** What the codes in it mean, one sentence each. */
  readonly meanings: Readonly<Partial<Record<ProblemCode, string>>>
}

/** One leg, ready to be shown. */
export interface LegText {
  readonly position: number
  readonly name: string
  readonly verdict: string
  readonly style: 'green' | 'cyan' | 'yellow'
  readonly rows: readonly { readonly title: string; readonly text: string }[]
}

/** An explanation told to a person. */
export interface RouteWords {
  /** What holds for all legs. */
  readonly head: readonly string[]
  readonly legs: readonly LegText[]
}

/** One leg of an explanation. */
export interface ExplainedLegView {
  /** From 1, in the order in which they would be tried. */
  readonly position: number
  readonly target: string
  readonly credential: string
  readonly billing: Billing
  readonly priority: number
  readonly weight: number
  /** How often it comes first among its equals, 0 to 1. */
  readonly share?: number
  readonly tried: 'first' | 'after' | 'not'
  /** Why it is not asked, or not first. */
  readonly reason?: string
  readonly health?: HealthView
  /** What the model's row says against the request. */
  readonly unfit?: string
  /** Why the fence between billing lanes does not let the call in. */
  readonly fenced?: string
  readonly saying: {
    readonly protocol?: ProtocolId
    readonly passThrough: boolean
    readonly reported: readonly string[]
    readonly refused?: string
  }
  /** Where the call goes on to, by position, and on what. */
  readonly moves: readonly { readonly to: number; readonly codes: readonly ProblemCode[] }[]
}

/** The answer to `POST /candor/routes/explain`, as far as the dashboard shows it. */
export interface ExplainedRouteView {
  /** All of it, told to a person. */
  readonly words: RouteWords
  readonly legs: readonly ExplainedLegView[]
  readonly unusable: readonly { readonly target: string; readonly code: ProblemCode; readonly reason: string }[]
  readonly missingKeys: readonly { readonly target: string; readonly reason: string }[]
  /** What the client would be told now, if nobody would be asked. */
  readonly problem?: Problem
}
