import {
  asArray,
  asNumber,
  asObject,
  asString,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import { problem } from '../../canon/problem.ts'
import { brokenProtocol, openOutlet, tellUnknown } from '../reply-outlet.ts'
import { type ChoiceReader, openChoiceReader } from './choice-reader.ts'
import { decodeProblem } from './problem.ts'
import { isBreak, isReason } from './stop.ts'
import { readUsage } from './usage.ts'

/** Reads one reply, chunk by chunk; a whole reply is one chunk with messages in place of deltas. */
export interface ReplyReader {
  chunk(chunk: JsonObject): readonly Event[]
  /** The provider said that the reply is complete. */
  complete(): readonly Event[]
  /** Nothing more comes, and the provider did not say that the reply is complete. */
  cut(): readonly Event[]
  /** What came is no chunk at all. */
  broken(what: string, said: string): readonly Event[]
}

/** Fields of a chunk or whole reply that are read here, or that say nothing a client could miss. */
const CHUNK_KNOWN = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'error',
  'base_resp',
  'system_fingerprint',
  'service_tier',
  'obfuscation',
  'p',
  'provider',
  'timings',
  'time_info',
  'x_groq',
  'usage_breakdown',
  'prompt_filter_results',
  'request_id',
])

const CHOICE_KNOWN = new Set([
  'index',
  'delta',
  'message',
  'error',
  'finish_reason',
  'native_finish_reason',
  'stop_reason',
  'matched_stop',
  'logprobs',
  'usage',
  'seed',
  'content_filter_results',
  'content_filter_offsets',
])

/** Opens the reader of one reply. */
export function openReplyReader(): ReplyReader {
  return new Reply()
}

class Reply implements ReplyReader {
  readonly #outlet = openOutlet()
  readonly #choices = new Map<number, ChoiceReader>()
  #started = false

  chunk(chunk: JsonObject): readonly Event[] {
    if (this.#outlet.over()) return []
    if (isError(chunk)) this.#outlet.fail(decodeProblem(200, chunk))
    this.#start(chunk)
    const choices = asArray(chunk.choices)
    for (let position = 0; position < choices.length; position += 1) {
      const choice = choices[position]
      if (isObject(choice)) this.#choice(choice, position)
    }
    this.#usage(chunk)
    tellUnknown(chunk, CHUNK_KNOWN, '', this.#outlet)
    return this.#outlet.drain()
  }

  complete(): readonly Event[] {
    if (this.#choices.size === 0)
      this.#outlet.fail(brokenProtocol('The provider ended its reply without an answer in it.'))
    for (const reader of this.#choices.values()) reader.stop('', undefined)
    this.#outlet.emit({ type: 'reply-end' })
    return this.#outlet.drain()
  }

  cut(): readonly Event[] {
    const readers = [...this.#choices.values()]
    if (readers.length > 0 && readers.every(reader => reader.stopped())) this.#outlet.emit({ type: 'reply-end' })
    else this.#outlet.fail(problem('stream_truncated', "The provider's stream ended before the answer was complete."))
    return this.#outlet.drain()
  }

  broken(what: string, said: string): readonly Event[] {
    this.#outlet.fail(brokenProtocol(what, said))
    return this.#outlet.drain()
  }

  #start(chunk: JsonObject): void {
    // Azure opens with a chunk that tells nothing but the filter's verdict on the prompt.
    const tells = asString(chunk.id) || asArray(chunk.choices).length > 0 || isObject(chunk.usage)
    if (this.#started || !tells) return
    this.#started = true
    const created = asNumber(chunk.created)
    const id = asString(chunk.id) ?? ''
    this.#outlet.name(id)
    this.#outlet.emit({
      type: 'reply-start',
      id,
      model: asString(chunk.model) ?? '',
      ...(created === undefined || created <= 0 ? {} : { createdSeconds: created }),
    })
  }

  #choice(choice: JsonObject, position: number): void {
    if (isObject(choice.error)) this.#outlet.fail(decodeProblem(200, choice))
    const reader = this.#readerOf(asNumber(choice.index) ?? position)
    // Some servers repeat the whole message in the last chunk.
    const delta = asObject(choice.delta) ?? (reader.begun() ? undefined : asObject(choice.message))
    reader.take(delta ?? {}, asObject(choice.logprobs))
    tellUnknown(choice, CHOICE_KNOWN, 'choices[]', this.#outlet)
    const raw = asString(choice.finish_reason) ?? ''
    if (raw === '') return
    if (isBreak(raw)) this.#outlet.fail(decodeProblem(200, { error: { message: `finish_reason: ${raw}`, code: raw } }))
    else reader.stop(raw, stopSequence(choice))
  }

  #readerOf(index: number): ChoiceReader {
    const known = this.#choices.get(index)
    if (known !== undefined) return known
    const reader = openChoiceReader(index, this.#outlet)
    this.#choices.set(index, reader)
    return reader
  }

  #usage(chunk: JsonObject): void {
    const raw = asObject(chunk.usage) ?? usageInChoice(chunk) ?? asObject(asObject(chunk.x_groq)?.usage)
    const usage = raw === undefined ? undefined : readUsage(raw)
    if (usage !== undefined) this.#outlet.emit({ type: 'usage', usage })
  }
}

/** Moonshot tells usage inside the choice. */
function usageInChoice(chunk: JsonObject): JsonObject | undefined {
  for (const choice of asArray(chunk.choices)) {
    const usage = asObject(asObject(choice)?.usage)
    if (usage !== undefined) return usage
  }
  return undefined
}

/** vLLM and SGLang name the stop sequence that was met; other servers have a second word for the reason there. */
function stopSequence(choice: JsonObject): string | undefined {
  const told = asString(choice.stop_reason) ?? asString(choice.matched_stop)
  return told === undefined || isReason(told) ? undefined : told
}

/** An error in place of a reply, whatever the HTTP status: OpenAI's and OpenRouter's `error`, MiniMax's `base_resp`, vLLM's flat object. */
function isError(chunk: JsonObject): boolean {
  const code: JsonValue | undefined = asObject(chunk.base_resp)?.status_code
  if (code !== undefined && code !== null && code !== 0) return true
  if (isObject(chunk.error) || (typeof chunk.error === 'string' && chunk.error !== '')) return true
  return (chunk.object === 'error' || chunk.type === 'error') && asArray(chunk.choices).length === 0
}
