import { formatSse } from '../base/sse.ts'
import { nextEventEnd, openEventCutter } from '../base/sse-boundary.ts'
import type { Event } from '../canon/event.ts'
import { type Problem, problem } from '../canon/problem.ts'
import type { Frame, ReplyContext, StreamEncoder, WireProtocol } from '../wire/wire-protocol.ts'
import type { Framing } from './framing.ts'
import { type Heard, type Listener, openListener } from './listener.ts'

/**
 * Turns a provider's stream into the client's. Whatever it gives out ends at the end of an event, so a heartbeat or an ending can follow at
 * any moment.
 */
export interface Relay {
  readonly heard: Heard
  /** What goes to the client for these bytes; undefined if nothing yet. */
  push(bytes: Uint8Array): Uint8Array | undefined
  /** The provider's stream is over, cleanly or cut: the closing bytes, if any are owed. */
  end(clean: boolean): Uint8Array | undefined
  /** Ends the client's stream with a problem, in its own protocol. Undefined if it has had its ending. */
  fail(found: Problem): Uint8Array | undefined
  /** Parts of the reply the client's protocol had no words for. */
  unsaid(): readonly string[]
}

/** Says more of a failure than the protocol alone can. */
export type Diagnose = (found: Problem) => Problem

/** Bytes of one unfinished event held back at most. */
const HELD_BYTES_MAX = 16 * 1024 * 1024

const encoder = new TextEncoder()

/** What every protocol's error events hold. A piece without it is listened to at once, one with it event by event. */
const ERROR_WORD = Buffer.from('error')

/**
 * Both sides speak the same protocol: bytes go through as they came, and are listened to. All but one thing: where the provider tells an error,
 * the client is told it by Candor, in the same protocol, with the diagnosis and the provider's words quoted and without keys in them.
 */
export function openPassThrough(protocol: WireProtocol, context: ReplyContext, diagnose: Diagnose): Relay {
  const listener = openListener(protocol, diagnose)
  const cutter = openEventCutter(HELD_BYTES_MAX)
  const ending = openEnding(() => protocol.openEncoder(context))

  function take(whole: Uint8Array): Uint8Array | undefined {
    const kept = keptOf(whole, listener)
    const how = listener.heard.ending
    if (how === undefined) return kept
    if (how === 'complete') {
      ending.mark()
      return kept
    }
    const told = ending.write(how)
    return told === undefined ? kept : Buffer.concat([kept, told])
  }

  return {
    heard: listener.heard,
    push(bytes) {
      if (ending.written()) return undefined
      try {
        const whole = cutter.push(bytes)
        return whole === undefined ? undefined : take(whole)
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        const found = problem('upstream_protocol', `The provider sent an event too large to pass on: ${error.message}.`)
        listener.fail(found)
        return ending.write(found)
      }
    },
    end(clean) {
      const rest = clean && !ending.written() ? cutter.finish() : undefined
      const last = rest === undefined ? undefined : take(rest)
      // Any other rest that was held back is half an event: it is not given out, and the listener never saw it.
      if (listener.heard.ending === undefined) listener.end(clean)
      const how = listener.heard.ending
      const closing = how === undefined || how === 'complete' ? undefined : ending.write(how)
      return last === undefined || closing === undefined ? (last ?? closing) : Buffer.concat([last, closing])
    },
    fail: found => ending.write(found),
    unsaid: () => [],
  }
}

/** Listens to whole events, and gives back those that go on to the client: all, or those before one that tells a failure. */
function keptOf(whole: Uint8Array, listener: Listener): Uint8Array {
  if (!Buffer.from(whole.buffer, whole.byteOffset, whole.length).includes(ERROR_WORD)) {
    listener.push(whole)
    return whole
  }
  let from = 0
  while (from < whole.length) {
    const end = nextEventEnd(whole, from)
    listener.push(whole.subarray(from, end))
    const how = listener.heard.ending
    // What a listener alone finds wrong, such as text that is no JSON, goes on: it is the provider's, and it is followed by our word on it.
    if (how !== undefined && how !== 'complete') return whole.subarray(0, how.code === 'upstream_protocol' ? end : from)
    from = end
  }
  return whole
}

/** The two sides differ: every event is read and said again. */
export function openTranslation(
  from: WireProtocol,
  to: WireProtocol,
  context: ReplyContext,
  diagnose: Diagnose,
  framing: Framing,
): Relay {
  const listener = openListener(from, diagnose)
  const writer = to.openEncoder(context)
  const framed = framing.openWriter()
  let over = false
  const say = (events: readonly Event[]): Uint8Array | undefined => {
    let text = ''
    for (const event of events) {
      if (over) break
      text += framed.write(writer.push(event))
      if (event.type !== 'reply-end' && event.type !== 'failure') continue
      over = true
      text += framed.close()
    }
    return text === '' ? undefined : encoder.encode(text)
  }
  return {
    heard: listener.heard,
    push: bytes => say(listener.push(bytes)),
    end: clean => say(listener.end(clean)),
    fail: found => say([{ type: 'failure', problem: found }]),
    unsaid: () => [...new Set([...writer.unsaid(), ...listener.heard.unknown])],
  }
}

/** The frames of a whole series of events, for a client that asked for a stream and a provider that gave none. */
export function streamOf(events: readonly Event[], writer: StreamEncoder, framing: Framing): Uint8Array {
  const frames: Frame[] = events.flatMap(event => [...writer.push(event)])
  const framed = framing.openWriter()
  return encoder.encode(framed.write(frames) + framed.close())
}

/** Most streams end by themselves, so the writer of a spoken ending is only made when one is owed. */
function openEnding(openWriter: () => StreamEncoder) {
  let written = false
  return {
    written: () => written,
    mark() {
      written = true
    },
    write(found: Problem): Uint8Array | undefined {
      if (written) return undefined
      written = true
      return encoder.encode(openWriter().push({ type: 'failure', problem: found }).map(formatSse).join(''))
    },
  }
}
