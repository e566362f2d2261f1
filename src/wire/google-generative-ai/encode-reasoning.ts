import type { JsonObject } from '../../base/json-value.ts'
import type { ReasoningWish } from '../../canon/request.ts'
import { budgetOfEffort, effortOfBudget, nearestEffort } from '../efforts.ts'
import { effortPlace } from '../places.ts'
import { displayFor } from '../reasoning-display.ts'
import { PROTOCOL } from './protocol.ts'
import type { Writing } from './writing.ts'

const CONFIG = 'generationConfig.thinkingConfig'

/** The words of SDK enum `ThinkingLevel`. */
const LEVELS: readonly string[] = ['minimal', 'low', 'medium', 'high']

/** The widest range any model takes, for those whose own is not known (ai.google.dev, "Thinking budgets"). */
const BUDGETS: readonly [number, number] = [0, 32_768]

/** The budget that leaves it to the model (SDK type `ThinkingConfig`). */
const DYNAMIC = -1

/** Writes `thinkingConfig`: how much to think, in the words the model knows, and whether thoughts are shown. */
export function writeThinking(writing: Writing): JsonObject | undefined {
  const wish = writing.request.reasoning
  if (wish === undefined) return undefined
  const dialect = writing.quirks.thinkingConfig ?? 'level'
  if (dialect === 'none') {
    if (wish.mode !== 'off') writing.lose('reasoning', wish.at, 'this model cannot be asked to think')
    return undefined
  }
  const amount = dialect === 'budget' ? writeBudget(wish, writing) : writeLevel(wish, writing)
  const config = { ...amount, ...(wish.mode === 'off' ? {} : writeShow(wish, writing)) }
  if (Object.keys(config).length > 0) return config
  return wish.mode === 'adaptive' ? { thinkingBudget: DYNAMIC } : undefined
}

/** From Gemini 3 on thinking cannot be turned off: the least is asked for, and the difference told. */
function writeLevel(wish: ReasoningWish, writing: Writing): JsonObject {
  const known = writing.quirks.efforts ?? LEVELS
  if (wish.mode === 'off') {
    const least = known[0] ?? 'low'
    writing.lose('reasoning', wish.at, `the thinking of this model cannot be turned off; the least is "${least}"`)
    return { thinkingLevel: least.toUpperCase() }
  }
  if (wish.effort !== undefined) {
    const effort = nearestEffort(wish.effort, known)
    if (effort !== wish.effort)
      writing.lose(
        'reasoning_effort',
        effortPlace(wish),
        `the effort "${wish.effort}" is not known here; the nearest is "${effort}"`,
      )
    return { thinkingLevel: effort.toUpperCase() }
  }
  if (wish.budgetTokens === undefined) return {}
  // Still taken for compatibility; a client that speaks Gemini knows its model.
  if (writing.request.from === PROTOCOL) return { thinkingBudget: wish.budgetTokens }
  const effort = nearestEffort(effortOfBudget(wish.budgetTokens), known)
  const reason = `stands for a budget of ${wish.budgetTokens} tokens, for which this model has no word`
  writing.assume(`${CONFIG}.thinkingLevel`, effort.toUpperCase(), reason)
  return { thinkingLevel: effort.toUpperCase() }
}

/** Before Gemini 3 thinking is a budget, whose range is the model's. */
function writeBudget(wish: ReasoningWish, writing: Writing): JsonObject {
  const [least, most] = writing.quirks.thinkingBudgets ?? BUDGETS
  if (wish.mode === 'off') {
    if (writing.quirks.reasoningAlwaysOn !== true) return { thinkingBudget: 0 }
    writing.lose('reasoning', wish.at, `the thinking of this model cannot be turned off; the least is ${least} tokens`)
    return { thinkingBudget: least }
  }
  if (wish.budgetTokens !== undefined) {
    const budget = Math.min(Math.max(wish.budgetTokens, least), most)
    if (budget !== wish.budgetTokens)
      writing.lose(
        'reasoning_effort',
        wish.at,
        `this model takes budgets from ${least} to ${most} tokens; ${budget} is sent`,
      )
    return { thinkingBudget: budget }
  }
  if (wish.effort === undefined) return { thinkingBudget: DYNAMIC }
  const budget = Math.min(Math.max(budgetOfEffort(wish.effort) ?? most, least), most)
  const reason = `stands for the effort "${wish.effort}", for which this model has no word`
  writing.assume(`${CONFIG}.thinkingBudget`, String(budget), reason)
  return { thinkingBudget: budget }
}

/**
 * Thoughts are shown where the client says so. A client that asks for thinking itself, and not for an effort, speaks a dialect that shows
 * thoughts unless told otherwise, while Gemini hides them.
 */
function writeShow(wish: ReasoningWish, writing: Writing): JsonObject {
  if (wish.show !== undefined) {
    const can = { shows: true, hides: true }
    const display = displayFor(wish, can, reason => writing.lose('reasoning_display', wish.at, reason))
    return display === undefined ? {} : { includeThoughts: display === 'shown' }
  }
  const asksToThink = wish.effort === undefined || wish.budgetTokens !== undefined || wish.mode === 'adaptive'
  if (writing.request.from === PROTOCOL || !asksToThink) return {}
  writing.assume(`${CONFIG}.includeThoughts`, 'true', 'the client’s protocol shows thinking unless told otherwise')
  return { includeThoughts: true }
}
