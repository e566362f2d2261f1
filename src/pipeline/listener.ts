import { openSseReader, SseOverflow } from '../base/sse.ts'
import type { Event } from '../canon/event.ts'
import { type Problem, problem } from '../canon/problem.ts'
import { mergeUsage, type Usage } from '../canon/usage.ts'
import { sealsOfEvent } from '../wire/seals.ts'
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
  /** What the provider signed its reasoning and calls with, as a request that gives them back has it (wire/seals.ts). At most 50. */
  readonly signatures: readonly string[]
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
  return new StreamListener(protocol.openDecoder(), diagnose)
}

/** The name under which lines that are no part of an event are told. */
export const STRANGE_LINE = 'a line that is no event'

class StreamListener implements Listener {
  readonly heard: Heard
  readonly #decoder: StreamDecoder
  readonly #diagnose: (found: Problem) => Problem
  readonly #reader = openSseReader()
  readonly #notes = openNotes()

  constructor(decoder: StreamDecoder, diagnose: (found: Problem) => Problem) {
    this.#decoder = decoder
    this.#diagnose = diagnose
    this.heard = this.#notes.heard
  }

  push(bytes: Uint8Array): readonly Event[] {
    const events: Event[] = []
    try {
      for (const frame of this.#reader.push(bytes)) this.#note(this.#decoder.push(frame), events)
    } catch (error) {
      if (!(error instanceof SseOverflow)) throw error
      const found = problem('upstream_protocol', `The provider sent ${error.message}.`)
      this.#note([{ type: 'failure', problem: found }], events)
    }
    return events
  }

  end(clean: boolean): readonly Event[] {
    const events: Event[] = []
    if (this.heard.ending !== undefined) return events
    if (clean) for (const frame of this.#reader.finish()) this.#note(this.#decoder.push(frame), events)
    this.#note(this.#decoder.end(), events)
    return events
  }

  fail(found: Problem): void {
    this.#notes.take({ type: 'failure', problem: found })
  }

  #note(read: readonly Event[], events: Event[]): void {
    if (this.#reader.strange) this.#notes.take({ type: 'unknown', name: STRANGE_LINE })
    for (const event of read) {
      const told: Event = event.type === 'failure' ? { type: 'failure', problem: this.#diagnose(event.problem) } : event
      this.#notes.take(told)
      events.push(told)
    }
  }
}

/** What is written down of a series of events. */
export interface Notes {
  readonly heard: Heard
  take(event: Event): void
}

/** Takes notes of a series of events. */
export function openNotes(): Notes {
  return new Notebook()
}

/** Things of one kind noted at most. */
const NOTED_MAX = 50

const NO_SIGNATURES: readonly string[] = Object.freeze([])

class Notebook implements Notes {
  readonly heard: { -readonly [K in keyof Heard]: Heard[K] } & { unknown: string[] } = {
    usage: undefined,
    model: undefined,
    stopReason: undefined,
    ending: undefined,
    begun: false,
    unknown: [],
    signatures: NO_SIGNATURES,
  }

  take(event: Event): void {
    switch (event.type) {
      case 'reply-start':
        if (event.model !== '') this.heard.model = event.model
        break
      case 'block-start':
      case 'block-delta':
        this.heard.begun = true
        this.#sign(sealsOfEvent(event))
        break
      case 'usage':
        this.heard.usage = mergeUsage(this.heard.usage, event.usage)
        break
      case 'choice-stop':
        this.heard.begun = true
        this.heard.stopReason ??= event.reason === 'other' ? event.raw : event.reason
        break
      case 'unknown':
        if (this.heard.unknown.length < NOTED_MAX && !this.heard.unknown.includes(event.name))
          this.heard.unknown.push(event.name)
        break
      case 'reply-end':
        this.heard.ending ??= 'complete'
        break
      case 'failure':
        this.heard.ending ??= event.problem
        break
    }
  }

  #sign(seals: readonly string[]): void {
    if (seals.length > 0) this.heard.signatures = [...this.heard.signatures, ...seals].slice(0, NOTED_MAX)
  }
}
