import { asArray, asNumber, asString, isObject, type JsonObject } from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import { problem } from '../../canon/problem.ts'
import { brokenProtocol, openOutlet, tellUnknown } from '../reply-outlet.ts'
import { type CandidateReader, openCandidateReader } from './candidate-reader.ts'
import { decodeProblem } from './problem.ts'
import { isBlock } from './stop.ts'
import { readUsage } from './usage.ts'

/** Reads one reply, chunk by chunk; a whole reply is one chunk. */
export interface ReplyReader {
  chunk(chunk: JsonObject): readonly Event[]
  /** The body was a whole one: nothing is missing, whatever it says. */
  complete(): readonly Event[]
  /** Nothing more comes. The protocol has no end mark: the reply is complete if every candidate that began has a reason to finish. */
  end(): readonly Event[]
  /** What came is no chunk at all. */
  broken(what: string, said: string): readonly Event[]
  /** Something that is no chunk and does no harm. */
  unknown(name: string): readonly Event[]
}

const CHUNK_KNOWN = new Set([
  'candidates',
  'usageMetadata',
  'promptFeedback',
  'modelVersion',
  'responseId',
  'createTime',
  'error',
])

/** Opens the reader of one reply. */
export function openReplyReader(): ReplyReader {
  return new Reply()
}

class Reply implements ReplyReader {
  readonly #outlet = openOutlet()
  readonly #candidates = new Map<number, CandidateReader>()
  /** The prompt's feedback, once it says that the prompt was refused. */
  #blocked: JsonObject | undefined
  #started = false

  chunk(chunk: JsonObject): readonly Event[] {
    if (this.#outlet.over()) return []
    if (isObject(chunk.error)) this.#outlet.fail(decodeProblem(200, chunk))
    if (!this.#started) this.#start(chunk)
    const candidates = asArray(chunk.candidates)
    for (let position = 0; position < candidates.length; position += 1) {
      const candidate = candidates[position]
      if (isObject(candidate)) this.#readerOf(asNumber(candidate.index) ?? position).take(candidate)
    }
    const feedback = chunk.promptFeedback
    if (isObject(feedback) && isBlock(asString(feedback.blockReason))) this.#blocked = feedback
    const usage = isObject(chunk.usageMetadata) ? readUsage(chunk.usageMetadata) : undefined
    if (usage !== undefined) this.#outlet.emit({ type: 'usage', usage })
    tellUnknown(chunk, CHUNK_KNOWN, '', this.#outlet)
    return this.#outlet.drain()
  }

  complete(): readonly Event[] {
    if (this.#candidates.size > 0 || this.#blocked !== undefined) return this.#stopAll()
    this.#outlet.fail(brokenProtocol('The provider ended its reply without an answer in it.'))
    return this.#outlet.drain()
  }

  end(): readonly Event[] {
    const readers = [...this.#candidates.values()]
    const told = readers.length > 0 || this.#blocked !== undefined
    if (told && readers.every(reader => reader.finished() || this.#blocked !== undefined)) return this.#stopAll()
    this.#outlet.fail(problem('stream_truncated', "The provider's stream ended before the answer was complete."))
    return this.#outlet.drain()
  }

  broken(what: string, said: string): readonly Event[] {
    this.#outlet.fail(brokenProtocol(what, said))
    return this.#outlet.drain()
  }

  unknown(name: string): readonly Event[] {
    this.#outlet.unknown(name)
    return this.#outlet.drain()
  }

  /** A chunk with nothing but a comment on the prompt or the model may come before the reply itself. */
  #start(chunk: JsonObject): void {
    const { responseId, modelVersion, candidates, promptFeedback, usageMetadata } = chunk
    const tells = responseId ?? modelVersion ?? candidates ?? promptFeedback ?? usageMetadata
    if (tells === undefined || tells === null) return
    this.#started = true
    const id = asString(responseId) ?? ''
    this.#outlet.name(id)
    const created = Date.parse(asString(chunk.createTime) ?? '')
    this.#outlet.emit({
      type: 'reply-start',
      id,
      model: asString(modelVersion) ?? '',
      ...(created > 0 ? { createdSeconds: Math.floor(created / 1000) } : {}),
    })
  }

  #readerOf(index: number): CandidateReader {
    const known = this.#candidates.get(index)
    if (known !== undefined) return known
    const reader = openCandidateReader(index, this.#outlet)
    this.#candidates.set(index, reader)
    return reader
  }

  #stopAll(): readonly Event[] {
    const blocked = this.#blocked
    if (blocked !== undefined) this.#readerOf(0).stop(blocked)
    for (const [index, reader] of this.#candidates) if (index !== 0 || blocked === undefined) reader.stop()
    this.#outlet.emit({ type: 'reply-end' })
    return this.#outlet.drain()
  }
}
