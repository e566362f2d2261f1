import type { JsonObject } from '../../base/json-value.ts'
import type { ReasoningWish } from '../../canon/request.ts'
import { effortOfBudget, nearestEffort } from '../efforts.ts'
import { effortPlace } from '../places.ts'
import { displayFor } from '../reasoning-display.ts'
import { PROTOCOL } from './protocol.ts'
import type { Writing } from './writing.ts'

/** Where nothing else is said: a client that turns thinking on wants some. */
const EFFORT_DEFAULT = 'medium'

/** The summary of the length that suits the model (SDK type `Reasoning`, 2026). */
const SHOWN = 'auto'

/** Writes `reasoning`: how much to think, and how it is shown. Undefined where nothing is to be said. */
export function writeReasoningWish(writing: Writing): JsonObject | undefined {
  const wish = writing.request.reasoning
  if (wish === undefined) return undefined
  if (writing.quirks.reasoning === 'none') {
    if (wish.mode !== 'off') writing.lose('reasoning', wish.at, 'this provider cannot be told how much to think')
    return undefined
  }
  const effort = wish.mode === 'off' ? writeOff(wish, writing) : writeEffort(wish, writing)
  const summary = writeShow(wish, writing)
  if (effort === undefined && summary === undefined) return undefined
  return { ...(effort === undefined ? {} : { effort }), ...(summary === undefined ? {} : { summary }) }
}

/**
 * True if the answer may hold reasoning, so that it has to be asked for in a form that can be given back. Models that never think refuse to
 * be asked for it.
 */
export function mayReason({ request, quirks }: Writing): boolean {
  if (quirks.reasoningAlwaysOn === true) return true
  if (request.reasoning !== undefined) return request.reasoning.mode !== 'off' && quirks.reasoning !== 'none'
  return request.turns.some(turn =>
    turn.parts.some(part => part.type === 'reasoning' && (part.origin ?? request.from) === PROTOCOL),
  )
}

function writeOff(wish: ReasoningWish, { quirks, lose }: Writing): string | undefined {
  if (quirks.reasoningAlwaysOn === true) {
    lose('reasoning', wish.at, 'the thinking of this model cannot be turned off')
    return undefined
  }
  if (quirks.efforts === undefined || quirks.efforts.includes('none')) return 'none'
  lose('reasoning', wish.at, 'this provider cannot be told not to think')
  return undefined
}

function writeEffort(wish: ReasoningWish, { quirks, lose, assume }: Writing): string | undefined {
  const { effort, budgetTokens } = wish
  if (effort !== undefined) {
    const known = nearestEffort(effort, quirks.efforts)
    if (known !== effort)
      lose('reasoning_effort', effortPlace(wish), `the effort "${effort}" is not known here; the nearest is "${known}"`)
    return known
  }
  // Adaptive is what a provider does that is told nothing.
  if (wish.mode === 'adaptive' && budgetTokens === undefined) return undefined
  const chosen = nearestEffort(
    budgetTokens === undefined ? EFFORT_DEFAULT : effortOfBudget(budgetTokens),
    quirks.efforts,
  )
  const told = budgetTokens === undefined ? 'thinking without an effort' : `a budget of ${budgetTokens} tokens`
  assume('reasoning.effort', chosen, `the client asked for ${told}`)
  return chosen
}

/** Thinking is not shown here unless asked for. */
function writeShow(wish: ReasoningWish, { own, lose }: Writing): string | undefined {
  if (own) return wish.show
  const can = { shows: true, hides: true }
  const display = displayFor(wish, can, reason => lose('reasoning_display', wish.at, reason))
  return display === 'shown' ? SHOWN : undefined
}
