import type { Part, Turn } from '../canon/request.ts'

/** Stands for the user where a conversation begins without one; most targets want a message of the user's first, and not an empty one. */
export const USER_FILLER = '…'

/** Instructions in the middle of a conversation become user text between these tags, where a target takes them only at the top. */
const MARKED_OPEN = '<system_instruction>'
const MARKED_CLOSE = '</system_instruction>'

/** The instructions at the top, and all that follows the first other turn. */
export function splitInstructions(turns: readonly Turn[]): {
  readonly head: readonly Turn[]
  readonly rest: readonly Turn[]
} {
  const firstOther = turns.findIndex(turn => !isInstruction(turn))
  const head = firstOther < 0 ? turns : turns.slice(0, firstOther)
  return { head, rest: turns.slice(head.length) }
}

/** True for a turn that instructs the model. */
export function isInstruction(turn: Turn): boolean {
  return turn.role === 'system' || turn.role === 'developer'
}

/** Why marked instructions are told as a loss (`instructions_inside`). */
export const MARKED_REASON = 'instructions can only stand at the beginning; sent as a marked user text'

/** The turn with its texts marked. */
export function markInstructions(turn: Turn): Turn {
  const parts = turn.parts.map(
    (part): Part => (part.type === 'text' ? { ...part, text: `${MARKED_OPEN}\n${part.text}\n${MARKED_CLOSE}` } : part),
  )
  return { ...turn, parts }
}
