import type { LeaseTake, RateTake } from '../../src/shared/counters.ts'

const MINUTE_MS = 60_000

/**
 * Rates and leases told the plain way, to compare with: buckets that fill in whole sixty-thousandths of a unit a millisecond, and lists of
 * holders. Exact for whole milliseconds; keeps everything for ever.
 */
export class NaiveCounters {
  readonly #levels = new Map<string, { level: number; atMs: number }>()
  readonly #holders = new Map<string, Map<string, number>>()

  take(takes: readonly (RateTake | LeaseTake)[], now: number): boolean {
    const passes = takes.every(take =>
      'holder' in take ? this.#mayHold(take, now) : this.level(take, now) >= Math.max(1, take.units) * MINUTE_MS,
    )
    if (!passes) return false
    for (const take of takes) {
      if ('holder' in take) this.held(take.name, now).set(take.holder, now + take.ttlMs)
      else this.adjust(take, now)
    }
    return true
  }

  adjust(rate: RateTake, now: number): void {
    const level = this.level(rate, now) - rate.units * MINUTE_MS
    this.#levels.set(rate.name, { level: Math.min(level, rate.burst * MINUTE_MS), atMs: now })
  }

  /** In sixty-thousandths of a unit. */
  level({ name, perMinute, burst }: RateTake, now: number): number {
    const { level, atMs } = this.#levels.get(name) ?? { level: burst * MINUTE_MS, atMs: now }
    return Math.min(burst * MINUTE_MS, level + (now - atMs) * perMinute)
  }

  release(name: string, holder: string, now: number): void {
    this.held(name, now).delete(holder)
  }

  held(name: string, now: number): Map<string, number> {
    const live = new Map([...(this.#holders.get(name) ?? [])].filter(([, untilMs]) => untilMs > now))
    this.#holders.set(name, live)
    return live
  }

  #mayHold({ name, holder, most }: LeaseTake, now: number): boolean {
    const held = this.held(name, now)
    return held.size < most || held.has(holder)
  }
}
