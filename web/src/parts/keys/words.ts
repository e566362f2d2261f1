import type { BudgetView } from '../../../../src/admin/keys.ts'
import type { Budget } from '../../../../src/ledger/gateway-key.ts'
import { count, duration, percent, plural, usd } from '../../words.ts'
import { resetsAt } from './draft.ts'

/** The periods of budgets, as they are chosen and told. */
export const PERIODS: readonly (readonly [Budget['period'], string])[] = [
  ['hour', 'an hour'],
  ['day', 'a day'],
  ['week', 'a week'],
  ['month', 'a month'],
  ['total', 'in all'],
]

/** What budgets are counted in. */
export const UNITS: readonly (readonly [Budget['unit'], string])[] = [
  ['usd', 'dollars'],
  ['tokens', 'tokens'],
]

/** What happens when a budget is used up. */
export const KINDS: readonly (readonly [Budget['kind'], string])[] = [
  ['hard', 'refuse further calls'],
  ['soft', 'only tell'],
]

/** `$5.00 a day`, `2,000,000 tokens in all`. */
export function budgetName({ most, unit, period }: BudgetView): string {
  const sum = unit === 'usd' ? usd(most * 1e9) : plural(most, 'token')
  return `${sum} ${PERIODS.find(([id]) => id === period)?.[1] ?? period}`
}

/** `$1.20 of $5.00 used, 76 % left, resets in 3 h 10 min`. `now`: milliseconds since 1970. */
export function budgetWords(budget: BudgetView, now: number): string {
  const { used, most, unit, period, kind } = budget
  const amount = (value: number) => (unit === 'usd' ? usd(value * 1e9) : count(value))
  const end = resetsAt(period, now)
  return [
    `${amount(used)} of ${amount(most)} used`,
    `${percent(leftOf(budget))} left`,
    end === undefined ? 'never resets' : `resets in ${duration(end - now)}`,
    ...(kind === 'soft' ? ['only told'] : []),
  ].join(', ')
}

/** What is left of a budget, 0 to 100. */
export function leftOf({ used, most }: BudgetView): number {
  return Math.max(0, 100 - (used / most) * 100)
}
