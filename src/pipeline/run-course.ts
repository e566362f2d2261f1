import { isProblem, PROBLEMS, type Problem, type ProblemCode } from '../canon/problem.ts'
import type { Billing } from '../catalog/provider.ts'
import { unfitFor } from './fitness.ts'
import { enterLane } from './lane-fence.ts'
import { healthKey, orderLegs } from './legs.ts'
import type { CourseLeg } from './route.ts'
import { type LegEnd, mayGoAgain, maySpend, type Occasion, runLeg } from './run-leg.ts'
import { type Signers, signedElsewhere, signersOf, withoutSigned } from './signed-reasoning.ts'
import type { Trip } from './trip.ts'

/** What is done on the way. Explaining a route has steps of its own that look, and leave everything as it is. */
export interface Steps {
  order(trip: Trip): readonly CourseLeg[]
  /** Lets the call into the leg's lane, or says why not. */
  enter(leg: CourseLeg, trip: Trip): Promise<string | undefined>
  /** Takes one more attempt from the provider's budget. */
  spend(leg: CourseLeg, cause: Problem, trip: Trip): boolean
  go(leg: CourseLeg, trip: Trip, occasion?: Occasion): Promise<LegEnd>
}

const STEPS: Steps = { order: orderLegs, enter: enterLane, spend: maySpend, go: runLeg }

/** Takes a call along its course. One model with one key is the usual case, and the short one. */
export function runCourse(trip: Trip, steps: Steps = STEPS): Promise<LegEnd> {
  const { legs, route, first } = trip.course
  const [only] = legs
  const isUsual = legs.length === 1 && route === undefined && first.problem === undefined
  if (only !== undefined && isUsual) return steps.go(only, trip)
  return new Journey(trip, steps).run()
}

/**
 * Problems that are one key's own, or that another key may be spared: after them another key of the same provider, model and lane may answer. That a
 * key is wrong or has lapsed is not among them: this is told, so that it is mended.
 */
export const CREDENTIAL_MOVES: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'rate_limited',
  'overloaded',
  'plan_exhausted',
  'balance_exhausted',
  'unreachable',
  'timeout',
  'upstream_error',
  'upstream_protocol',
  'stream_truncated',
])

/** Targets that an error names as not asked; the receipt has them all. */
const NOT_ASKED_MAX = 3

/** True in the lane of the first target. To leave it is told as a fallback is, though the model may stay the same. */
function isInside({ credential }: CourseLeg, { course }: Trip): boolean {
  return credential.billing === course.first.billing
}

/** Why the call is not where it was to go first. */
interface Setback {
  readonly ref: string
  readonly lane: Billing
  readonly code: ProblemCode
  /** What the leg ended in; absent if it was not asked. */
  readonly failed?: { readonly leg: CourseLeg; readonly problem: Problem }
}

/** One call on its way along several legs. Every leg that is left out is noted with the reason. */
class Journey {
  readonly #trip: Trip
  readonly #steps: Steps
  readonly #legs: readonly CourseLeg[]
  /** The model that answers if nothing goes wrong: the first that the fences let in. */
  #firstRef: string | undefined
  #setback: Setback | undefined
  /** Why the first model, or its first lane, was left. */
  #cause: ProblemCode | undefined
  /** Left out for want of health or fitness: asked after all if nothing else may be. */
  #deferred: { readonly leg: CourseLeg; readonly reason: string } | undefined
  /** The failure the next attempt makes good, which costs the provider's budget, however many legs are left out on the way. */
  #unpaid: Setback['failed']
  readonly #failures: { readonly ref: string; readonly problem: Problem }[] = []
  /** What the fences kept away, with the reason. */
  readonly #notAsked: string[] = []
  #refused: Problem | undefined
  /** What the request does may have been done, and would be done twice. */
  #maybeDone = false
  #signers: Signers | undefined

  constructor(trip: Trip, steps: Steps) {
    const { first } = trip.course
    this.#trip = trip
    this.#steps = steps
    this.#legs = steps.order(trip)
    if (first.problem !== undefined) this.#meet({ ref: first.ref, lane: first.billing, code: first.problem.code })
    for (const { ref, problem } of trip.course.unusable) this.#pass({ target: ref, reason: problem.what })
  }

  async run(): Promise<LegEnd> {
    for (const leg of this.#legs) {
      // Only a leg that the fence lets in may be left out for its health: else it would bar the way for others, and never be asked itself.
      const unnamed = this.#whyNot(leg)
      const barred = unnamed ?? this.#whyNotSigned(leg) ?? (await this.#steps.enter(leg, this.#trip))
      if (barred !== undefined) {
        this.#passLeg(leg, barred)
        // That the route does not name the problem is told as what to do about it.
        if (unnamed === undefined) this.#notAsked.push(`${leg.target.ref}: ${barred}`)
        continue
      }
      if (this.#leaveOut(leg)) continue
      const end = await this.#go(leg)
      if (!isProblem(end)) return end
      this.#maybeDone = !mayGoAgain(end, this.#trip)
    }
    return await this.#nothingMore()
  }

  /** Why the setback does not lead to this leg. A key of another lane is no other key of the same purse: only the route leads there. */
  #whyNot({ target, credential }: CourseLeg): string | undefined {
    const setback = this.#setback
    const { route } = this.#trip.course
    if (this.#maybeDone) return 'the request may have been carried out, and would be a second time'
    if (setback === undefined || route?.fallbackOn.has(setback.code) === true) return undefined
    const isOtherKey = setback.ref === target.ref && (route === undefined || setback.lane === credential.billing)
    if (isOtherKey && CREDENTIAL_MOVES.has(setback.code)) return undefined
    // A conversation that another target began stays there.
    if (setback.failed === undefined && target.ref === this.#signedBy().newest) return undefined
    if (isOtherKey) return `${setback.code} is no reason to use another key`
    return `the route does not fall back on ${setback.code}`
  }

  #whyNotSigned(leg: CourseLeg): string | undefined {
    const { newest: signer, foreignTo } = this.#signedBy()
    if (signer === undefined || !foreignTo(leg.target.ref)) return undefined
    if (this.#trip.course.route?.signedReasoning === 'remove') return undefined
    this.#refused ??= signedElsewhere(leg, signer)
    this.#meet({ ref: leg.target.ref, lane: leg.credential.billing, code: 'untranslatable' })
    return `the conversation carries thinking that ${signer} signed`
  }

  /** Leaves the leg out while its health or the request speak against it. It is not forgotten. */
  #leaveOut(leg: CourseLeg): boolean {
    const { house } = this.#trip
    const standing = house.health.standing(healthKey(leg))
    const cools = standing.state === 'open' || (standing.state === 'half-open' && standing.probing)
    const doubt = cools ? { code: standing.code, reason: `it cools down after ${standing.code}` } : this.#unfit(leg)
    if (doubt === undefined) return false
    if (this.#deferred === undefined) this.#deferred = { leg, reason: doubt.reason }
    else this.#passLeg(leg, doubt.reason)
    // What one key of the model has just answered says more than what another one answered before.
    const hasFailed = this.#setback?.failed !== undefined && this.#setback.ref === leg.target.ref
    if (!hasFailed) this.#meet({ ref: leg.target.ref, lane: leg.credential.billing, code: doubt.code })
    return true
  }

  #unfit({ target }: CourseLeg) {
    return this.#legs.some(leg => leg.target.ref !== target.ref) ? unfitFor(target, this.#trip) : undefined
  }

  async #go(leg: CourseLeg): Promise<LegEnd> {
    const { record } = this.#trip
    const failed = this.#unpaid
    this.#unpaid = undefined
    if (failed !== undefined && !this.#affords(failed.leg, failed.problem)) return this.#told(failed.problem)
    if (this.#deferred?.leg === leg) this.#deferred = undefined
    else this.#passDeferred()
    this.#firstRef ??= leg.target.ref
    if (leg.target.ref === this.#firstRef && isInside(leg, this.#trip)) delete record.draft.fallback
    else if (this.#cause !== undefined) record.draft.fallback = { from: this.#firstRef, reason: this.#cause }
    const trip = this.#signedBy().foreignTo(leg.target.ref) ? withoutSigned(this.#trip, leg) : this.#trip
    const asked = record.draft.attempts.length
    const end = isProblem(trip) ? trip : await this.#steps.go(leg, trip, this.#occasion(leg))
    if (isProblem(end) && record.draft.attempts.length === asked) this.#passLeg(leg, end.what)
    if (isProblem(end))
      this.#meet({ ref: leg.target.ref, lane: leg.credential.billing, code: end.code, failed: { leg, problem: end } })
    return end
  }

  /**
   * Only what may be over in a moment draws on the provider's budget: it guards one that is in trouble. A request that is refused for what it is would
   * be refused again, costs nobody anything, and no answer would ever fill the budget again.
   */
  #affords(leg: CourseLeg, cause: Problem): boolean {
    return !PROBLEMS[cause.code].retryable || this.#steps.spend(leg, cause, this.#trip)
  }

  #occasion(leg: CourseLeg): Occasion {
    const { target } = leg
    const failed = this.#failures.at(-1)
    if (failed !== undefined && failed.ref === target.ref) return { because: 'credential' }
    return target.ref === this.#firstRef && isInside(leg, this.#trip) ? {} : { because: 'fallback' }
  }

  #meet(setback: Setback): void {
    this.#setback = setback
    this.#firstRef ??= setback.ref
    // Once the first lane is left, what goes wrong in another is not why.
    const isFirstLane = this.#cause === undefined || setback.lane === this.#trip.course.first.billing
    if (setback.ref === this.#firstRef && isFirstLane) this.#cause = setback.code
    if (setback.failed === undefined) return
    this.#failures.push({ ref: setback.ref, problem: setback.failed.problem })
    this.#unpaid = setback.failed
  }

  /** No leg is left. One that was only left out is asked after all; the last one there is never goes unasked for its health. */
  async #nothingMore(): Promise<LegEnd> {
    const failed = this.#failures.at(-1)
    if (failed !== undefined) {
      this.#passDeferred()
      return this.#told(failed.problem)
    }
    if (this.#deferred !== undefined) {
      const end = await this.#go(this.#deferred.leg)
      return isProblem(end) ? this.#told(end) : end
    }
    const { first } = this.#trip.course
    if (this.#refused !== undefined) return this.#refused
    if (first.problem === undefined) throw new Error('a course with neither an answer nor a reason')
    return this.#told(first.problem)
  }

  /** The last problem, with what came before it, and what the route would need to go on. */
  #told(found: Problem): Problem {
    const { route } = this.#trip.course
    const before = this.#failures.slice(0, -1).map(({ ref, problem }) => `${ref}: ${problem.code}`)
    const why = [
      ...(found.why === undefined ? [] : [found.why]),
      ...(before.length === 0 ? [] : [`Tried before: ${before.join(', ')}.`]),
      ...this.#notAsked.slice(0, NOT_ASKED_MAX).map(words => `Not asked: ${words}.`),
    ]
    const couldGoOn =
      route !== undefined && !route.fallbackOn.has(found.code) && PROBLEMS[found.code].fallback !== 'never'
    const isLast = this.#failures.at(-1)?.ref === this.#legs.at(-1)?.target.ref
    const fix =
      couldGoOn && !isLast
        ? [
            ...found.fix,
            `The route "${route.name}" has other targets; to go on with them, add "${found.code}" to its fallbackOn.`,
          ]
        : found.fix
    return { ...found, fix, ...(why.length === 0 ? {} : { why: why.join(' ') }) }
  }

  #signedBy(): Signers {
    this.#signers ??= signersOf(this.#trip)
    return this.#signers
  }

  #passDeferred(): void {
    if (this.#deferred !== undefined) this.#passLeg(this.#deferred.leg, this.#deferred.reason)
    this.#deferred = undefined
  }

  #passLeg({ target, credential }: CourseLeg, reason: string): void {
    const several = target.provider.credentials.length > 1
    this.#pass({ target: target.ref, ...(several ? { credential: credential.name } : {}), reason })
  }

  #pass(passed: Trip['record']['draft']['passed'][number]): void {
    this.#trip.record.draft.passed.push(passed)
  }
}
