import { parseJson } from '../../base/json.ts'
import { isObject, type JsonObject } from '../../base/json-value.ts'
import { quoteText, redactText } from '../../base/redact.ts'
import type { Event } from '../../canon/event.ts'
import type { Frame, StreamDecoder } from '../wire-protocol.ts'
import { decodeProblem } from './problem.ts'
import { openReplyReader } from './reply-reader.ts'

/** The words that end a stream. */
export const DONE = '[DONE]'

/** Longest quotation of a frame that could not be read, in characters. */
const QUOTED_CHARS_MAX = 300

/**
 * Reads a provider's stream. `[DONE]` completes it. Some servers leave it out: then it is complete if every choice that began has
 * stopped, and truncated otherwise.
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
    if (data === DONE) return reader.complete()
    const parsed = parseJson(data)
    if (!parsed.ok || !isObject(parsed.value))
      return reader.broken('The provider sent a chunk that is not a JSON object.', quote(data))
    if (frame.event === 'error') return [{ type: 'failure', problem: decodeProblem(200, parsed.value) }]
    return reader.chunk(parsed.value)
  }

  return {
    push: frame => (over ? [] : closing(read(frame))),
    end: () => (over ? [] : closing(reader.cut())),
  }
}

/** Reads a whole reply through the same reducer. One that does not hold a list of choices is no reply. */
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
