import type { Budget, KeyStore } from '../ledger/gateway-key.ts'
import type { LedgerStore } from '../ledger/store.ts'
import type { House } from '../pipeline/call.ts'
import { crossingSum, dayOf } from '../pipeline/lane-fence.ts'
import { accountsOf } from '../policy/accounts.ts'
import { restoreBudgets } from '../policy/restore-budgets.ts'

/** Puts the counters in place from the ledger, whose sums are the truth: budgets of keys, and what routes spent today outside of their lane. Gives why a sum may be too small. */
export async function restoreSums(house: House, made: KeyStore, ledger: LedgerStore): Promise<string[]> {
  const { counters, clock, directory } = house
  const faults: string[] = []
  const charged = async (keyId: string, since: number | undefined) => {
    const found = await ledger.charged(keyId, since)
    if (found.fault !== undefined) faults.push(`Budgets may count too little: ${found.fault}.`)
    return found
  }
  const active = made.list().filter(key => key.revokedAt === undefined && key.budgets.length > 0)
  await restoreBudgets(active, charged, counters, clock)
  const day = dayOf(clock.now())
  for (const { name, crossBilling } of directory.routes) {
    if (typeof crossBilling === 'boolean') continue
    const { rows, fault } = await ledger.usage({ since: day.startMs, route: name, billing: 'metered' })
    const amount = rows.reduce((sum, row) => sum + row.chargedNanoUsd, 0)
    if (fault !== undefined) faults.push(`What the route ${name} spent today may be more: ${fault}.`)
    await counters.restore([{ name: crossingSum(name, day.number), amount, expiresAtMs: day.expiresAtMs }])
  }
  return [...new Set(faults)]
}

/** The store of keys, for whoever changes them: what a key's new budget is over already is put in place from the ledger before the budget holds. */
export function withBudgetsRestored(made: KeyStore, ledger: LedgerStore, house: () => House): KeyStore {
  return {
    ...made,
    async update(id, change) {
      const { budgets } = change
      const { counters, clock } = house()
      if (budgets !== undefined)
        await restoreBudgets([{ id, budgets }], (keyId, since) => ledger.charged(keyId, since), counters, clock)
      return await made.update(id, change)
    },
  }
}

/** What a key has used of a budget in the period of this moment, in nano-dollars or tokens, reservations included. */
export async function spentOf(keyId: string, budget: Budget, { counters, clock }: House): Promise<number> {
  const [account] = accountsOf({ id: keyId, budgets: [budget] }, clock.now())
  return account === undefined ? 0 : await counters.sum(account.sum.name)
}
