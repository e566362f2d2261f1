import { parseJson } from '../../base/json.ts'
import { asArray, isObject, type JsonObject } from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import { DONE, openFrameDecoder, quoteFrame } from '../stream-frames.ts'
import type { StreamDecoder } from '../wire-protocol.ts'
import { decodeProblem } from './problem.ts'
import { openReplyReader } from './reply-reader.ts'

const NO_CHUNK = 'The provider sent a chunk that is not a JSON object.'

/**
 * Reads a provider's stream: each frame is one `GenerateContentResponse`, or a list of them. There is no end mark, and some servers tell a reason to
 * finish in every chunk, so candidates are over when the stream is: complete if each has its reason, else `stream_truncated`.
 */
export function openDecoder(): StreamDecoder {
  const reader = openReplyReader()
  return openFrameDecoder(
    (data, frame) => {
      if (data === '') return [{ type: 'ping' }]
      if (data === DONE) return reader.unknown(DONE)
      const parsed = parseJson(data)
      if (!parsed.ok) return reader.broken(NO_CHUNK, quoteFrame(data))
      const { value } = parsed
      if (frame.event === 'error') return [{ type: 'failure', problem: decodeProblem(200, value) }]
      if (isObject(value)) return reader.chunk(value)
      const chunks = asArray(value)
      const fits = chunks.length > 0 && chunks.every(isObject)
      return fits ? chunks.flatMap(chunk => reader.chunk(chunk)) : reader.broken(NO_CHUNK, quoteFrame(data))
    },
    () => reader.end(),
  )
}

/** Reads a whole reply through the same reducer. One that holds neither a candidate nor a reason for that is no reply. */
export function decodeReply(body: JsonObject): readonly Event[] {
  const reader = openReplyReader()
  const events = reader.chunk(body)
  return events.at(-1)?.type === 'failure' ? events : [...events, ...reader.complete()]
}
