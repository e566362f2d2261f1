import { parseJson } from '../../base/json.ts'
import { asArray, isObject, type JsonObject } from '../../base/json-value.ts'
import { quoteText, redactText } from '../../base/redact.ts'
import type { Event } from '../../canon/event.ts'
import type { Frame, StreamDecoder } from '../wire-protocol.ts'
import { decodeProblem } from './problem.ts'
import { openReplyReader } from './reply-reader.ts'

/** The words that end streams of other protocols; some proxies write them here too. */
const DONE = '[DONE]'

/** Longest quotation of a frame that could not be read, in characters. */
const QUOTED_CHARS_MAX = 300

const NO_CHUNK = 'The provider sent a chunk that is not a JSON object.'

/**
 * Reads a provider's stream: each frame is one `GenerateContentResponse`, or a list of them. There is no end mark, and some servers tell a reason to
 * finish in every chunk, so candidates are over when the stream is: complete if each has its reason, else `stream_truncated`.
 */
export function openDecoder(): StreamDecoder {
  const reader = openReplyReader()
  let over = false

  function closing(events: readonly Event[]): readonly Event[] {
    const last = events.at(-1)?.type
    over = over || last === 'reply-end' || last === 'failure'
    return events
  }

  function read(frame: Frame): readonly Event[] {
    const data = trimmed(frame.data)
    if (data === '') return [{ type: 'ping' }]
    if (data === DONE) return reader.unknown(DONE)
    const parsed = parseJson(data)
    if (!parsed.ok) return reader.broken(NO_CHUNK, quote(data))
    const { value } = parsed
    if (frame.event === 'error') return [{ type: 'failure', problem: decodeProblem(200, value) }]
    if (isObject(value)) return reader.chunk(value)
    const chunks = asArray(value)
    const fits = chunks.length > 0 && chunks.every(isObject)
    return fits ? chunks.flatMap(chunk => reader.chunk(chunk)) : reader.broken(NO_CHUNK, quote(data))
  }

  return {
    push: frame => (over ? [] : closing(read(frame))),
    end: () => (over ? [] : closing(reader.end())),
  }
}

/** Reads a whole reply through the same reducer. One that holds neither a candidate nor a reason for that is no reply. */
export function decodeReply(body: JsonObject): readonly Event[] {
  const reader = openReplyReader()
  const events = reader.chunk(body)
  return events.at(-1)?.type === 'failure' ? events : [...events, ...reader.complete()]
}

/** Few servers put space around the payload. */
function trimmed(data: string): string {
  return data.charCodeAt(0) > 0x20 && data.charCodeAt(data.length - 1) > 0x20 ? data : data.trim()
}

function quote(data: string): string {
  return quoteText(redactText(data), QUOTED_CHARS_MAX)
}
