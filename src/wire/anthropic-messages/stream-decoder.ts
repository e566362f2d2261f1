import { parseJson } from '../../base/json.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import type { Frame, StreamDecoder } from '../wire-protocol.ts'
import { type OpenBlock, readDelta, startBlock, stopBlock } from './block-decoder.ts'
import { decodeProblem } from './problem.ts'
import { readStopReason } from './stop.ts'
import { mergeTold, readUsage } from './usage.ts'

/** The reducer behind streams and whole replies: takes one parsed event of the wire at a time. */
export interface WireEventDecoder {
  take(data: JsonObject): readonly Event[]
  /** The events are over. Fails with `stream_truncated` if no terminal event had come. */
  end(): readonly Event[]
}

/** Opens a decoder for a stream. */
export function openDecoder(): StreamDecoder {
  const reply = new Reply()
  return { push: frame => reply.push(frame), end: () => reply.end() }
}

/** Opens the reducer itself. */
export function openWireEventDecoder(): WireEventDecoder {
  return new Reply()
}

/** A frame that is not an event of the protocol, and why. */
class Fault {
  readonly what: string

  constructor(what: string) {
    this.what = what
  }
}

/** `[DONE]` and empty data belong to other protocols' streams; compatible servers send them here too. */
function readFrame(frame: Frame): JsonObject | Fault {
  const text = frame.data.trim()
  if (text === '' || text === '[DONE]') return { type: frame.event === 'ping' ? 'ping' : text || 'empty event' }
  const read = parseJson(text)
  if (!read.ok) return new Fault(`an event that is not JSON (${read.reason})`)
  return isObject(read.value) ? read.value : new Fault('an event that is not a JSON object')
}

const FIX = ['Ask again.']

const MESSAGE_FIELDS = new Set([
  'id',
  'type',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'usage',
])
const STOP_FIELDS = new Set(['stop_reason', 'stop_sequence', 'stop_details'])
const TELL_FIELDS = new Set(['type', 'delta', 'usage'])

/** One reply as far as it has come. */
class Reply implements WireEventDecoder {
  #over = false
  #started = false
  #nextIndex = 0
  #usage: JsonObject = {}
  #stop: JsonObject = {}
  readonly #open = new Map<number, OpenBlock>()
  /** Names of unknown things told already: a field that leaks into every delta is told once. */
  readonly #told = new Set<string>()

  push(frame: Frame): readonly Event[] {
    if (this.#over) return []
    const data = readFrame(frame)
    return data instanceof Fault ? this.#break(data.what) : this.take(data, frame.event)
  }

  take(data: JsonObject, eventName?: string): readonly Event[] {
    if (this.#over) return []
    const type = asString(data.type) ?? (data.error === undefined ? eventName : 'error') ?? ''
    switch (type) {
      case 'message_start':
        return this.#start(asObject(data.message) ?? {})
      case 'content_block_start':
      case 'content_block_delta':
      case 'content_block_stop':
        return this.#block(type, data)
      case 'message_delta':
        return this.#tell(data)
      case 'message_stop':
        return this.#stopAll()
      case 'ping':
        return [{ type: 'ping' }]
      case 'error':
        return this.#fail(decodeProblem(200, data))
      default:
        return this.#unknown(type === '' ? 'event without a type' : type)
    }
  }

  end(): readonly Event[] {
    if (this.#over) return []
    return this.#fail(
      problem('stream_truncated', 'The provider ended its answer before it was complete.', { fix: FIX }),
    )
  }

  /** A second start is an upstream that began anew: harmless while nothing was given out, else the two answers would run together. */
  #start(message: JsonObject): readonly Event[] {
    if (this.#started) {
      if (this.#nextIndex > 0) return this.#break('a second answer in the middle of the first')
      return this.#usageOf(message.usage)
    }
    this.#started = true
    const events: Event[] = [
      { type: 'reply-start', id: asString(message.id) ?? '', model: asString(message.model) ?? '' },
    ]
    events.push(...this.#strays(message, MESSAGE_FIELDS, 'message'), ...this.#usageOf(message.usage))
    for (const block of asArray(message.content)) {
      if (this.#over) break
      const index = this.#nextIndex
      events.push(...this.#block('content_block_start', { index, content_block: block }))
      if (!this.#over) events.push(...this.#block('content_block_stop', { index }))
    }
    return events
  }

  #block(type: string, data: JsonObject): readonly Event[] {
    if (!this.#started) return this.#break(`${type} before message_start`)
    const at = asNumber(data.index)
    if (at === undefined) return this.#break(`${type} without an index`)
    if (type === 'content_block_start') return this.#startBlock(at, asObject(data.content_block) ?? {})
    const block = this.#open.get(at)
    if (block === undefined) {
      return type === 'content_block_stop'
        ? this.#unknown('content_block_stop of no block')
        : this.#break('a delta of no block')
    }
    if (type === 'content_block_delta') return this.#named(readDelta(block, asObject(data.delta) ?? {}))
    this.#open.delete(at)
    return stopBlock(block)
  }

  #startBlock(at: number, wire: JsonObject): readonly Event[] {
    if (this.#open.has(at)) return this.#break('a block that starts twice')
    if (wire.type === 'tool_use' && !(asString(wire.id) && asString(wire.name))) {
      return this.#break('a tool call without an id or a name')
    }
    const started = startBlock(this.#nextIndex, wire)
    this.#nextIndex += 1
    this.#open.set(at, started.block)
    return this.#named(started.events)
  }

  #tell(data: JsonObject): readonly Event[] {
    if (!this.#started) return this.#break('message_delta before message_start')
    const delta = asObject(data.delta) ?? {}
    this.#stop = mergeTold(this.#stop, delta)
    return [
      ...this.#strays(delta, STOP_FIELDS, 'message_delta.delta'),
      ...this.#strays(data, TELL_FIELDS, 'message_delta'),
      ...this.#usageOf(data.usage),
    ]
  }

  /** Blocks a compatible server forgot to stop are stopped: the message itself was said to be whole. */
  #stopAll(): readonly Event[] {
    if (!this.#started) return this.#break('message_stop before message_start')
    this.#over = true
    const events = [...this.#open.values()].flatMap(block => [...stopBlock(block)])
    const raw = asString(this.#stop.stop_reason) ?? ''
    const sequence = asString(this.#stop.stop_sequence)
    const details = asObject(this.#stop.stop_details)
    return [
      ...events,
      {
        type: 'choice-stop',
        choice: 0,
        reason: readStopReason(raw),
        raw,
        ...(sequence === undefined ? {} : { sequence }),
        ...(details === undefined ? {} : { details }),
      },
      { type: 'reply-end' },
    ]
  }

  #usageOf(wire: unknown): readonly Event[] {
    if (!isObject(wire)) return []
    this.#usage = mergeTold(this.#usage, wire)
    return [{ type: 'usage', usage: readUsage(this.#usage) }]
  }

  #strays(object: JsonObject, known: ReadonlySet<string>, at: string): readonly Event[] {
    const names = Object.keys(object).filter(
      key => !known.has(key) && object[key] !== null && object[key] !== undefined,
    )
    return names.flatMap(key => [...this.#unknown(`${at}.${key}`)])
  }

  /** The events, less what was told as unknown before. */
  #named(events: readonly Event[]): readonly Event[] {
    return events.every(event => event.type !== 'unknown')
      ? events
      : events.flatMap(event => (event.type === 'unknown' ? [...this.#unknown(event.name)] : [event]))
  }

  #unknown(name: string): readonly Event[] {
    if (this.#told.has(name) || this.#told.size >= UNKNOWN_NAMES_MAX) return []
    this.#told.add(name)
    return [{ type: 'unknown', name: name.slice(0, UNKNOWN_NAME_CHARS_MAX) }]
  }

  #break(what: string): readonly Event[] {
    return this.#fail(problem('upstream_protocol', `The provider sent ${what}.`, { fix: FIX }))
  }

  #fail(found: Problem): readonly Event[] {
    this.#over = true
    return [{ type: 'failure', problem: found }]
  }
}

/** More different unknown names than this in one reply are not told one by one. */
const UNKNOWN_NAMES_MAX = 100
const UNKNOWN_NAME_CHARS_MAX = 100
