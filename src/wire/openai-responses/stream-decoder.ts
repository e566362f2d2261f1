import { parseJson } from '../../base/json.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import { problem } from '../../canon/problem.ts'
import { tellUnknown } from '../reply-outlet.ts'
import type { Frame, StreamDecoder } from '../wire-protocol.ts'
import { openItems } from './item-readers.ts'
import { decodeProblem } from './problem.ts'
import { readStop } from './stop.ts'
import { openOutlet, otherProtocol } from './stream-outlet.ts'
import { readUsage } from './usage.ts'

/** The reducer behind streams and whole replies: takes one parsed event of the wire at a time. */
export interface WireEventDecoder {
  take(data: JsonObject): readonly Event[]
  /** The response is over, with this `status`. */
  finish(status: string, response: JsonObject): readonly Event[]
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

/** Fields of a response that are read here, repeat the request, or say nothing a client could miss. */
const RESPONSE_KNOWN = new Set([
  'id',
  'object',
  'created_at',
  'completed_at',
  'status',
  'model',
  'output',
  'output_text',
  'usage',
  'error',
  'incomplete_details',
  'access_programs',
  'background',
  'billing',
  'content_filters',
  'conversation',
  'frequency_penalty',
  'input',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'parallel_tool_calls',
  'presence_penalty',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'store',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
])

/** One reply as far as it has come. */
class Reply implements WireEventDecoder {
  readonly #outlet = openOutlet()
  readonly #items = openItems(this.#outlet)
  #id: string | undefined

  push(frame: Frame): readonly Event[] {
    if (this.#outlet.over()) return []
    const text = frame.data.trim()
    if (text === '') return [{ type: 'ping' }]
    // Ends the streams of another protocol; compatible servers send it here too.
    if (text === '[DONE]') this.#outlet.unknown(text)
    else {
      const read = parseJson(text)
      if (read.ok && isObject(read.value)) return this.take(read.value, frame.event)
      this.#outlet.broken(`an event that is not a JSON object${read.ok ? '' : ` (${read.reason})`}`)
    }
    return this.#outlet.drain()
  }

  take(data: JsonObject, eventName?: string): readonly Event[] {
    if (this.#outlet.over()) return []
    const type = asString(data.type) ?? ((data.error ?? undefined) === undefined ? (eventName ?? '') : 'error')
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        this.#begin(type, asObject(data.response) ?? {})
        break
      case 'response.output_item.added':
        this.#start({})
        this.#items.added(data)
        break
      case 'response.output_item.done':
        this.#start({})
        this.#items.finished(data)
        break
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
        return this.finish(statusOf(type, data), asObject(data.response) ?? {})
      case 'error':
      case 'response.error':
        this.#outlet.fail(decodeProblem(200, errorBody(data)))
        break
      case 'keepalive':
      case 'ping':
        return [{ type: 'ping' }]
      default:
        this.#rest(type, data)
    }
    return this.#outlet.drain()
  }

  finish(status: string, response: JsonObject): readonly Event[] {
    if (this.#outlet.over()) return []
    this.#start(response)
    const failed = status === 'failed' || status === 'cancelled'
    if (!failed) this.#items.settle(asArray(response.output))
    const usage = isObject(response.usage) ? readUsage(response.usage) : undefined
    if (usage !== undefined) this.#outlet.emit({ type: 'usage', usage })
    tellUnknown(response, RESPONSE_KNOWN, 'response', this.#outlet)
    if (failed) this.#fail(status, response)
    const reason = asString(asObject(response.incomplete_details)?.reason)
    this.#outlet.emit({ type: 'choice-stop', choice: 0, ...readStop(status, reason, this.#outlet.said()) })
    this.#outlet.emit({ type: 'reply-end' })
    return this.#outlet.drain()
  }

  end(): readonly Event[] {
    if (this.#outlet.over()) return []
    const what = 'The provider ended its answer before it was complete.'
    this.#outlet.fail(problem('stream_truncated', what, { fix: ['Ask again.'] }))
    return this.#outlet.drain()
  }

  /** A second beginning is an upstream that began anew: harmless while nothing was given out, else two answers would run together. */
  #begin(type: string, response: JsonObject): void {
    const id = asString(response.id)
    const other = type === 'response.created' && this.#id !== undefined && id !== this.#id
    if (other && this.#items.any()) this.#outlet.broken('a second answer in the middle of the first')
    this.#start(response)
  }

  /** Servers that leave out the beginning are taken as they are. */
  #start(response: JsonObject): void {
    if (this.#id !== undefined) return
    this.#id = asString(response.id) ?? ''
    const created = asNumber(response.created_at)
    this.#outlet.emit({
      type: 'reply-start',
      id: this.#id,
      model: asString(response.model) ?? '',
      ...(created === undefined || created <= 0 ? {} : { createdSeconds: Math.floor(created) }),
    })
  }

  #rest(type: string, data: JsonObject): void {
    if (!type.startsWith('response.')) {
      if (Array.isArray(data.choices)) this.#outlet.fail(otherProtocol())
      else this.#outlet.unknown(type === '' ? 'event without a type' : type)
      return
    }
    this.#start({})
    if (!this.#items.take(type, data)) this.#outlet.unknown(type)
  }

  #fail(status: string, response: JsonObject): void {
    if (isObject(response.error)) this.#outlet.fail(decodeProblem(200, { error: response.error }))
    else this.#outlet.fail(problem('upstream_error', `The provider ended its answer as ${status} and did not say why.`))
  }
}

/** Some servers send `response.completed` whatever became of the response. */
function statusOf(type: string, data: JsonObject): string {
  const told = asString(asObject(data.response)?.status)
  if (type === 'response.completed') return told === 'incomplete' || told === 'failed' ? told : 'completed'
  return type.slice('response.'.length)
}

/** OpenAI puts the error into `error`; its published schema has the fields beside `type`. */
function errorBody({ type: _, ...flat }: JsonObject): JsonObject {
  return { error: flat.error ?? flat }
}
