import { assert } from '../base/assert.ts'
import type { Clock } from '../base/clock.ts'
import type { Counters, SumReserve } from '../shared/counters.ts'
import { type Account, accountsOf } from './accounts.ts'
import { overBudget, priceUnknown, softBudgetHeaders } from './budget-words.ts'
import { type Charge, chargeOf } from './charge.ts'
import { ADMITTED, type Outcome, type Policy } from './policy.ts'

/** Configuration of the policy. The budgets stand in the keys. */
export interface BudgetConfig {
  readonly counters: Counters
  readonly clock: Clock
}

/**
 * Holds each key to its budgets. A call is admitted only if what is spent, what running calls have reserved and what it may use itself stay within
 * every hard budget; then that much is reserved. When it ends, what it used takes the reservation's place; where that is not known the reservation
 * stays; where no provider took the call it is given back.
 *
 * The bound: a sum never stands above its hard budget by more than what the calls that ran when the last one was admitted, that one included, used beyond
 * their estimates. Where no estimate is too low it never stands above it.
 *
 * Calls count in the period they began in. A budget in dollars does not stop calls that no metered target may answer. Where a price is not known, a hard
 * one stops the call, since it could not be kept. Refuses with `budget_exceeded`. Soft budgets that are used up are told in the header `candor-budget`.
 */
export function budgetPolicy({ counters, clock }: BudgetConfig): Policy {
  return {
    name: 'budget',
    async admit(call) {
      const { key } = call
      // A name that means no model uses nothing.
      if (key === undefined || key.budgets.length === 0 || call.targets.length === 0) return ADMITTED
      const estimate = call.estimate()
      const metered = call.targets.some(({ billing }) => billing === 'metered')
      const accounts = accountsOf(key, call.at)
      if (metered && estimate.nanoUsd === undefined && accounts.some(isHardUsd))
        return { admit: false, problem: priceUnknown(key.name, call) }
      const most = chargeOf(UNKNOWN, () => estimate)
      const wanted = accounts.map(account => reservation(account, most, metered))
      const reserved = await counters.reserve(wanted)
      if (reserved.ok) {
        const settle = (outcome: Outcome) => {
          const used = chargeOf(outcome, () => estimate)
          replace(accounts, most, used, counters)
        }
        return { admit: true, headers: softBudgetHeaders(standing(accounts, most, reserved.sums)), settle }
      }
      const account = accounts[reserved.refused]
      assert(account?.hard !== undefined, 'only hard budgets refuse')
      const { hard } = account
      const amount = shareOf(account, most)
      return {
        admit: false,
        problem: overBudget(key.name, { ...account, hard }, { spent: reserved.spent, amount, nowMs: clock.now() }),
      }
    },
  }
}

/** A call that ended so is charged what was reserved for it. */
const UNKNOWN: Outcome = { ending: 'interrupted', used: 'unknown' }

const isHardUsd = ({ unit, hard }: Account): boolean => unit === 'usd' && hard !== undefined

function shareOf({ unit }: Account, charge: Charge): number {
  return unit === 'usd' ? charge.nanoUsd : charge.tokens
}

function reservation(account: Account, most: Charge, metered: boolean): SumReserve {
  const counts = account.unit === 'tokens' || metered
  const limit = account.hard === undefined || !counts ? {} : { most: account.hard }
  return { ...account.sum, amount: shareOf(account, most), ...limit }
}

/** The accounts with what stood there before the call's own reservation. */
function standing(accounts: readonly Account[], reserved: Charge, sums: readonly number[]) {
  return accounts.map((account, index) => ({ ...account, spent: (sums[index] ?? 0) - shareOf(account, reserved) }))
}

/** Puts what was used in the place of what was reserved. */
function replace(accounts: readonly Account[], reserved: Charge, used: Charge, counters: Counters): void {
  const rest = accounts.map(account => ({
    ...account.sum,
    amount: shareOf(account, used) - shareOf(account, reserved),
  }))
  void counters.add(rest.filter(({ amount }) => amount !== 0))
}
