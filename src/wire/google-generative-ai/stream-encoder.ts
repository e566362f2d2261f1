import type { JsonObject } from '../../base/json-value.ts'
import type { Problem } from '../../canon/problem.ts'
import type { Frame, ReplyContext, StreamEncoder } from '../wire-protocol.ts'
import type { Piece } from './candidate-writer.ts'
import { encodeProblem } from './problem.ts'
import { openReplyWriter } from './reply-writer.ts'

/** The last chunk has content too: clients that keep a conversation take a chunk without any for a broken reply. */
const EMPTY_CONTENT: JsonObject = { parts: [{ text: '' }], role: 'model' }

/**
 * Writes a client's stream: frames of `data` alone, because Gemini's clients pass over an event with a name. Reasons to finish and usage stand in
 * one last chunk; nothing follows it, since the protocol has no end mark. A failure is an `error` chunk in Google's envelope, and then no reason
 * to finish was told. A ping has no words here.
 */
export function openEncoder(context: ReplyContext): StreamEncoder {
  const writer = openReplyWriter(context)
  let tail: string | undefined
  let over = false
  const begun = new Set<number>()

  /** The end of every chunk is the same text. */
  function tailText(): string {
    tail ??= `,${JSON.stringify(writer.tail()).slice(1)}`
    return tail
  }

  /** Clients find a candidate by its place in the list: those before it stand there too, with nothing to say. */
  function candidates(piece: Piece): string {
    begun.add(piece.index)
    const own = JSON.stringify(candidateOf(piece))
    if (piece.index === 0) return own
    const others = [...begun].filter(index => index < piece.index).sort((a, b) => a - b)
    return [...others.map(index => JSON.stringify({ content: EMPTY_CONTENT, index })), own].join(',')
  }

  function ending(): Frame {
    const { candidates: ends, ...rest } = writer.ending()
    const full = ends.map(({ index, ...candidate }) => ({ content: EMPTY_CONTENT, ...candidate, index }))
    const begin = JSON.stringify({ ...(full.length === 0 ? {} : { candidates: full }), ...rest })
    return { data: `${begin.slice(0, -1)}${tailText()}` }
  }

  function failed(found: Problem): Frame {
    over = true
    return { data: JSON.stringify(encodeProblem(found, context.requestId)) }
  }

  return {
    push(event) {
      if (over) return []
      if (event.type === 'failure') return [failed(event.problem)]
      if (event.type === 'reply-end') {
        over = true
        return [ending()]
      }
      if (event.type === 'reply-start') tail = undefined
      const pieces = writer.push(event)
      const fault = writer.fault()
      if (fault !== undefined) return [failed(fault)]
      return pieces.map(piece => ({ data: `{"candidates":[${candidates(piece)}]${tailText()}` }))
    },
    unsaid: () => writer.unsaid(),
  }
}

function candidateOf({ index, part, logprobsResult }: Piece): JsonObject {
  const content = { parts: [part], role: 'model' }
  return logprobsResult === undefined ? { content, index } : { content, logprobsResult, index }
}
