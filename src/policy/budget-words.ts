import { type Problem, problem } from '../canon/problem.ts'
import type { Account } from './accounts.ts'
import type { CallFacts } from './policy.ts'
import { showAmount, showTime } from './words.ts'

const RAISE = 'Or have the budget raised by whoever runs the gateway (`candor keys limit`).'

/** What a call met: what was spent and reserved before it, and what it may use itself. */
interface Standing {
  readonly spent: number
  readonly amount: number
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

/** `budget_exceeded`, with when the period ends; without, if it never does or the call does not fit the whole budget. */
export function overBudget(
  keyName: string,
  account: Account & { readonly hard: number },
  { spent, amount, nowMs }: Standing,
): Problem {
  const { unit, period, hard } = account
  const most = `${showAmount(hard, unit)} ${spanOf(account)}`
  const mayUse = `this call may use up to ${showAmount(amount, unit)}`
  const smaller = 'Ask for less: with a lower limit of output tokens in the request, less is reserved for it.'
  if (amount > hard)
    return problem(
      'budget_exceeded',
      `The call is larger than the gateway key "${keyName}" may spend at all: ${most}.`,
      {
        why: `No provider was asked: ${mayUse}, so it can never pass.`,
        fix: [smaller, RAISE],
      },
    )
  const what =
    spent >= hard
      ? `The gateway key "${keyName}" has used up its budget of ${most}.`
      : `What is left of the budget of the gateway key "${keyName}", ${most}, is too little for this call.`
  const why = `${showAmount(spent, unit)} are spent, or reserved by calls that run; ${mayUse}.`
  const fix = [...(spent < hard ? [smaller] : []), RAISE]
  const { endMs } = period
  if (endMs === undefined)
    return problem('budget_exceeded', what, { why: `${why} The budget does not begin anew.`, fix })
  return problem('budget_exceeded', what, {
    why: `${why} The budget begins anew on ${showTime(endMs)}.`,
    fix: [`Wait until ${showTime(endMs)}.`, ...fix],
    retryAfterMs: Math.max(0, endMs - nowMs),
    resetsAtMs: endMs,
  })
}

/** `budget_exceeded` for a call nobody can say the cost of. */
export function priceUnknown(keyName: string, { requestedModel, route, targets }: CallFacts): Problem {
  const metered = targets.filter(({ billing }) => billing === 'metered').map(({ ref }) => ref)
  const models = [...new Set(metered)].slice(0, 5).join(', ')
  return problem(
    'budget_exceeded',
    `The gateway key "${keyName}" has a spending limit, and what ${route ?? requestedModel} costs is not known.`,
    {
      why: `The price of ${models} is not known, so a spending limit cannot be kept.`,
      fix: [
        "Write its price into the configuration: models.providers, the provider's models[], price.",
        'Or use a model whose price is known.',
      ],
    },
  )
}

/** `candor-budget: usd/day; soft; used=103%`, with an entry for each soft budget that was used up before the call; no header if none was. */
export function softBudgetHeaders(
  accounts: readonly (Account & { readonly spent: number })[],
): Readonly<Record<string, string>> {
  const used = accounts.flatMap(({ unit, kind, soft, spent }) =>
    soft
      .filter(most => spent >= most)
      .map(most => `${unit}/${kind}; soft; used=${most > 0 ? Math.floor((spent / most) * 100) : 100}%`),
  )
  return used.length === 0 ? {} : { 'candor-budget': used.join(', ') }
}

function spanOf({ kind }: Account): string {
  return kind === 'total' ? 'in total' : `per ${kind}`
}
