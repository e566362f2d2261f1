/** Largest event of a stream, in characters: a picture may come as one. */
const EVENT_CHARS_MAX = 32 * 1024 * 1024

/** What reads server-sent events. */
export interface EventReader {
  /** The data of the events that are whole with this text, however the stream was cut into texts. Throws on an event without end. */
  push(text: string): readonly string[]
}

/** Reads the data of server-sent events (html.spec.whatwg.org, 9.2.6). Names, ids and comments are passed over. */
export function openEventReader(): EventReader {
  let rest = ''
  let data: string[] = []
  let size = 0

  function line(text: string): string | undefined {
    if (text === '') {
      const event = data.length === 0 ? undefined : data.join('\n')
      data = []
      size = 0
      return event
    }
    if (text === 'data' || text.startsWith('data:')) data.push(text.slice('data:'.length).replace(/^ /, ''))
    return undefined
  }

  return {
    push(text) {
      size += text.length
      if (size > EVENT_CHARS_MAX) throw new Error('An event of the stream is too large to be shown.')
      const all = rest + text
      // A carriage return at the end may be the first half of a line break.
      const whole = all.endsWith('\r') ? all.slice(0, -1) : all
      const lines = whole.split(/\r\n|\n|\r/)
      rest = (lines.pop() ?? '') + all.slice(whole.length)
      return lines.flatMap(each => line(each) ?? [])
    },
  }
}
