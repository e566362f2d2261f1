import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { Call } from './call.ts'
import type { CallRecord } from './call-record.ts'
import { estimateTokens } from './estimate-tokens.ts'
import { openNotes } from './listener.ts'
import type { CanonReader } from './prepare.ts'
import type { Answer } from './take-reply.ts'

const encoder = new TextEncoder()

/** Candor's own count of a request's tokens, for a target that has no call for it. Says in the reply and the receipt that it is an estimate. */
export function estimateCount(call: Call, canon: CanonReader, record: CallRecord): Answer | Problem {
  const read = canon()
  if (isProblem(read)) return read
  const { counting } = call.protocol
  if (counting === undefined) return problem('bad_request', 'This protocol has no call for counting tokens.')
  const tokens = estimateTokens(read.request)
  record.draft.assumptions = [
    {
      path: 'input_tokens',
      value: String(tokens),
      reason: 'estimated by Candor: the provider has no call for counting tokens',
    },
  ]
  return {
    type: 'whole',
    heard: openNotes().heard,
    bytes: encoder.encode(JSON.stringify(counting.encodeCount(tokens, true))),
    contentType: 'application/json',
    unsaid: [],
    upstreamHeaders: new Headers(),
  }
}
