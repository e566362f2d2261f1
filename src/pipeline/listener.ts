import { openSseReader, SseOverflow } from '../base/sse.ts'
import type { Event } from '../canon/event.ts'
import { type Problem, problem } from '../canon/problem.ts'
import { mergeUsage, type Usage } from '../canon/usage.ts'
import type { StreamDecoder, WireProtocol } from '../wire/wire-protocol.ts'

/** What was heard of a reply so far. */
export interface Heard {
  readonly usage: Usage | undefined
  readonly model: string | undefined
  readonly stopReason: string | undefined
  /** Set once a terminal event came: `complete`, or the problem that ended it. */
  readonly ending: 'complete' | Problem | undefined
  /** True once anything but pings and the reply's head has come. */
  readonly begun: boolean
  /** Names of things in the stream no table knows. */
  readonly unknown: readonly string[]
}

/** Listens to a provider's reply, whether it is passed on or translated: the one observer, above all lanes. */
export interface Listener {
  readonly heard: Heard
  /** The events these bytes complete. */
  push(bytes: Uint8Array): readonly Event[]
  /** The stream is over: the closing events. `clean`: the provider ended it; else it was cut. */
  end(clean: boolean): readonly Event[]
  /** Notes what ended the stream, if nothing has yet. */
  fail(found: Problem): void
}

/** Opens a listener for a stream of server-sent events. `diagnose` says more of a failure than the protocol alone can. */
export function openListener(protocol: WireProtocol, diagnose: (found: Problem) => Problem): Listener {
  const decoder: StreamDecoder = protocol.openDecoder()
  const reader = openSseReader()
  const notes = openNotes()
  const note = (event: Event, events: Event[]) => {
    const told: Event = event.type === 'failure' ? { type: 'failure', problem: diagnose(event.problem) } : event
    notes.take(told)
    events.push(told)
  }
  return {
    heard: notes.heard,
    fail: found => notes.take({ type: 'failure', problem: found }),
    push(bytes) {
      const events: Event[] = []
      try {
        for (const frame of reader.push(bytes)) for (const event of decoder.push(frame)) note(event, events)
      } catch (error) {
        if (!(error instanceof SseOverflow)) throw error
        note({ type: 'failure', problem: problem('upstream_protocol', `The provider sent ${error.message}.`) }, events)
      }
      return events
    },
    end(clean) {
      const events: Event[] = []
      if (notes.heard.ending !== undefined) return events
      if (clean) for (const frame of reader.finish()) for (const event of decoder.push(frame)) note(event, events)
      for (const event of decoder.end()) note(event, events)
      return events
    },
  }
}

/** Takes notes of a series of events. */
export function openNotes(): { readonly heard: Heard; take(event: Event): void } {
  const heard: { -readonly [K in keyof Heard]: Heard[K] } & { unknown: string[] } = {
    usage: undefined,
    model: undefined,
    stopReason: undefined,
    ending: undefined,
    begun: false,
    unknown: [],
  }
  return {
    heard,
    take(event) {
      switch (event.type) {
        case 'reply-start':
          if (event.model !== '') heard.model = event.model
          break
        case 'block-start':
        case 'block-delta':
          heard.begun = true
          break
        case 'usage':
          heard.usage = mergeUsage(heard.usage, event.usage)
          break
        case 'choice-stop':
          heard.begun = true
          heard.stopReason ??= event.reason === 'other' ? event.raw : event.reason
          break
        case 'unknown':
          if (heard.unknown.length < 50 && !heard.unknown.includes(event.name)) heard.unknown.push(event.name)
          break
        case 'reply-end':
          heard.ending ??= 'complete'
          break
        case 'failure':
          heard.ending ??= event.problem
          break
      }
    },
  }
}
