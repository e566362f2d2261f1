import { asArray, asObject, asString, type JsonValue } from '../base/json-value.ts'
import type { QuotaReading, QuotaWindow } from './quota.ts'
import { currencyIn, numberIn, windowOf } from './quota-numbers.ts'

/** A provider has few currencies. */
const CURRENCIES_MAX = 5

const OPENROUTER_PERIODS = ['daily', 'weekly', 'monthly'] as const

/**
 * OpenRouter, `GET /api/v1/key`: what this key may spend in USD, and has spent in the current day, week and month. `limit_reset` names the period
 * of the limit; without one the limit is for good. Source: openrouter.ai/docs, get current key.
 */
export function readOpenrouterKey(body: JsonValue): QuotaReading | undefined {
  const data = asObject(asObject(body)?.data)
  if (data === undefined) return undefined
  const reset = OPENROUTER_PERIODS.find(period => period === asString(data.limit_reset))
  const limit = numberIn(data.limit)
  const remaining = numberIn(data.limit_remaining)
  const budget = numberIn(asObject(data.effective_budget)?.remaining_usd)
  const windows: QuotaWindow[] = []
  if (limit !== undefined || remaining !== undefined)
    windows.push(windowOf(reset ?? 'key limit', 'USD', { limit, remaining }))
  if (budget !== undefined) windows.push(windowOf('budget', 'USD', { remaining: budget }))
  for (const period of OPENROUTER_PERIODS) {
    const used = numberIn(data[`usage_${period}`])
    if (used !== undefined && period !== (limit === undefined ? undefined : reset))
      windows.push(windowOf(period, 'USD', { used }))
  }
  if (windows.length === 0) return undefined
  return { ...(data.is_free_tier === true ? { plan: 'free tier' } : {}), windows }
}

/**
 * OpenRouter, `GET /api/v1/credits`: all credits ever bought, and all ever used. Their quotient would say nothing about what is left, so no limit is
 * told. Source: openrouter.ai/docs, get credits.
 */
export function readOpenrouterCredits(body: JsonValue): QuotaReading | undefined {
  const data = asObject(asObject(body)?.data)
  const bought = numberIn(data?.total_credits)
  const used = numberIn(data?.total_usage)
  if (bought === undefined || used === undefined) return undefined
  const { remaining } = windowOf('credits', 'USD', { limit: bought, used })
  return { windows: [windowOf('credits', 'USD', { used, remaining })] }
}

/** DeepSeek, `GET /user/balance`: one balance a currency, amounts as text. Source: api-docs.deepseek.com/api/get-user-balance. */
export function readDeepseekBalance(body: JsonValue): QuotaReading | undefined {
  const windows = asArray(asObject(body)?.balance_infos)
    .slice(0, CURRENCIES_MAX)
    .flatMap(entry => balance(currencyIn(asObject(entry)?.currency), asObject(entry)?.total_balance))
  return windows.length === 0 ? undefined : { windows }
}

/** Moonshot, `GET /v1/users/me/balance`, in USD on the international platform. Source: platform.kimi.ai docs/api/balance. */
export function readMoonshotBalance(body: JsonValue): QuotaReading | undefined {
  return moonshotBalance(body, 'USD')
}

/** The same on the Chinese platform, in CNY. */
export function readMoonshotBalanceCny(body: JsonValue): QuotaReading | undefined {
  return moonshotBalance(body, 'CNY')
}

function moonshotBalance(body: JsonValue, currency: string): QuotaReading | undefined {
  const windows = balance(currency, asObject(asObject(body)?.data)?.available_balance)
  return windows.length === 0 ? undefined : { windows }
}

/** StepFun, `GET /v1/accounts`, in CNY. Shape: farion1231/cc-switch, balance.rs. */
export function readStepfunAccount(body: JsonValue): QuotaReading | undefined {
  const windows = balance('CNY', asObject(body)?.balance)
  return windows.length === 0 ? undefined : { windows }
}

/** Prepaid money has no limit to be measured by. */
function balance(currency: string | undefined, amount: JsonValue | undefined): QuotaWindow[] {
  const remaining = numberIn(amount)
  return currency === undefined || remaining === undefined ? [] : [windowOf('balance', currency, { remaining })]
}
