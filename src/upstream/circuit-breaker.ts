import type { Clock } from '../base/clock.ts'
import { type Blame, PROBLEMS, type Problem, type ProblemCode } from '../canon/problem.ts'
import { askedWaitMs, cooldownMs, type FailureKind, failureKind } from './cooldown.ts'
import type { Standing } from './health.ts'

/** Failures in a row that open it, by kind. */
const IN_A_ROW = { provider: 5, network: 3 } as const
/** A probe that nobody has judged for so long, in milliseconds, does not keep the next one away: its answer may take as long as any. */
const PROBE_MS_MAX = 60_000

/** Whose doing can be mended by whoever runs the gateway. */
const MENDABLE: ReadonlySet<Blame> = new Set<Blame>(['credential', 'plan'])

const CLOSED: Standing = { state: 'closed' }

/** Why and until when a breaker is open. Kept until an answer closes it. */
interface Opening {
  readonly code: ProblemCode
  readonly what: string
  /** When it left the closed state: milliseconds since 1970. */
  readonly sinceMs: number
  /** The end by the clock that never jumps, and by the wall's, which goes on while a machine sleeps. The earlier one counts. */
  readonly untilMs: number
  readonly untilWallMs: number
  /** Openings in a row. */
  readonly times: number
}

/** What breakers need of the outside. */
export interface BreakerSources {
  readonly clock: Clock
  readonly random: () => number
}

/** Tells whether one model of one credential may be asked, from how the last requests ended. Asks nobody and sets no timer. */
export class CircuitBreaker {
  readonly #sources: BreakerSources
  #opening: Opening | undefined
  #providerInARow = 0
  #networkInARow = 0
  #probe: object | undefined
  #probeSinceMs = 0
  #generation = 0

  constructor(sources: BreakerSources) {
    this.#sources = sources
  }

  /** Another number at every opening and closing: tells requests that began before it from those that began after. */
  get generation(): number {
    return this.#generation
  }

  /** What led to the state, if it is not closed. */
  get opening(): Opening | undefined {
    return this.#opening
  }

  standing(): Standing {
    const opening = this.#opening
    if (opening === undefined) return CLOSED
    const { code, untilWallMs } = opening
    if (this.#waits(opening)) return { state: 'open', code, untilMs: untilWallMs }
    return { state: 'half-open', code, probing: this.#probing() }
  }

  /** A request begins. It becomes the probe if one is due. */
  entered(visit: object): void {
    const opening = this.#opening
    if (opening === undefined || this.#waits(opening) || this.#probing()) return
    this.#probe = visit
    this.#probeSinceMs = this.#sources.clock.monotonicMs()
  }

  /** The request ended without a word about the provider: another one may be the probe. */
  left(visit: object): void {
    if (this.#probe === visit) this.#probe = undefined
  }

  /** A request of that generation was answered. One that was under way before the opening is no sign that it is over. */
  answered(generation: number): void {
    this.#providerInARow = 0
    this.#networkInARow = 0
    if (this.#opening === undefined || generation !== this.#generation) return
    this.#opening = undefined
    this.#probe = undefined
    this.#generation += 1
  }

  /** Closes if a credential or a plan was to blame. What is under way tells nothing of it any more. */
  pardon(): void {
    if (this.#opening === undefined || !MENDABLE.has(PROBLEMS[this.#opening.code].blame)) return
    this.#opening = undefined
    this.#probe = undefined
    this.#generation += 1
  }

  /** A request of that generation failed; the problem is one that counts. */
  failed(problem: Problem, generation: number): void {
    const kind = failureKind(problem.code)
    if (kind === undefined) return
    const opening = this.#opening
    if (opening === undefined) {
      if (this.#counts(kind)) this.#open(problem, 1, this.#sources.clock.now())
      return
    }
    // Requests that were under way together fail together: only one that began after the last opening tells that it failed again.
    const again = generation === this.#generation
    if (again && !this.#waits(opening)) this.#open(problem, opening.times + 1, opening.sinceMs)
    else this.#prolong(problem, opening, again)
  }

  /** Counts a failure of a closed breaker. True: it opens. */
  #counts(kind: FailureKind): boolean {
    if (kind === 'provider') return ++this.#providerInARow >= IN_A_ROW.provider
    if (kind === 'network') return ++this.#networkInARow >= IN_A_ROW.network
    return true
  }

  #open(problem: Problem, times: number, sinceMs: number): void {
    const { clock, random } = this.#sources
    const waitMs = askedWaitMs(problem, clock.now()) ?? cooldownMs(problem.code, times, random)
    this.#set(problem, times, sinceMs, waitMs)
    this.#probe = undefined
    this.#generation += 1
  }

  /** It failed while open: it is open for longer if the provider says so, or if somebody asked all the same (`again`) and met a failure. */
  #prolong(problem: Problem, opening: Opening, again: boolean): void {
    const { clock, random } = this.#sources
    const asked = askedWaitMs(problem, clock.now())
    const waitMs = asked ?? (again ? cooldownMs(problem.code, opening.times, random) : 0)
    if (clock.monotonicMs() + waitMs > opening.untilMs) this.#set(problem, opening.times, opening.sinceMs, waitMs)
  }

  #set({ code, what }: Problem, times: number, sinceMs: number, waitMs: number): void {
    const { clock } = this.#sources
    const untilMs = clock.monotonicMs() + waitMs
    this.#opening = { code, what, sinceMs, times, untilMs, untilWallMs: clock.now() + waitMs }
  }

  #waits({ untilMs, untilWallMs }: Opening): boolean {
    const { clock } = this.#sources
    return clock.monotonicMs() < untilMs && clock.now() < untilWallMs
  }

  #probing(): boolean {
    return this.#probe !== undefined && this.#sources.clock.monotonicMs() - this.#probeSinceMs < PROBE_MS_MAX
  }
}
