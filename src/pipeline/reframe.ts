import { formatSse, openSseReader, SseOverflow } from '../base/sse.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { Frame, ReplyContext, WireProtocol } from '../wire/wire-protocol.ts'
import type { Framing } from './framing.ts'
import { openListener } from './listener.ts'
import type { Diagnose, Relay } from './relay.ts'

const encoder = new TextEncoder()

/**
 * Both sides speak the same protocol, but the client reads its stream in another form than server-sent events: each event goes out with its
 * own text, unknown fields and all, in that form. An error is told in Candor's words, as in every stream.
 */
export function openReframing(
  protocol: WireProtocol,
  framing: Framing,
  context: ReplyContext,
  diagnose: Diagnose,
): Relay {
  const listener = openListener(protocol, diagnose)
  const reader = openSseReader()
  const framed = framing.openWriter()
  let over = false

  function take(frames: readonly Frame[]): string {
    let text = ''
    for (const frame of frames) {
      if (over) break
      listener.push(encoder.encode(formatSse(frame)))
      const how = listener.heard.ending
      text += isProblem(how) ? fail(how) : framed.write([frame])
      if (how === 'complete') text += close()
    }
    return text
  }

  function fail(found: Problem): string {
    if (over) return ''
    return framed.write(protocol.openEncoder(context).push({ type: 'failure', problem: found })) + close()
  }

  function close(): string {
    over = true
    return framed.close()
  }

  return {
    heard: listener.heard,
    push(bytes) {
      try {
        return given(take(reader.push(bytes)))
      } catch (error) {
        if (!(error instanceof SseOverflow)) throw error
        const found = problem('upstream_protocol', `The provider sent ${error.message}.`)
        listener.fail(found)
        return given(fail(found))
      }
    },
    end(clean) {
      const last = clean ? take(reader.finish()) : ''
      if (listener.heard.ending === undefined) listener.end(clean)
      const how = listener.heard.ending
      if (over) return given(last)
      return given(last + (isProblem(how) ? fail(how) : close()))
    },
    fail: found => given(fail(found)),
    unsaid: () => [],
  }
}

function given(text: string): Uint8Array | undefined {
  return text === '' ? undefined : encoder.encode(text)
}
