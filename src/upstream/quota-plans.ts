import { asArray, asNumber, asObject, asString, isObject, type JsonObject, type JsonValue } from '../base/json-value.ts'
import type { QuotaReading, QuotaWindow } from './quota.ts'
import { nameIn, numberIn, percentWindow, resetIn, windowName, windowOf } from './quota-numbers.ts'

/** Entries of a list that are looked at. */
const ENTRIES_MAX = 20

/**
 * Kimi Code, `GET /coding/v1/usages`. What is counted is not named. `usage` is the week since the subscription's day; each of `limits` tells its
 * own length. Shape: MoonshotAI/kimi-code, packages/oauth/src/managed-usage.ts; steipete/CodexBar, docs/kimi.md.
 */
export function readKimiUsages(body: JsonValue, now: number): QuotaReading | undefined {
  const root = asObject(body)
  const windows: QuotaWindow[] = []
  for (const entry of objectsIn(root?.limits)) {
    const window = kimiWindow(lengthOf(asObject(entry.window)), asObject(entry.detail), now)
    if (window !== undefined) windows.push(window)
  }
  const week = kimiWindow('weekly', asObject(root?.usage), now)
  if (week !== undefined) windows.push(week)
  const booster = boosterOf(asObject(asObject(root?.boosterWallet)?.balance), now)
  if (booster !== undefined) windows.push(booster)
  const plan = nameIn(asObject(asObject(root?.user)?.membership)?.level)
  return reading(windows, plan)
}

function kimiWindow(name: string | undefined, detail: JsonObject | undefined, now: number): QuotaWindow | undefined {
  const limit = numberIn(detail?.limit)
  const used = numberIn(detail?.used)
  const remaining = numberIn(detail?.remaining)
  if (name === undefined || (limit === undefined && used === undefined && remaining === undefined)) return undefined
  return windowOf(name, 'units', { limit, used, remaining, resetsAtMs: resetIn(detail?.resetTime, now) })
}

function lengthOf(window: JsonObject | undefined): string | undefined {
  const duration = numberIn(window?.duration)
  if (duration === undefined || duration <= 0) return undefined
  const unit = asString(window?.timeUnit) ?? ''
  if (unit.endsWith('MINUTE')) return windowName(duration)
  if (unit.endsWith('HOUR')) return windowName(duration * 60)
  return unit.endsWith('DAY') ? windowName(duration * 24 * 60) : undefined
}

/** Use bought on top of the plan. Sources differ on the scale of its amounts, so only their share is told. */
function boosterOf(balance: JsonObject | undefined, now: number): QuotaWindow | undefined {
  const amount = numberIn(balance?.amount)
  const left = numberIn(balance?.amountLeft)
  if (amount === undefined || amount <= 0 || left === undefined) return undefined
  if (!/^(?:BALANCE_)?BOOSTER$/.test(asString(balance?.type) ?? '')) return undefined
  const remainingPercent = (100 * left) / amount
  return windowOf('extra usage', 'percent', { remainingPercent, resetsAtMs: resetIn(balance?.periodEnd, now) })
}

/**
 * Z.AI and Zhipu, `GET /api/monitor/usage/quota/limit`. `percentage` is used, `usage` the limit, `currentValue` what is used of it. Unit 3 is
 * hours, 6 weeks; `TIME_LIMIT` counts a month's tool calls. Shape: farion1231/cc-switch, coding_plan.rs; steipete/CodexBar.
 */
export function readZaiQuota(body: JsonValue, now: number): QuotaReading | undefined {
  const root = asObject(body)
  const data = asObject(root?.data)
  if (root?.success === false || data === undefined) return undefined
  const windows = objectsIn(data.limits).flatMap(entry => zaiWindow(entry, now) ?? [])
  return reading(windows, nameIn(data.level))
}

/** What each kind of limit counts. */
const ZAI_UNITS: ReadonlyMap<string, string> = new Map([
  ['TOKENS_LIMIT', 'tokens'],
  ['CREDIT_LIMIT', 'credits'],
  ['TIME_LIMIT', 'calls'],
])

function zaiWindow(entry: JsonObject, now: number): QuotaWindow | undefined {
  const type = (asString(entry.type) ?? '').toUpperCase()
  const counted = ZAI_UNITS.get(type)
  const usedPercent = numberIn(entry.percentage)
  const limit = numberIn(entry.usage)
  if (counted === undefined || (usedPercent === undefined && limit === undefined)) return undefined
  const resetsAtMs = resetIn(entry.nextResetTime, now)
  // Without the limit nothing tells what the other two count.
  const told =
    limit === undefined
      ? { resetsAtMs }
      : { limit, used: numberIn(entry.currentValue), remaining: numberIn(entry.remaining), resetsAtMs }
  if (type === 'TIME_LIMIT') return windowOf('monthly tool calls', counted, { ...told, aside: true })
  const name = zaiLength(asNumber(entry.unit), asNumber(entry.number)) ?? counted
  const remainingPercent = usedPercent === undefined ? undefined : 100 - usedPercent
  return windowOf(name, limit === undefined ? 'percent' : counted, { ...told, remainingPercent })
}

/** A week is told as 1 of unit 6, and as 7. */
function zaiLength(unit: number | undefined, number: number | undefined): string | undefined {
  if (unit === 6) return 'weekly'
  return unit === 3 && number !== undefined && number > 0 ? windowName(number * 60) : undefined
}

/**
 * MiniMax, `GET /v1/token_plan/remains`. `…_usage_count` is what REMAINS, despite its name (MiniMax-AI/MiniMax-M2#99). Where there is an entry
 * `general`, it is the one of text models. A week counts only under `current_weekly_status` 1, where that is told. Shape: farion1231/cc-switch,
 * coding_plan.rs; steipete/CodexBar.
 */
export function readMinimaxRemains(body: JsonValue, now: number): QuotaReading | undefined {
  const root = asObject(body)
  if ((numberIn(asObject(root?.base_resp)?.status_code) ?? 0) !== 0) return undefined
  const models = objectsIn(root?.model_remains)
  const hasGeneral = models.some(model => model.model_name === 'general')
  const windows = models.flatMap(model => {
    const name = nameIn(model.model_name)
    const main = model.model_name === 'general' || (models.length === 1 && !hasGeneral)
    return minimaxWindows(model, main || name === undefined ? '' : ` (${name})`, hasGeneral && !main, now)
  })
  return reading(windows)
}

function minimaxWindows(model: JsonObject, suffix: string, aside: boolean, now: number): QuotaWindow[] {
  const interval = minimaxWindow(model, 'current_interval', `${intervalName(model)}${suffix}`, {
    resetsAtMs: resetIn(model.end_time, now),
    aside,
  })
  const hasWeek = (numberIn(model.current_weekly_status) ?? 1) === 1
  const week = minimaxWindow(model, 'current_weekly', `weekly${suffix}`, {
    resetsAtMs: resetIn(model.weekly_end_time, now),
    aside,
  })
  return [...(interval === undefined ? [] : [interval]), ...(week === undefined || !hasWeek ? [] : [week])]
}

/** Newer plans tell only the percentage and leave the counts at 0. */
function minimaxWindow(
  model: JsonObject,
  field: string,
  name: string,
  more: { readonly resetsAtMs: number | undefined; readonly aside: boolean },
): QuotaWindow | undefined {
  const limit = numberIn(model[`${field}_total_count`])
  const remainingPercent = numberIn(model[`${field}_remaining_percent`])
  if (limit !== undefined && limit > 0) {
    const remaining = numberIn(model[`${field}_usage_count`])
    return windowOf(name, 'requests', { limit, remaining, remainingPercent, ...more })
  }
  return remainingPercent === undefined ? undefined : windowOf(name, 'percent', { remainingPercent, ...more })
}

/** The interval's length stands between its two ends; the plan's own is five hours. */
function intervalName(model: JsonObject): string {
  const start = numberIn(model.start_time)
  const end = numberIn(model.end_time)
  return start === undefined || end === undefined || end <= start
    ? '5 hour'
    : windowName(Math.round((end - start) / 60_000))
}

/**
 * OpenCode Go, `GET /zen/go/v1/usage`: `percent` is used; `rolling` is five hours (opencode.ai/docs/go). Shape: anomalyco/opencode, console routes.
 */
export function readOpencodeGoUsage(body: JsonValue, now: number): QuotaReading | undefined {
  const usage = asObject(asObject(body)?.usage)
  const windows: QuotaWindow[] = []
  for (const [field, name] of [
    ['rolling', '5 hour'],
    ['weekly', 'weekly'],
    ['monthly', 'monthly'],
  ] as const) {
    const told = asObject(usage?.[field])
    const percent = numberIn(told?.percent)
    if (percent !== undefined) windows.push(percentWindow(name, percent, { resetsAtMs: resetIn(told?.resetsAt, now) }))
  }
  return reading(windows)
}

function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return asArray(value).slice(0, ENTRIES_MAX).filter(isObject)
}

function reading(windows: readonly QuotaWindow[], plan?: string): QuotaReading | undefined {
  if (windows.length === 0 && plan === undefined) return undefined
  return { ...(plan === undefined ? {} : { plan }), windows }
}
