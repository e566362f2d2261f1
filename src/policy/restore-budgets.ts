import type { Clock } from '../base/clock.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import type { Counters, SumReserve } from '../shared/counters.ts'
import { accountsOf } from './accounts.ts'

/** What the ledger says a key was charged for calls that began at that time or later, milliseconds since 1970; undefined: ever. */
export type ChargedSums = (
  keyId: string,
  sinceMs: number | undefined,
) => Promise<{ readonly nanoUsd: number; readonly tokens: number }>

/**
 * Puts the sums of the keys' budgets in place from the ledger, whose word they are: at the start before the first call, and for a key that gets another
 * budget before it has it. What running calls have reserved on a sum that stands already stays. Rejects if the ledger or the counters do.
 */
export async function restoreBudgets(
  keys: readonly Pick<GatewayKey, 'id' | 'budgets'>[],
  charged: ChargedSums,
  counters: Counters,
  clock: Clock,
): Promise<void> {
  for (const key of keys) {
    const sums: Omit<SumReserve, 'most'>[] = []
    for (const { sum, unit, period } of accountsOf(key, clock.now())) {
      const { nanoUsd, tokens } = await charged(key.id, period.startMs)
      sums.push({ ...sum, amount: unit === 'usd' ? nanoUsd : tokens })
    }
    await counters.restore(sums)
  }
}
