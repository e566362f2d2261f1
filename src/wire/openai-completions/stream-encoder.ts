import type { JsonObject } from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import { DONE } from '../stream-frames.ts'
import type { Frame, ReplyContext, StreamEncoder } from '../wire-protocol.ts'
import { encodeProblem } from './problem.ts'
import { openReplyWriter, type Piece, type ReplyHead } from './reply-writer.ts'

/**
 * Writes a client's stream. Usage comes in a chunk of its own before `[DONE]`, if the client asked for it. A failure is told in an error
 * frame, and then no `[DONE]` follows: that would say the answer is whole.
 */
export function openEncoder(context: ReplyContext): StreamEncoder {
  const writer = openReplyWriter(context)
  let over = false
  let head: ReplyHead | undefined
  let beginning = ''

  /** How every chunk begins, written once. */
  function begin(): string {
    if (head === writer.head()) return beginning
    head = writer.head()
    const { id, created, model } = head
    const fields = JSON.stringify({ id, object: 'chat.completion.chunk', created, model })
    beginning = `${fields.slice(0, -1)},"choices":[`
    return beginning
  }

  function chunk(piece: Piece): Frame {
    return { data: `${begin()}${JSON.stringify(choiceOf(piece))}]}` }
  }

  function ending(): Frame[] {
    const usage = context.streamUsage ? writer.usage() : undefined
    const told = usage === undefined ? [] : [{ data: `${begin()}],"usage":${JSON.stringify(usage)}}` }]
    return [...told, { data: DONE }]
  }

  function write(event: Event): readonly Frame[] {
    if (event.type === 'failure') return [{ data: JSON.stringify(encodeProblem(event.problem, context.requestId)) }]
    if (event.type === 'reply-end') return ending()
    return writer.push(event).map(chunk)
  }

  return {
    push(event) {
      if (over) return []
      over = event.type === 'failure' || event.type === 'reply-end'
      return write(event)
    },
    unsaid: () => writer.unsaid(),
  }
}

function choiceOf(piece: Piece): JsonObject {
  return {
    index: piece.choice,
    delta: piece.delta,
    ...(piece.logprobs === undefined ? {} : { logprobs: piece.logprobs }),
    finish_reason: piece.finish ?? null,
  }
}
