import type { Budget, GatewayKey } from '../ledger/gateway-key.ts'
import type { SumReserve } from '../shared/counters.ts'
import { type Period, periodAt } from './periods.ts'

/** How long a sum is kept after its period: calls count in the period they began in, and none runs longer. */
const KEPT_MS = 24 * 3_600_000

/** One sum of a key, with all budgets over it: often a soft one below a hard one. */
export interface Account {
  readonly sum: Omit<SumReserve, 'amount' | 'most'>
  readonly unit: Budget['unit']
  readonly kind: Budget['period']
  readonly period: Period
  /** The smallest hard budget, in nano-dollars or tokens. Absent: none. */
  readonly hard?: number
  /** In nano-dollars or tokens. */
  readonly soft: readonly number[]
}

/** The sums a key's budgets are over at that moment, in milliseconds since 1970. */
export function accountsOf({ id, budgets }: Pick<GatewayKey, 'id' | 'budgets'>, atMs: number): readonly Account[] {
  const accounts = new Map<string, Account>()
  for (const { unit, period: kind, kind: force, most } of budgets) {
    const before = accounts.get(`${unit} ${kind}`) ?? newAccount(id, unit, kind, atMs)
    const after =
      force === 'hard'
        ? { ...before, hard: Math.min(most, before.hard ?? most) }
        : { ...before, soft: [...before.soft, most] }
    accounts.set(`${unit} ${kind}`, after)
  }
  return [...accounts.values()]
}

function newAccount(id: string, unit: Budget['unit'], kind: Budget['period'], atMs: number): Account {
  const period = periodAt(kind, atMs)
  const expiresAtMs = period.endMs === undefined ? Number.POSITIVE_INFINITY : period.endMs + KEPT_MS
  return { sum: { name: `budget:${id}:${unit}:${kind}:${period.id}`, expiresAtMs }, unit, kind, period, soft: [] }
}
