import { parseJson } from '../../base/json.ts'
import { isObject, type JsonObject } from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import { DONE, openFrameDecoder, quoteFrame } from '../stream-frames.ts'
import type { StreamDecoder } from '../wire-protocol.ts'
import { decodeProblem } from './problem.ts'
import { openReplyReader } from './reply-reader.ts'

/**
 * Reads a provider's stream. `[DONE]` completes it. Some servers leave it out: then it is complete if every choice that began has
 * stopped, and truncated otherwise.
 */
export function openDecoder(): StreamDecoder {
  const reader = openReplyReader()
  return openFrameDecoder(
    (data, frame) => {
      if (data === '') return [{ type: 'ping' }]
      if (data === DONE) return reader.complete()
      const parsed = parseJson(data)
      if (!parsed.ok || !isObject(parsed.value))
        return reader.broken('The provider sent a chunk that is not a JSON object.', quoteFrame(data))
      if (frame.event === 'error') return [{ type: 'failure', problem: decodeProblem(200, parsed.value) }]
      return reader.chunk(parsed.value)
    },
    () => reader.cut(),
  )
}

/** Reads a whole reply through the same reducer. One that does not hold a list of choices is no reply. */
export function decodeReply(body: JsonObject): readonly Event[] {
  const reader = openReplyReader()
  const events = reader.chunk(body)
  return events.at(-1)?.type === 'failure' ? events : [...events, ...reader.complete()]
}
