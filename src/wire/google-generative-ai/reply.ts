import { asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import type { EncodedReply, ReplyContext } from '../wire-protocol.ts'
import { joinLogprobs } from './candidate-logprobs.ts'
import type { Piece } from './candidate-writer.ts'
import { encodeProblem } from './problem.ts'
import { openReplyWriter } from './reply-writer.ts'

/** A candidate's content under construction. */
interface Content {
  readonly parts: Record<string, JsonValue | undefined>[]
  logprobsResult: JsonObject | undefined
}

/** Writes a whole reply: the pieces of the stream, put together. Events that end in a failure give its error body. */
export function encodeReply(events: readonly Event[], context: ReplyContext): EncodedReply {
  const writer = openReplyWriter(context)
  const contents = new Map<number, Content>()
  for (const event of events) {
    if (event.type === 'failure')
      return { body: encodeProblem(event.problem, context.requestId), unsaid: writer.unsaid() }
    for (const piece of writer.push(event)) join(contents, piece)
  }
  const { candidates, ...rest } = writer.ending()
  const full = candidates.map(candidate => candidateOf(candidate, contents.get(Number(candidate.index))))
  return {
    body: { ...(full.length === 0 ? {} : { candidates: full }), ...rest, ...writer.tail() },
    unsaid: writer.unsaid(),
  }
}

function candidateOf({ index, ...candidate }: JsonObject, content: Content | undefined): JsonObject {
  const logprobsResult = content?.logprobsResult
  return {
    content: { parts: content?.parts ?? [], role: 'model' },
    ...candidate,
    ...(logprobsResult === undefined ? {} : { logprobsResult }),
    index: index ?? 0,
  }
}

function join(contents: Map<number, Content>, { index, part, logprobsResult }: Piece): void {
  const content = contents.get(index) ?? { parts: [], logprobsResult: undefined }
  contents.set(index, content)
  if (logprobsResult !== undefined) {
    content.logprobsResult = joinLogprobs(content.logprobsResult, logprobsResult)
    return
  }
  const before = content.parts.at(-1)
  if (before === undefined || !goesOn(before, part)) content.parts.push({ ...part })
  else {
    before.text = (asString(before.text) ?? '') + (asString(part.text) ?? '')
    if (part.thoughtSignature !== undefined) before.thoughtSignature = part.thoughtSignature
  }
}

/** Text goes on in the part before it if both are the same kind of text, until that part is signed. */
function goesOn(before: JsonObject, part: JsonObject): boolean {
  const texts = typeof before.text === 'string' && typeof part.text === 'string'
  return texts && before.thoughtSignature === undefined && before.thought === part.thought
}
