import { quoteText, redactText } from '../base/redact.ts'
import type { Event } from '../canon/event.ts'
import type { Frame, StreamDecoder } from './wire-protocol.ts'

/** The word that ends streams of Chat Completions; some proxies write it in those of other protocols too. */
export const DONE = '[DONE]'

/** Longest quotation of a frame that could not be read, in characters. */
const QUOTED_CHARS_MAX = 300

/** A decoder that gives nothing after its terminal event. `read` takes a frame with its data free of space around it. */
export function openFrameDecoder(
  read: (data: string, frame: Frame) => readonly Event[],
  end: () => readonly Event[],
): StreamDecoder {
  let over = false

  function closing(events: readonly Event[]): readonly Event[] {
    const last = events.at(-1)?.type
    over = last === 'reply-end' || last === 'failure'
    return events
  }

  return {
    push: frame => (over ? [] : closing(read(trimmed(frame.data), frame))),
    end: () => (over ? [] : closing(end())),
  }
}

/** Few servers put space around the payload. */
function trimmed(data: string): string {
  return data.charCodeAt(0) > 0x20 && data.charCodeAt(data.length - 1) > 0x20 ? data : data.trim()
}

/** A frame that could not be read, as the provider's words. */
export function quoteFrame(data: string): string {
  return quoteText(redactText(data), QUOTED_CHARS_MAX)
}
