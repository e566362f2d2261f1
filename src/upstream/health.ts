import type { Problem, ProblemCode } from '../canon/problem.ts'

/** What health is kept of: one model asked for with one credential of one provider. */
export interface HealthKey {
  readonly provider: string
  readonly credential: string
  readonly model: string
}

/** Whether something may be asked. The last resort is asked whatever this says: nothing here ejects the only target there is. */
export type Standing =
  | { readonly state: 'closed' }
  /**
   * `code`: the problem that opened it. Whoever may not move on because of that code asks all the same. `untilMs`: milliseconds since 1970.
   */
  | { readonly state: 'open'; readonly code: ProblemCode; readonly untilMs: number }
  /** Its time is over and one probe decides. `probing`: somebody asks already. */
  | { readonly state: 'half-open'; readonly code: ProblemCode; readonly probing: boolean }

/** How a visit ended, as far as health cares. */
export type VisitEnd =
  | { readonly type: 'answered'; readonly firstByteMs: number }
  | { readonly type: 'failed'; readonly problem: Problem }
  /** The client left, or the gateway's own limits ended it: says nothing about the provider. */
  | { readonly type: 'no-verdict' }

/** One request under way. */
export interface Visit {
  /** The first byte or the failure is there: tells the verdict. Later calls do nothing. */
  judged(end: VisitEnd): void
  /** All bytes are through: it no longer counts as in flight. Later calls do nothing. */
  over(): void
}

/** The state of one key, for people. Times are milliseconds since 1970. */
export interface HealthView extends HealthKey {
  readonly state: 'closed' | 'open' | 'half-open'
  readonly since?: number
  readonly until?: number
  readonly reason?: ProblemCode
  /** What happened, one sentence. */
  readonly what?: string
  /** How many times in a row it was opened. */
  readonly times: number
  readonly inFlight: number
  /** Moving average of the time to the first byte, in milliseconds. Absent: nothing measured yet. */
  readonly firstByteMs?: number
  /** Failures since the start, told apart: the provider answered with one, or never was reached. */
  readonly providerFailures: number
  readonly networkFailures: number
  readonly answered: number
}

/** Circuit breakers, load and retry budgets of all providers. Survives a reload. In this process, in memory, bounded. */
export interface Health {
  standing(at: HealthKey): Standing
  /** Begins a request. In a half-open state the first visit is the probe. */
  enter(at: HealthKey): Visit
  /** Requests in flight, plus one, times the average first-byte time: to compare equals by. */
  load(at: HealthKey): number
  /** Takes what one more attempt costs from the provider's budget, shared by retries and fallbacks. False: it is used up. */
  spend(provider: string, cause: Problem): boolean
  /** Closes what problems of credentials and plans opened: somebody has changed the configuration, and may have mended them. */
  pardon(): void
  views(): readonly HealthView[]
}
