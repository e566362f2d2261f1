import { type BreakerSources, CircuitBreaker } from './circuit-breaker.ts'
import { failureKind } from './cooldown.ts'
import type { Health, HealthKey, HealthView, Standing, Visit, VisitEnd } from './health.ts'
import { HealthTable } from './health-table.ts'
import { RetryBudgets } from './retry-budget.ts'

/** Keys kept at most. */
const KEYS_MAX = 4_000
/** Share of the newest first-byte time in the moving average. */
const NEWEST = 0.3
/** What is assumed where nothing is measured, in milliseconds. Short, so that an unknown key gets its turn. */
const NEUTRAL_MS = 200
/** Half of what an average says beyond the neutral time is forgotten in so many milliseconds: one slow answer must not bar a key for ever. */
const HALF_LIFE_MS = 60_000

/** What health is made of. `random`: between 0 and 1, 1 excluded; spreads the probes of gateways side by side. */
export interface HealthSources {
  readonly clock: BreakerSources['clock']
  readonly random?: () => number
}

/** Opens the health of all providers, with nothing known yet. */
export function openHealth({ clock, random = Math.random }: HealthSources): Health {
  const table = new HealthTable<Entry>(KEYS_MAX)
  const budgets = new RetryBudgets()
  const sources = { clock, random, budgets }
  return {
    standing: at => table.use(at)?.breaker.standing() ?? UNKNOWN,
    enter: at => new OpenVisit(table.use(at) ?? table.add(at, new Entry(at, sources))),
    load: at => table.use(at)?.load() ?? NEUTRAL_MS,
    spend: (provider, cause) => budgets.spend(provider, cause),
    pardon() {
      for (const { breaker } of table.values()) breaker.pardon()
    },
    views: () => [...table.values()].map(entry => entry.view()),
  }
}

const UNKNOWN: Standing = { state: 'closed' }

interface EntrySources extends BreakerSources {
  readonly budgets: RetryBudgets
}

/** All that is known of one key. */
class Entry {
  readonly breaker: CircuitBreaker
  usedAt = 0
  inFlight = 0
  readonly #at: HealthKey
  readonly #sources: EntrySources
  #firstByteMs: number | undefined
  #measuredAtMs = 0
  #answered = 0
  #providerFailures = 0
  #networkFailures = 0

  constructor({ provider, credential, model }: HealthKey, sources: EntrySources) {
    // Not what was handed in: that may hold on to a whole configuration.
    this.#at = { provider, credential, model }
    this.#sources = sources
    this.breaker = new CircuitBreaker(sources)
  }

  get busy(): boolean {
    return this.inFlight > 0
  }

  load(): number {
    const known = this.#firstByteMs
    if (known === undefined) return (this.inFlight + 1) * NEUTRAL_MS
    const ageMs = this.#sources.clock.monotonicMs() - this.#measuredAtMs
    return (this.inFlight + 1) * (NEUTRAL_MS + (known - NEUTRAL_MS) * 0.5 ** (ageMs / HALF_LIFE_MS))
  }

  judged(visit: object, generation: number, end: VisitEnd): void {
    if (end.type === 'answered') {
      this.#measured(end.firstByteMs)
      this.#answered += 1
      this.breaker.answered(generation)
      this.#sources.budgets.refund(this.#at.provider)
    } else if (end.type === 'failed') {
      const kind = failureKind(end.problem.code)
      if (kind === 'network') this.#networkFailures += 1
      else if (kind !== undefined) this.#providerFailures += 1
      this.breaker.failed(end.problem, generation)
    }
    this.breaker.left(visit)
  }

  view(): HealthView {
    const { state } = this.breaker.standing()
    const opening = this.breaker.opening
    return {
      ...this.#at,
      state,
      ...(opening === undefined ? {} : { since: opening.sinceMs, reason: opening.code, what: opening.what }),
      ...(opening === undefined || state !== 'open' ? {} : { until: opening.untilWallMs }),
      times: opening?.times ?? 0,
      inFlight: this.inFlight,
      ...(this.#firstByteMs === undefined ? {} : { firstByteMs: this.#firstByteMs }),
      providerFailures: this.#providerFailures,
      networkFailures: this.#networkFailures,
      answered: this.#answered,
    }
  }

  #measured(firstByteMs: number): void {
    const before = this.#firstByteMs
    this.#firstByteMs = before === undefined ? firstByteMs : before + (firstByteMs - before) * NEWEST
    this.#measuredAtMs = this.#sources.clock.monotonicMs()
  }
}

class OpenVisit implements Visit {
  readonly #entry: Entry
  readonly #generation: number
  #judged = false
  #over = false

  constructor(entry: Entry) {
    this.#entry = entry
    this.#generation = entry.breaker.generation
    entry.inFlight += 1
    entry.breaker.entered(this)
  }

  judged(end: VisitEnd): void {
    if (this.#judged) return
    this.#judged = true
    this.#entry.judged(this, this.#generation, end)
  }

  over(): void {
    if (this.#over) return
    this.#over = true
    this.#entry.inFlight -= 1
    if (!this.#judged) this.judged({ type: 'no-verdict' })
  }
}
