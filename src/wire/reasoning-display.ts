import type { ReasoningWish } from '../canon/request.ts'

/** Whether the text of thinking stands in a reply. */
export type Display = 'shown' | 'hidden'

/** All words for it: Anthropic's `display`, the `summary` of Responses, and what Chat Completions' and Gemini's booleans are read as. */
const WORDS: ReadonlyMap<string, Display> = new Map([
  ['auto', 'shown'],
  ['summarized', 'shown'],
  ['concise', 'shown'],
  ['detailed', 'shown'],
  ['omitted', 'hidden'],
  ['none', 'hidden'],
])

/** Words for the length of a summary, which only Responses has. */
const LENGTHS: readonly string[] = ['concise', 'detailed']

/** What the replies of a target can do. */
export interface Displays {
  readonly shows: boolean
  readonly hides: boolean
}

/**
 * What a target is to be asked for, so that thinking is shown as the client wants it; undefined where nothing is to be asked: the client did not
 * say, nothing is thought, or the target cannot do it. A target that does by itself what the client wants loses nothing; one that cannot, or
 * has no choice of length, is told by `lose`.
 */
export function displayFor(wish: ReasoningWish, can: Displays, lose: (reason: string) => void): Display | undefined {
  const { show, mode } = wish
  if (show === undefined || mode === 'off') return undefined
  const display = WORDS.get(show)
  if (display === undefined) lose(`there is no word for "${show}"`)
  else if (display === 'hidden' && !can.hides) lose('thinking cannot be hidden there')
  else if (display === 'shown' && !can.shows) lose('thinking is never shown there')
  else {
    if (LENGTHS.includes(show)) lose('summaries have no choice of length there')
    return display
  }
  return undefined
}
