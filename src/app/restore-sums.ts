import type { Budget, KeyStore } from '../ledger/gateway-key.ts'
import type { LedgerStore } from '../ledger/store.ts'
import type { House } from '../pipeline/call.ts'
import { crossingSum, dayOf } from '../pipeline/lane-fence.ts'
import { accountsOf } from '../policy/accounts.ts'
import { restoreBudgets } from '../policy/restore-budgets.ts'

/** Puts the counters in place from the ledger, whose sums are the truth: budgets of keys, and what routes spent today outside of their lane. */
export async function restoreSums(house: House, made: KeyStore, ledger: LedgerStore): Promise<void> {
  const { counters, clock, directory } = house
  const active = made.list().filter(key => key.revokedAt === undefined && key.budgets.length > 0)
  await restoreBudgets(active, (keyId, since) => ledger.charged(keyId, since), counters, clock)
  const day = dayOf(clock.now())
  for (const { name, crossBilling } of directory.routes) {
    if (typeof crossBilling === 'boolean') continue
    const { rows } = await ledger.usage({ since: day.startMs, route: name, billing: 'metered' })
    const amount = rows.reduce((sum, row) => sum + row.chargedNanoUsd, 0)
    await counters.restore([{ name: crossingSum(name, day.number), amount, expiresAtMs: day.expiresAtMs }])
  }
}

/** What a key has used of a budget in the period of this moment, in nano-dollars or tokens, reservations included. */
export async function spentOf(keyId: string, budget: Budget, { counters, clock }: House): Promise<number> {
  const [account] = accountsOf({ id: keyId, budgets: [budget] }, clock.now())
  return account === undefined ? 0 : await counters.sum(account.sum.name)
}
