import type { Assumption, Loss } from '../canon/loss.ts'
import type { Estimate } from '../policy/policy.ts'
import type { Call, House } from './call.ts'
import type { CallRecord } from './call-record.ts'
import type { CanonReader } from './prepare.ts'
import type { RequestHead } from './read-request.ts'
import type { Course } from './route.ts'

/** Of a request of which nothing was taken out. */
export const NOTHING_REMOVED: Trip['removed'] = { losses: [], assumptions: [] }

/** Everything one call is run with, from the moment it is admitted. */
export interface Trip {
  readonly call: Call
  readonly head: RequestHead
  readonly course: Course
  readonly house: House
  readonly record: CallRecord
  readonly canon: CanonReader
  /** Losses the caller allows, by name or path. */
  readonly allowLoss: readonly string[]
  /** What was taken out of the request before it was prepared. */
  readonly removed: { readonly losses: readonly Loss[]; readonly assumptions: readonly Assumption[] }
  /** What the call may use at most. */
  readonly estimate: () => Estimate
}
