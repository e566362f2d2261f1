import type { Problem } from '../canon/problem.ts'
import type { Usage } from '../canon/usage.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'

/** What a call may use at most, as far as that can be known before it runs. Integers. */
export interface Estimate {
  readonly inputTokens: number
  /** What the client allows, else the model's own limit. */
  readonly outputTokens: number
  /** At the dearest metered target that may answer; 0 where none is metered. Undefined: a target's price is not known. */
  readonly nanoUsd: number | undefined
}

/** A model that may answer. */
export interface PossibleTarget {
  /** `provider/model`. */
  readonly ref: string
  readonly billing: string
}

/** What a policy may look at. */
export interface CallFacts {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** A key was shown, known or not. */
  readonly keyShown: boolean
  /** The gateway key the call came with, active or not; absent if none was shown or none is known by it. */
  readonly key?: GatewayKey
  /** As the client wrote it. */
  readonly requestedModel: string
  /** The route's name, if the name meant one. */
  readonly route?: string
  /** Models the name resolved to, in their order; empty if it resolved to none. */
  readonly targets: readonly PossibleTarget[]
  /** The `provider/model` that was meant, where nothing of what the name means can be used now: `targets` is empty then. */
  readonly unusable?: string
  readonly requestBytes: number
  /** Reads the request, so only asked for where something is limited by it. Says the same every time. */
  estimate(): Estimate
}

/** How a call ended, for settling what a policy reserved. */
export interface Outcome {
  readonly ending: string
  /** Absent: unknown, which is not zero. */
  readonly usage?: Usage
  /** 0 where the lane that answered has no price per call. Absent: unknown. */
  readonly costNanoUsd?: number
  /**
   * `known`: `usage` says what was used. `unknown`: the provider was reached and did not say, so what was reserved stays. `none`: no provider was
   * reached, or each refused.
   */
  readonly used: 'known' | 'unknown' | 'none'
}

/** A policy's answer. `settle` is called exactly once for every admission, whatever happens to the call. */
export type Admission =
  | { readonly admit: false; readonly problem: Problem; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly admit: true
      readonly settle: (outcome: Outcome) => void
      /** For the answer to the client: `ratelimit-…`, `candor-budget`. */
      readonly headers?: Readonly<Record<string, string>>
    }

/** One rule on who may call what, and how much. Features of this kind are values handed to the pipeline, never branches in it. */
export interface Policy {
  readonly name: string
  admit(call: CallFacts): Promise<Admission>
}

/** The settling of a policy that reserved nothing: it need not be told. */
export const NOTHING_OWED: (outcome: Outcome) => void = () => {}

/** For policies that reserve nothing. */
export const ADMITTED: Admission = { admit: true, settle: NOTHING_OWED }
