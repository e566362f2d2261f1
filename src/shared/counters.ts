/** A rate by the generic cell rate algorithm (GCRA): `perMinute` units a minute, `burst` of them at once. */
export interface RateTake {
  /** What is counted, such as `key:<id>:requests`. */
  readonly name: string
  /** Units taken now; 0 only looks whether the rate is used up. */
  readonly units: number
  readonly perMinute: number
  /** Units that may come at once. */
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
  readonly limit: number
  readonly remaining: number
  /** Milliseconds until all of it is there again. */
  readonly resetMs: number
}

/** All of what was asked, or none of it. */
export type TakeResult =
  | { readonly ok: true; readonly remaining: readonly Remaining[] }
  /** `refused`: the index in `takes`. `retryAfterMs`: when it would be given; Infinity if never, since it is more than the burst. */
  | { readonly ok: false; readonly refused: number; readonly retryAfterMs: number; readonly remaining: Remaining }

/** One sum over one period: the period's name is part of `name`, so a new period is a new sum. */
export interface SumReserve {
  readonly name: string
  /** Integer: nano-dollars or tokens. */
  readonly amount: number
  /** The sum may not grow above this by a reservation; absent: it is only counted. */
  readonly most?: number
  /** When the period is over and the sum may be forgotten, milliseconds since 1970. */
  readonly expiresAtMs: number
}

/** All reserved, or nothing. */
export type ReserveResult =
  | { readonly ok: true; readonly sums: readonly number[] }
  /** `refused`: the index in `sums`. `spent`: what stands there, reservations included. */
  | { readonly ok: false; readonly refused: number; readonly spent: number }

/**
 * Counters that several processes must agree on. Every method is one atomic step. This contract is what a network store implements as well,
 * hence the promises; the memory store resolves at once.
 */
export interface Counters {
  /** Takes from all rates and leases, or from none. */
  take(takes: readonly (RateTake | LeaseTake)[]): Promise<TakeResult>
  /** Takes more (or gives back, if negative) after the fact: what a call turned out to have used. Never refused. */
  adjust(rate: RateTake): Promise<void>
  release(name: string, holder: string): Promise<void>
  reserve(sums: readonly SumReserve[]): Promise<ReserveResult>
  /** Adds what was really spent beyond the reservation; negative gives back. Never refused. */
  add(sums: readonly Omit<SumReserve, 'most'>[]): Promise<void>
  sum(name: string): Promise<number>
  /** Puts sums in place at the start, from the ledger. */
  restore(sums: readonly Omit<SumReserve, 'most'>[]): Promise<void>
}
