import type { JsonObject } from '../../base/json-value.ts'
import type { ReasoningWish } from '../../canon/request.ts'
import { budgetOfEffort, effortOfBudget, nearestEffort } from '../efforts.ts'
import { effortPlace } from '../places.ts'
import { type Display, displayFor } from '../reasoning-display.ts'
import { PROTOCOL } from './protocol.ts'
import type { Writing } from './writing.ts'

/** `thinking`, `output_config.effort` and the output limit they need. */
export interface ThinkingWords {
  readonly thinking?: JsonObject
  readonly effort?: string
  /** The output limit that leaves room for the thinking: thinking tokens count toward it. */
  readonly maxTokens: number
}

/** Anthropic's efforts (SDK type `OutputConfig`, 2026). */
const ANTHROPIC_EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max']

const BUDGET_MAX = 32_768
const BUDGET_DEFAULT = 16_384

/** Anthropic takes no smaller budget (SDK type `ThinkingConfigEnabled`, 2026). */
const BUDGET_MIN = 1024

/** Writes how much to think. `maxTokens` is the output limit so far; `limitGiven` is false where it was filled in. */
export function writeReasoning(maxTokens: number, limitGiven: boolean, writing: Writing): ThinkingWords {
  const wish = writing.request.reasoning
  if (wish === undefined) return { maxTokens }
  if (wish.mode === 'off') return { ...writeOff(wish, writing), maxTokens }
  const takes = (type: 'enabled' | 'adaptive') => writing.quirks.thinkingTypes?.includes(type) ?? true
  const show = writeShow(wish, writing)
  if (takes('enabled') && (wish.budgetTokens !== undefined || !takes('adaptive')))
    return writeBudget(wish, show, { maxTokens, limitGiven }, writing)
  if (!takes('adaptive')) {
    writing.lose('reasoning', wish.at, 'this provider cannot be asked to think')
    return { maxTokens }
  }
  const effort =
    wish.effort === undefined ? effortForBudget(wish, writing) : writeEffort(wish.effort, effortPlace(wish), writing)
  return { thinking: { type: 'adaptive', ...show }, ...(effort === undefined ? {} : { effort }), maxTokens }
}

function writeOff(wish: ReasoningWish, writing: Writing): { readonly thinking?: JsonObject } {
  const { reasoningAlwaysOn, thinkingTypes } = writing.quirks
  if (reasoningAlwaysOn !== true && (thinkingTypes?.includes('disabled') ?? true))
    return { thinking: { type: 'disabled' } }
  writing.lose('reasoning', wish.at, 'thinking cannot be turned off at this provider')
  return {}
}

/**
 * A budget must stay below the output limit, which the answer shares: a limit that was only filled in is raised by it, and in a given one
 * thinking takes at most half. A budget of the client's own that fits goes out as it came.
 */
function writeBudget(
  wish: ReasoningWish,
  show: JsonObject,
  limit: { readonly maxTokens: number; readonly limitGiven: boolean },
  writing: Writing,
): ThinkingWords {
  const own = wish.budgetTokens
  const asked = own ?? (wish.effort === undefined ? BUDGET_DEFAULT : (budgetOfEffort(wish.effort) ?? BUDGET_MAX))
  const maxTokens = limit.limitGiven ? limit.maxTokens : limit.maxTokens + asked
  const half = Math.floor(maxTokens / 2)
  const budget = own !== undefined && own < maxTokens ? own : Math.min(asked, half)
  if (budget !== own && budget < BUDGET_MIN) {
    writing.lose('reasoning', wish.at, `thinking needs an output limit of at least ${2 * BUDGET_MIN} tokens here`)
    return { maxTokens }
  }
  if (own === undefined) {
    writing.assume('thinking.budget_tokens', String(budget), 'this provider takes a budget instead of an effort')
  } else if (budget !== own) {
    writing.lose('reasoning', wish.at, 'the budget for thinking must be below the output limit')
  }
  const effort =
    own === undefined || wish.effort === undefined ? undefined : writeEffort(wish.effort, effortPlace(wish), writing)
  return {
    thinking: { type: 'enabled', budget_tokens: budget, ...show },
    ...(effort === undefined ? {} : { effort }),
    maxTokens,
  }
}

/** The effort that stands for a budget where a target takes none. */
function effortForBudget(wish: ReasoningWish, writing: Writing): string | undefined {
  const tokens = wish.budgetTokens
  if (tokens === undefined) return undefined
  const effort = nearestEffort(effortOfBudget(tokens), knownEfforts(writing))
  const reason = `stands for a budget of ${tokens} tokens, which this provider does not take`
  writing.assume('output_config.effort', effort, reason)
  return effort
}

function knownEfforts(writing: Writing): readonly string[] {
  return writing.quirks.efforts ?? ANTHROPIC_EFFORTS
}

/** The effort itself, or the nearest one the provider knows (the stronger of two as near), which is told. */
function writeEffort(effort: string, at: string, writing: Writing): string | undefined {
  const known = knownEfforts(writing)
  if (known.includes(effort)) return effort
  const nearest = nearestEffort(effort, known)
  if (known.includes(nearest)) {
    writing.lose('reasoning_effort', at, `the effort "${effort}" is not known here; the nearest is "${nearest}"`)
    return nearest
  }
  writing.lose('reasoning', at, `the effort "${effort}" is not known here, and no other is near`)
  return undefined
}

/** Anthropic's words for `display` (SDK type `ThinkingConfigAdaptive`, 2026). */
const DISPLAYS: Readonly<Record<Display, string>> = { shown: 'summarized', hidden: 'omitted' }

/** How thinking is shown: the client's own word, if it speaks this protocol. */
function writeShow(wish: ReasoningWish, writing: Writing): JsonObject {
  if (writing.request.from === PROTOCOL) return wish.show === undefined ? {} : { display: wish.show }
  const can = { shows: true, hides: true }
  const display = displayFor(wish, can, reason => writing.lose('reasoning_display', wish.at, reason))
  return display === undefined ? {} : { display: DISPLAYS[display] }
}
