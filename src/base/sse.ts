/** One server-sent event: the joined `data` lines, and the event's name if it has one. */
export interface SseFrame {
  readonly event?: string
  readonly data: string
}

/** Reads server-sent events from bytes, however they are split. */
export interface SseReader {
  /** True once a line came that the grammar does not know: it was passed over, and something may be missing. */
  readonly strange: boolean
  /** The events these bytes complete. Throws {@link SseOverflow} if one event exceeds the limit. */
  push(bytes: Uint8Array): readonly SseFrame[]
  /**
   * For a stream that ended cleanly: an event whose lines are whole and that lacks only its blank line. An event with an unfinished line is
   * never given out: it may be half of one.
   */
  finish(): readonly SseFrame[]
}

/** One event is larger than the limit. */
export class SseOverflow extends Error {
  constructor(limitChars: number) {
    super(`a single server-sent event is larger than ${limitChars} characters`)
    this.name = 'SseOverflow'
  }
}

/** Largest single event taken from a provider, in characters. A whole image in base64 fits. */
const SSE_EVENT_CHARS_MAX = 16 * 1024 * 1024

/**
 * A reader after the WHATWG grammar: lines end in LF, CR or CRLF; a byte-order mark is skipped; `data:` may have no space after it;
 * several `data` lines join with a line feed; comments and unknown fields are passed over.
 */
export function openSseReader(eventCharsMax = SSE_EVENT_CHARS_MAX): SseReader {
  return new Reader(eventCharsMax)
}

class Reader implements SseReader {
  readonly #eventCharsMax: number
  readonly #decoder = new TextDecoder('utf-8')
  #rest = ''
  #skipLineFeed = false
  #data: string | undefined
  #event: string | undefined
  #heldChars = 0
  strange = false

  constructor(eventCharsMax: number) {
    this.#eventCharsMax = eventCharsMax
  }

  push(bytes: Uint8Array): readonly SseFrame[] {
    const frames: SseFrame[] = []
    this.#take(this.#decoder.decode(bytes, { stream: true }), frames)
    return frames
  }

  finish(): readonly SseFrame[] {
    const frames: SseFrame[] = []
    // A character that was cut counts as an unfinished line.
    this.#take(this.#decoder.decode(), frames)
    if (this.#rest === '') this.#close(frames)
    return frames
  }

  #take(fresh: string, frames: SseFrame[]): void {
    if (fresh === '') return
    const text = this.#skipLineFeed && fresh.charCodeAt(0) === 0x0a ? fresh.slice(1) : fresh
    this.#skipLineFeed = false
    // What is held has no line end, so only the new text is searched: a long line costs its length once, not once a chunk.
    const hasReturn = text.includes('\r')
    const whole = this.#rest + text
    this.#rest = hasReturn || text.includes('\n') ? this.#lines(whole, hasReturn, frames) : whole
    if (this.#heldChars + this.#rest.length > this.#eventCharsMax) throw new SseOverflow(this.#eventCharsMax)
  }

  /** Reads whole lines and gives back what follows the last line end. */
  #lines(text: string, hasReturn: boolean, frames: SseFrame[]): string {
    let from = 0
    for (;;) {
      // Where no CR is in the text the search for LF alone is much cheaper, and that is nearly every stream.
      const end = hasReturn ? lineEnd(text, from) : text.indexOf('\n', from)
      if (end < 0) return from === 0 ? text : text.slice(from)
      if (end === from) this.#close(frames)
      else this.#field(text.slice(from, end))
      from = end + 1
      if (text.charCodeAt(end) === 0x0d) {
        if (from === text.length) this.#skipLineFeed = true
        else if (text.charCodeAt(from) === 0x0a) from += 1
      }
    }
  }

  #field(line: string): void {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    if (name !== 'data' && name !== 'event') {
      // A line that begins with a colon is a comment.
      if (name !== '' && name !== 'id' && name !== 'retry') this.strange = true
      return
    }
    const value = colon < 0 ? '' : line.slice(line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1)
    if (name === 'event') this.#event = value
    else this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
    this.#heldChars += line.length
    if (this.#heldChars > this.#eventCharsMax) throw new SseOverflow(this.#eventCharsMax)
  }

  #close(frames: SseFrame[]): void {
    const data = this.#data
    const event = this.#event
    if (data !== undefined) frames.push(event === undefined || event === '' ? { data } : { event, data })
    this.#data = undefined
    this.#event = undefined
    this.#heldChars = 0
  }
}

function lineEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x0a || code === 0x0d) return at
  }
  return -1
}

/** One event as it goes on the wire. `data` with line breaks becomes several `data:` lines, so nothing in it can start a new field. */
export function formatSse(frame: SseFrame): string {
  const name = frame.event === undefined ? '' : `event: ${frame.event.replace(/[\r\n]/g, '')}\n`
  const safe = frame.data.includes('\n') || frame.data.includes('\r')
  const lines = safe ? frame.data.split(/\r\n|\r|\n/).join('\ndata: ') : frame.data
  return `${name}data: ${lines}\n\n`
}
