import type { Event } from '../../canon/event.ts'

/**
 * Holds back foreign reasoning that comes after text and has no text of its own, only a signature: Gemini signs its answers so. Clients take the
 * last block of a message for the answer, and an empty one there would hide it. A block that follows brings it out. At the end of the reply it
 * is left out and named: its provider takes the next turn without it.
 */
export interface TrailingSeals {
  /** The events to write for this one, in the grammar's order. */
  take(event: Event): readonly Event[]
}

/** What is named as unsaid. */
const UNSAID = 'signature of a text'

/** Opens the holder for one reply. */
export function openTrailingSeals(unsaid: (name: string) => void): TrailingSeals {
  /** Blocks that have begun, and may turn out to be nothing but a signature. */
  const begun = new Map<number, Event[]>()
  let sealed: Event[] = []
  let textSeen = false

  const bringOut = (...after: readonly Event[]): readonly Event[] => {
    const out = [...sealed, ...after]
    sealed = []
    return out
  }

  function take(event: Event): readonly Event[] {
    switch (event.type) {
      case 'block-start':
        if (textSeen && event.block.type === 'reasoning' && event.block.redacted === undefined) {
          begun.set(event.index, [event])
          return []
        }
        textSeen ||= event.block.type === 'text'
        return bringOut(event)
      case 'block-delta':
      case 'block-stop':
        return inBlock(event)
      case 'reply-end':
        if (sealed.length > 0) unsaid(UNSAID)
        return [event]
      default:
        return [event]
    }
  }

  function inBlock(event: Event & { readonly type: 'block-delta' | 'block-stop' }): readonly Event[] {
    const held = begun.get(event.index)
    if (held === undefined) return [event]
    held.push(event)
    if (event.type === 'block-delta' && event.delta.type === 'signature') return []
    begun.delete(event.index)
    if (event.type === 'block-delta') return bringOut(...held)
    sealed.push(...held)
    return []
  }

  return { take }
}
