import { openJsonArrayWriter } from '../base/json-array.ts'
import { formatSse } from '../base/sse.ts'
import type { Frame } from '../wire/wire-protocol.ts'

/** The form of a stream's bytes: how its events are kept apart. */
export interface Framing {
  readonly contentType: string
  /** Bytes that mean nothing between two events: clients pass over them, proxies and sockets see that the connection lives. */
  readonly heartbeat: Uint8Array
  openWriter(): FrameWriter
}

/** Writes the events of one stream. */
export interface FrameWriter {
  write(frames: readonly Frame[]): string
  /** What follows the last event. */
  close(): string
}

const encoder = new TextEncoder()

const sseWriter: FrameWriter = {
  write(frames) {
    let text = ''
    for (const frame of frames) text += formatSse(frame)
    return text
  },
  close: () => '',
}

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const SSE: Framing = {
  contentType: 'text/event-stream; charset=utf-8',
  heartbeat: encoder.encode(': candor is waiting for the provider\n\n'),
  openWriter: () => sseWriter,
}

/** One JSON array, an element for each event: how Google streams unless `alt=sse` is asked for. White space may stand between elements. */
export const JSON_ARRAY: Framing = {
  contentType: 'application/json; charset=utf-8',
  heartbeat: encoder.encode('\n'),
  openWriter() {
    const array = openJsonArrayWriter()
    return {
      write: frames => frames.map(({ data }) => array.element(data)).join(''),
      close: () => array.end(),
    }
  },
}
