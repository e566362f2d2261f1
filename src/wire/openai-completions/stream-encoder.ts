import type { JsonObject } from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import type { Frame, ReplyContext, StreamEncoder } from '../wire-protocol.ts'
import { encodeProblem } from './problem.ts'
import { openReplyWriter, type Piece } from './reply-writer.ts'
import { DONE } from './stream-decoder.ts'

/**
 * Writes a client's stream. Usage comes in a chunk of its own before `[DONE]`, if the client asked for it. A failure is told in an error
 * frame, and then no `[DONE]` follows: that would say the answer is whole.
 */
export function openEncoder(context: ReplyContext): StreamEncoder {
  const writer = openReplyWriter(context)
  let over = false

  function chunk(choices: readonly JsonObject[], more: JsonObject = {}): Frame {
    const { id, created, model } = writer.head()
    return frame({ id, object: 'chat.completion.chunk', created, model, choices, ...more })
  }

  function ending(): Frame[] {
    const usage = context.streamUsage ? writer.usage() : undefined
    return [...(usage === undefined ? [] : [chunk([], { usage })]), { data: DONE }]
  }

  function write(event: Event): readonly Frame[] {
    if (event.type === 'failure') return [frame(encodeProblem(event.problem, context.requestId))]
    if (event.type === 'reply-end') return ending()
    return writer.push(event).map(piece => chunk([choiceOf(piece)]))
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

function frame(body: JsonObject): Frame {
  return { data: JSON.stringify(body) }
}
