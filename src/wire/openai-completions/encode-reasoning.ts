import type { Assumption, Loss } from '../../canon/loss.ts'
import type { ReasoningWish } from '../../canon/request.ts'
import { budgetOfEffort, effortOfBudget, nearestEffort } from '../efforts.ts'
import { effortPlace } from '../places.ts'
import type { Quirks } from '../quirks.ts'
import { displayFor } from '../reasoning-display.ts'
import { type Draft, lossOf } from '../settings.ts'

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
  writeShow(wish, dialect, quirks, body, losses)
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

/** Only OpenRouter's dialect can hide reasoning that is shown by itself. */
function writeShow(wish: ReasoningWish, dialect: string, quirks: Quirks, body: Draft, losses: Loss[]): void {
  const shows = quirks.hidesReasoning !== true
  const display = displayFor(wish, { shows, hides: !shows || dialect === 'reasoning' }, reason =>
    losses.push(lossOf('reasoning_display', wish.at, reason)),
  )
  if (display === 'hidden' && dialect === 'reasoning') body.reasoning = { exclude: true }
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
    body.reasoning_effort = knownEffort(wish.effort, effortPlace(wish), quirks, losses)
    return
  }
  // Adaptive is what a provider does that is told nothing.
  if (wish.mode === 'adaptive' && wish.budgetTokens === undefined) return
  const effort = nearestEffort(
    wish.budgetTokens === undefined ? 'medium' : effortOfBudget(wish.budgetTokens),
    quirks.efforts,
  )
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
  if (wish.effort !== undefined) body.reasoning_effort = knownEffort(wish.effort, effortPlace(wish), quirks, losses)
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
  const tokens = budgetOfEffort(effort)
  if (tokens !== undefined) body.thinking_budget = tokens
  assumptions.push({
    path: 'thinking_budget',
    value: tokens === undefined ? 'no limit' : String(tokens),
    reason: `stands for the effort "${effort}", for which there is no word`,
  })
}

function knownEffort(effort: string, at: string, quirks: Quirks, losses: Loss[]): string {
  const known = nearestEffort(effort, quirks.efforts)
  if (known !== effort)
    losses.push(lossOf('reasoning_effort', at, `the effort "${effort}" is not known here; the nearest is "${known}"`))
  return known
}

function asDraft(value: unknown): Draft {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
