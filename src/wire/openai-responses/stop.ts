import type { StopReason } from '../../canon/stop.ts'

/** Why a response is `incomplete` (SDK type `Response.IncompleteDetails`, 2026), where the canonical form has the reason. */
const INCOMPLETE: Readonly<Record<string, StopReason>> = {
  max_output_tokens: 'length',
  content_filter: 'content-filter',
}

/** What the blocks of a reply tell about why it ended: this protocol has no word of its own for it. */
export interface Said {
  readonly called: boolean
  readonly refused: boolean
  readonly spoke: boolean
}

/** A stop as the canonical form has it. */
export interface Stop {
  readonly reason: StopReason
  readonly raw: string
}

/** Reads a response's `status` and, of an incomplete one, the reason. The output limit counts before a call that it may have cut. */
export function readStop(status: string, incompleteReason: string | undefined, said: Said): Stop {
  if (status === 'incomplete') {
    const raw = incompleteReason || status
    return { reason: Object.hasOwn(INCOMPLETE, raw) ? (INCOMPLETE[raw] ?? 'other') : 'other', raw }
  }
  if (status !== 'completed') return { reason: 'other', raw: status }
  if (said.called) return { reason: 'tool-calls', raw: status }
  return { reason: said.refused && !said.spoke ? 'refusal' : 'end', raw: status }
}

/** How a response says that it ended. */
export interface StopWords {
  readonly status: 'completed' | 'incomplete'
  /** For `incomplete`. */
  readonly reason?: string
  /** What of the stop has no words here. */
  readonly unsaid?: string
}

const COMPLETED: StopWords = { status: 'completed' }

/**
 * The words for a stop. A refusal that was spoken completes the answer; one without words is what `content_filter` stands for. `own`: the stop
 * was read from this protocol, so a reason no table knows goes back as it came.
 */
export function writeStop({ reason, raw }: Stop, spokenRefusal: boolean, own: boolean): StopWords {
  switch (reason) {
    case 'length':
      return { status: 'incomplete', reason: 'max_output_tokens' }
    case 'context-full':
      return { status: 'incomplete', reason: 'max_output_tokens', unsaid: `stop reason ${raw}` }
    case 'content-filter':
      return { status: 'incomplete', reason: 'content_filter' }
    case 'refusal':
      return spokenRefusal ? COMPLETED : { status: 'incomplete', reason: 'content_filter' }
    case 'pause':
      return { ...COMPLETED, unsaid: `stop reason ${raw}` }
    case 'other':
      if (raw === '') return COMPLETED
      return own ? { status: 'incomplete', reason: raw } : { ...COMPLETED, unsaid: `stop reason ${raw}` }
    default:
      return COMPLETED
  }
}
