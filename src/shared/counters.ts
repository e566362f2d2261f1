/**
 * A rate by the generic cell rate algorithm (GCRA): `perMinute` units a minute, `burst` of them at once, so that any stretch of t minutes sees at
 * most `burst + perMinute · t` units.
 */
export interface RateTake {
  /** What is counted, such as `key:<id>:requests`. */
  readonly name: string
  /** Units taken now; 0 takes nothing and is refused where one unit would be. */
  readonly units: number
  readonly perMinute: number
  /** Units that may come at once, at least 1. */
  readonly burst: number
}

/** A number of things at the same time. A holder that never lets go is forgotten after `ttlMs`. */
export interface LeaseTake {
  readonly name: string
  readonly holder: string
  readonly most: number
  readonly ttlMs: number
}

/** What is left of one rate or lease after it was taken, for the `ratelimit-*` headers. */
export interface Remaining {
  /** The burst of a rate, the most of a lease. */
  readonly limit: number
  /** Whole units, never below 0. */
  readonly remaining: number
  /** Milliseconds until all of it is there again; for a lease, if nobody lets go before the lease runs out. */
  readonly resetMs: number
}

/** All of what was asked, or none of it. */
export type TakeResult =
  | { readonly ok: true; readonly remaining: readonly Remaining[] }
  /**
   * `refused`: the index in `takes`. `retryAfterMs`: when it would be given, for a lease at the latest; Infinity if never, since it is more than
   * the burst.
   */
  | { readonly ok: false; readonly refused: number; readonly retryAfterMs: number; readonly remaining: Remaining }

/** One sum over one period: the period's name is part of `name`, so a new period is a new sum. */
export interface SumReserve {
  readonly name: string
  /** Integer: nano-dollars or tokens. */
  readonly amount: number
  /** The sum may not grow above this by a reservation; absent: it is only counted. */
  readonly most?: number
  /** When the sum may be forgotten, milliseconds since 1970; Infinity: never. */
  readonly expiresAtMs: number
}

/** All reserved, or nothing. */
export type ReserveResult =
  | { readonly ok: true; readonly sums: readonly number[] }
  /** `refused`: the index in `sums`. `spent`: what stands there, reservations included. */
  | { readonly ok: false; readonly refused: number; readonly spent: number }

/**
 * Counters that several processes must agree on. Every method is one atomic step. This contract is what a network store implements as well,
 * hence the promises; the memory store resolves at once. A name stands once in what is asked at a time. `take` and `reserve` reject where the store
 * cannot answer; nobody waits for `adjust`, `release` and `add`, so a store keeps for itself what it could not do of them and they do not reject.
 */
export interface Counters {
  /** Takes from all rates and leases, or from none. */
  take(takes: readonly (RateTake | LeaseTake)[]): Promise<TakeResult>
  /** Takes more (or gives back, if negative) after the fact: what a call turned out to have used. Never refused; gives back up to the burst. */
  adjust(rate: RateTake): Promise<void>
  /** Ends a lease; nothing if there is none. */
  release(name: string, holder: string): Promise<void>
  reserve(sums: readonly SumReserve[]): Promise<ReserveResult>
  /** Adds what was really spent beyond the reservation; negative gives back. Never refused. */
  add(sums: readonly Omit<SumReserve, 'most'>[]): Promise<void>
  /** What stands there, reservations included; 0 if nothing. */
  sum(name: string): Promise<number>
  /** Puts sums in place from the ledger. Where a higher one stands already it stays: it holds the reservations of calls that run. */
  restore(sums: readonly Omit<SumReserve, 'most'>[]): Promise<void>
}
