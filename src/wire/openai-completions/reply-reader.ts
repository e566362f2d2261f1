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
import { type ChoiceReader, openChoiceReader, tellUnknown } from './choice-reader.ts'
import { brokenProtocol, openOutlet } from './outlet.ts'
import { decodeProblem } from './problem.ts'
import { isBreak } from './stop.ts'
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
  'x_groq',
  'usage_breakdown',
  'prompt_filter_results',
  'request_id',
])

const CHOICE_KNOWN = new Set([
  'index',
  'delta',
  'message',
  'finish_reason',
  'native_finish_reason',
  'stop_reason',
  'matched_stop',
  'logprobs',
  'usage',
  'content_filter_results',
  'content_filter_offsets',
])

/** Opens the reader of one reply. */
export function openReplyReader(): ReplyReader {
  const outlet = openOutlet()
  const choices = new Map<number, ChoiceReader>()
  let started = false

  function start(chunk: JsonObject): void {
    // Azure opens with a chunk that has neither: only the filter's verdict on the prompt.
    const tells = asString(chunk.id) || asArray(chunk.choices).length > 0 || isObject(chunk.usage)
    if (started || !tells) return
    started = true
    const created = asNumber(chunk.created)
    outlet.emit({
      type: 'reply-start',
      id: asString(chunk.id) ?? '',
      model: asString(chunk.model) ?? '',
      ...(created === undefined || created <= 0 ? {} : { createdSeconds: created }),
    })
  }

  function readerOf(index: number): ChoiceReader {
    const known = choices.get(index)
    if (known !== undefined) return known
    const reader = openChoiceReader(index, outlet)
    choices.set(index, reader)
    return reader
  }

  function takeChoice(choice: JsonObject, position: number): void {
    if (isObject(choice.error)) outlet.fail(decodeProblem(200, choice))
    const reader = readerOf(asNumber(choice.index) ?? position)
    // Some servers repeat the whole message in the last chunk.
    const delta = asObject(choice.delta) ?? (reader.begun() ? undefined : asObject(choice.message))
    reader.take(delta ?? {}, asObject(choice.logprobs))
    tellUnknown(choice, CHOICE_KNOWN, 'choices[]', outlet)
    const raw = asString(choice.finish_reason) ?? ''
    if (raw === '') return
    if (isBreak(raw)) outlet.fail(decodeProblem(200, { error: { message: `finish_reason: ${raw}`, code: raw } }))
    else reader.stop(raw, asString(choice.stop_reason) ?? asString(choice.matched_stop))
  }

  function takeUsage(chunk: JsonObject): void {
    const raw =
      asObject(chunk.usage) ??
      asObject(asArray(chunk.choices).map(choice => asObject(choice)?.usage)[0]) ??
      asObject(asObject(chunk.x_groq)?.usage)
    const usage = raw === undefined ? undefined : readUsage(raw)
    if (usage !== undefined) outlet.emit({ type: 'usage', usage })
  }

  return {
    chunk(chunk) {
      if (outlet.over()) return []
      if (isError(chunk)) outlet.fail(decodeProblem(200, chunk))
      start(chunk)
      for (const [position, choice] of asArray(chunk.choices).entries()) {
        if (isObject(choice)) takeChoice(choice, position)
      }
      takeUsage(chunk)
      tellUnknown(chunk, CHUNK_KNOWN, '', outlet)
      return outlet.drain()
    },
    complete() {
      if (choices.size === 0) outlet.fail(brokenProtocol('The provider ended its reply without an answer in it.'))
      for (const reader of choices.values()) reader.stop('', undefined)
      outlet.emit({ type: 'reply-end' })
      return outlet.drain()
    },
    cut() {
      const stopped = choices.size > 0 && [...choices.values()].every(reader => reader.stopped())
      if (stopped) outlet.emit({ type: 'reply-end' })
      else outlet.fail(problem('stream_truncated', "The provider's stream ended before the answer was complete."))
      return outlet.drain()
    },
    broken(what, said) {
      outlet.fail(brokenProtocol(what, said))
      return outlet.drain()
    },
  }
}

/** An error in place of a reply, whatever the HTTP status: OpenAI's and OpenRouter's `error`, MiniMax's `base_resp`, vLLM's flat object. */
function isError(chunk: JsonObject): boolean {
  const code: JsonValue | undefined = asObject(chunk.base_resp)?.status_code
  if (code !== undefined && code !== null && code !== 0) return true
  if (isObject(chunk.error) || (typeof chunk.error === 'string' && chunk.error !== '')) return true
  return (chunk.object === 'error' || chunk.type === 'error') && asArray(chunk.choices).length === 0
}
