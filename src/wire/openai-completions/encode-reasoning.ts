import type { Assumption, Loss } from '../../canon/loss.ts'
import type { ReasoningWish } from '../../canon/request.ts'
import type { Quirks } from '../quirks.ts'
import { type Draft, lossOf } from '../settings.ts'

/** Efforts from least to most. */
const SCALE: readonly string[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** The largest token budget that still counts as this effort; a budget above all of them is `high`. */
const EFFORT_BUDGETS: readonly { readonly effort: string; readonly tokens: number }[] = [
  { effort: 'low', tokens: 4096 },
  { effort: 'medium', tokens: 16_384 },
]

/** Writes how much to think, in the words of the provider's dialect. */
export function writeReasoning(
  wish: ReasoningWish | undefined,
  quirks: Quirks,
  body: Draft,
  losses: Loss[],
  assumptions: Assumption[],
): void {
  if (wish === undefined) return
  const dialect = quirks.reasoning ?? 'effort'
  if (wish.show !== undefined) writeShow(wish.show, wish.at, dialect, body, losses)
  if (wish.mode === 'off') {
    writeOff(wish, dialect, quirks, body, losses)
    return
  }
  switch (dialect) {
    case 'effort':
      writeEffort(wish, quirks, body, losses, assumptions)
      return
    case 'thinking':
      writeThinking(wish, quirks, body, losses, assumptions)
      return
    case 'enable_thinking':
      body.enable_thinking = true
      if (wish.budgetTokens !== undefined) body.thinking_budget = wish.budgetTokens
      else if (wish.effort !== undefined) assumeBudget(wish.effort, body, assumptions)
      return
    case 'reasoning':
      body.reasoning = { ...asDraft(body.reasoning), ...reasoningObject(wish) }
      return
    case 'none':
      losses.push(lossOf('reasoning', wish.at, 'this provider cannot be told how much to think'))
  }
}

/** Only OpenRouter's dialect can hide reasoning. */
function writeShow(show: string, at: string, dialect: string, body: Draft, losses: Loss[]): void {
  if (dialect === 'reasoning' && show === 'omitted') body.reasoning = { exclude: true }
  else losses.push(lossOf('reasoning_display', at, 'the target protocol cannot say how thinking is shown'))
}

function writeOff(wish: ReasoningWish, dialect: string, quirks: Quirks, body: Draft, losses: Loss[]): void {
  if (quirks.reasoningAlwaysOn === true) {
    losses.push(lossOf('reasoning', wish.at, 'the thinking of this model cannot be turned off'))
    return
  }
  switch (dialect) {
    case 'effort':
      if (quirks.efforts === undefined || quirks.efforts.includes('none')) body.reasoning_effort = 'none'
      else losses.push(lossOf('reasoning', wish.at, 'this provider cannot be told not to think'))
      return
    case 'thinking':
      body.thinking = { type: 'disabled' }
      return
    case 'enable_thinking':
      body.enable_thinking = false
      return
    case 'reasoning':
      body.reasoning = { ...asDraft(body.reasoning), enabled: false }
      return
    default:
    // A provider that cannot be asked to think is not thinking.
  }
}

function writeEffort(
  wish: ReasoningWish,
  quirks: Quirks,
  body: Draft,
  losses: Loss[],
  assumptions: Assumption[],
): void {
  if (wish.effort !== undefined) {
    body.reasoning_effort = knownEffort(wish.effort, wish.at, quirks, losses)
    return
  }
  // Adaptive is what a provider does that is told nothing.
  if (wish.mode === 'adaptive' && wish.budgetTokens === undefined) return
  const effort = nearestEffort(effortOfBudget(wish.budgetTokens), quirks.efforts)
  const told =
    wish.budgetTokens === undefined ? 'thinking without an effort' : `a budget of ${wish.budgetTokens} tokens`
  body.reasoning_effort = effort
  assumptions.push({ path: 'reasoning_effort', value: effort, reason: `the client asked for ${told}` })
}

function writeThinking(
  wish: ReasoningWish,
  quirks: Quirks,
  body: Draft,
  losses: Loss[],
  assumptions: Assumption[],
): void {
  body.thinking = { type: 'enabled' }
  if (wish.effort !== undefined) body.reasoning_effort = knownEffort(wish.effort, wish.at, quirks, losses)
  const path = 'thinking.type'
  if (wish.budgetTokens !== undefined)
    assumptions.push({
      path,
      value: 'enabled',
      reason: `stands for a budget of ${wish.budgetTokens} tokens, for which there are no words`,
    })
  else if (wish.mode === 'adaptive')
    assumptions.push({ path, value: 'enabled', reason: 'stands for adaptive thinking, for which there is no word' })
}

function reasoningObject(wish: ReasoningWish): Draft {
  if (wish.effort !== undefined) return { effort: wish.effort }
  if (wish.budgetTokens !== undefined) return { max_tokens: wish.budgetTokens }
  return { enabled: true }
}

/** A budget for an effort; the highest efforts get none, which is as much as the model may. */
function assumeBudget(effort: string, body: Draft, assumptions: Assumption[]): void {
  const tokens = effort === 'minimal' ? 1024 : EFFORT_BUDGETS.find(row => row.effort === effort)?.tokens
  if (tokens !== undefined) body.thinking_budget = tokens
  assumptions.push({
    path: 'thinking_budget',
    value: tokens === undefined ? 'no limit' : String(tokens),
    reason: `stands for the effort "${effort}", for which there is no word`,
  })
}

function effortOfBudget(tokens: number | undefined): string {
  if (tokens === undefined) return 'medium'
  return EFFORT_BUDGETS.find(row => tokens <= row.tokens)?.effort ?? 'high'
}

function knownEffort(effort: string, at: string, quirks: Quirks, losses: Loss[]): string {
  const known = nearestEffort(effort, quirks.efforts)
  if (known !== effort)
    losses.push(lossOf('reasoning', at, `the effort "${effort}" is not known here; the nearest is "${known}"`))
  return known
}

/** The nearest effort a provider knows; of two equally near ones the higher. */
function nearestEffort(effort: string, known: readonly string[] | undefined): string {
  const candidates = known?.filter(name => name !== 'none') ?? []
  const place = rank(effort)
  if (candidates.length === 0 || candidates.includes(effort) || place < 0) return effort
  const ranked = candidates.map(name => ({ name, gap: Math.abs(rank(name) - place), place: rank(name) }))
  ranked.sort((a, b) => a.gap - b.gap || b.place - a.place)
  return ranked[0]?.name ?? effort
}

function rank(effort: string): number {
  return SCALE.indexOf(effort)
}

function asDraft(value: unknown): Draft {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
