/** What usage can be grouped by. `client`: the program, without its version. `day`: in the time zone of the process that answers. */
export const USAGE_GROUPS = ['provider', 'model', 'key', 'client', 'day', 'billing'] as const
export type UsageGroup = (typeof USAGE_GROUPS)[number]

/**
 * Which calls to sum up. Calls in flight are never among them. Of days whose receipts are gone only sums over the day in UTC are kept: such a
 * day is in or out as a whole, by its noon.
 */
export interface UsageQuery {
  /** Only calls admitted at this time or later, milliseconds since 1970. */
  readonly since?: number
  /** Only calls admitted before this time. */
  readonly until?: number
  /** Absent: one sum over all. */
  readonly by?: UsageGroup | undefined
  /** Only calls made with this gateway key. */
  readonly keyId?: string
  /** Only calls of this route. */
  readonly route?: string
  /** Only calls in this billing lane. */
  readonly billing?: string
  /**
   * Told apart by time too. Gives the slot a moment belongs to, both in milliseconds since 1970. It is asked for the beginnings of quarters of an
   * hour, and of days of which only the sums are kept for their noon in UTC.
   */
  readonly slotOf?: (at: number) => number
}

/** Sums over calls that have ended. All are integers. */
export interface UsageSums {
  readonly calls: number
  /** Calls without a whole answer, other than those the client itself left. */
  readonly failed: number
  /** Calls that another target than the route's first one answered, or was to answer. */
  readonly fallbacks: number
  /** Calls answered by the response cache. */
  readonly cacheHits: number
  /** Calls in each billing lane; those that came to none are in no lane. */
  readonly lanes: { readonly plan: number; readonly metered: number; readonly free: number; readonly local: number }
  /** Tokens, in the buckets of `canon/usage.ts`. What was not told is not in it. */
  readonly tokens: {
    readonly input: number
    readonly cacheRead: number
    readonly cacheWrite: number
    readonly output: number
    readonly reasoning: number
  }
  /** What is known of the cost of metered calls. */
  readonly costNanoUsd: number
  /** Calls whose cost is not known: no price, no usage told, or cut off. Of these last `costNanoUsd` holds what was told by then. */
  readonly unpriced: number
  /** Calls that were answered, at least in part, and whose usage is not known. `tokens` holds what was told before a call was cut off. */
  readonly usageUnknown: number
  /** What the calls count against budgets, which may hold reservations for unknown usage. */
  readonly chargedNanoUsd: number
  readonly chargedTokens: number
}

/** The sums of one group. */
export interface UsageRow extends UsageSums {
  /** The provider's id, `provider/model`, the key's id, the client's name, `2026-11-29`, the billing lane. Empty: the calls have none. */
  readonly group: string
  /** Where they are told apart by time: the slot, milliseconds since 1970. */
  readonly slot?: number
  /** Of these calls only the day is known, in UTC. Absent: of none. */
  readonly dayOnly?: number
}

/** Usage, and whether it is all of it. */
export interface Usage {
  /** By slots, if they are told apart by time. Within, days in their order; all others by their number of calls, most first. */
  readonly rows: readonly UsageRow[]
  /** Why the sums are not all there is, in words. */
  readonly fault?: string
}

/** What the calls of a key count against its budgets. */
export interface Charged {
  readonly nanoUsd: number
  readonly tokens: number
  /** Why the sums are not all there is, in words. */
  readonly fault?: string
}
