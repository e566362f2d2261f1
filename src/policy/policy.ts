import type { Secret } from '../base/secret.ts'
import type { Problem } from '../canon/problem.ts'
import type { Usage } from '../canon/usage.ts'

/** What a policy may look at. */
export interface CallFacts {
  readonly id: string
  /** The gateway key the client showed, if any. */
  readonly key?: Secret
  /** As the client wrote it. */
  readonly requestedModel: string
  /** `provider/model` the name resolved to; absent if it did not. */
  readonly target?: string
  readonly billing?: string
  readonly requestBytes: number
}

/** How a call ended, for settling what a policy reserved. Absent usage is unknown, not zero. */
export interface Outcome {
  readonly ending: string
  readonly usage?: Usage
  readonly costNanoUsd?: number
}

/** A policy's answer. `settle` is called exactly once for every admission, whatever happens to the call. */
export type Admission =
  | { readonly admit: false; readonly problem: Problem }
  | { readonly admit: true; settle(outcome: Outcome): void }

/** One rule on who may call what, and how much. Features of this kind are values handed to the pipeline, never branches in it. */
export interface Policy {
  readonly name: string
  admit(call: CallFacts): Promise<Admission>
}

/** For policies that reserve nothing. */
export const ADMITTED: Admission = { admit: true, settle() {} }
