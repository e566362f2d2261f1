import { parseJson } from '../../base/json.ts'
import { asArray, asObject, asString, type JsonObject } from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import { problem } from '../../canon/problem.ts'
import type { EncodedReply, ReplyContext } from '../wire-protocol.ts'
import { decodeProblem } from './problem.ts'
import { openWireEventDecoder } from './stream-decoder.ts'
import { openEncoder } from './stream-encoder.ts'
import { otherProtocol } from './stream-outlet.ts'

/** A response with one of these is not an answer yet. */
const UNFINISHED = new Set(['queued', 'in_progress'])

/**
 * Reads a whole response as the events it would have been told in. One that is not finished is taken for what it is only where it was asked
 * for: `background` gives an id to ask again with, and the status is the reason it stops.
 */
export function decodeReply(body: JsonObject): readonly Event[] {
  if (!Array.isArray(body.output)) return [notAResponse(body)]
  const status = asString(body.status) ?? 'completed'
  if (UNFINISHED.has(status) && body.background !== true) return [broken(`an answer that is not finished (${status})`)]
  const decoder = openWireEventDecoder()
  return [
    ...decoder.take({ type: 'response.created', response: body }),
    ...asArray(body.output).flatMap((item, place) => [
      ...decoder.take({ type: 'response.output_item.done', output_index: place, item }),
    ]),
    ...decoder.finish(status, body),
  ]
}

/** Writes a whole response from events that end in `reply-end`: the one in which the stream would have ended. */
export function encodeReply(events: readonly Event[], context: ReplyContext): EncodedReply {
  const encoder = openEncoder(context)
  const last = events.flatMap(event => [...encoder.push(event)]).at(-1)
  const read = parseJson(last?.data ?? '', DEPTH_MAX)
  const body = read.ok ? asObject(asObject(read.value)?.response) : undefined
  return { body: body ?? {}, unsaid: encoder.unsaid() }
}

/** What stands in an event stands deeper than it stood in the provider's reply. */
const DEPTH_MAX = 200

/** Some servers put an error under status 200. */
function notAResponse(body: JsonObject): Event {
  if (Array.isArray(body.choices)) return { type: 'failure', problem: otherProtocol() }
  const told = decodeProblem(200, body)
  if (told.upstream?.message !== undefined) return { type: 'failure', problem: told }
  return broken('a reply that is not a response')
}

function broken(what: string): Event {
  return {
    type: 'failure',
    problem: problem('upstream_protocol', `The provider sent ${what}.`, { fix: ['Ask again.'] }),
  }
}
