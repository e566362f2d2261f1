import { parseJson } from '../base/json.ts'
import { openJsonArrayReader } from '../base/json-array.ts'
import { asObject, isObject } from '../base/json-value.ts'
import type { Event } from '../canon/event.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { Broken, Incoming, ReplyHeaders } from '../upstream/send.ts'
import type { ReplyContext } from '../wire/wire-protocol.ts'
import type { Call, Surface } from './call.ts'
import type { AttemptDraft, CallRecord } from './call-record.ts'
import { diagnoseWords, quoted, type Scene } from './diagnose.ts'
import { takeEmbeddings } from './embed.ts'
import { SSE } from './framing.ts'
import { type Heard, openListener, openNotes } from './listener.ts'
import type { Prepared } from './prepare.ts'
import { openReframing } from './reframe.ts'
import { openPassThrough, openTranslation, type Relay, streamOf } from './relay.ts'

/** A reply that has begun, ready for the client. */
export type Answer = StreamAnswer | WholeAnswer

/** More is to come: the relay turns each further piece of `incoming` into the client's bytes. */
export interface StreamAnswer {
  readonly type: 'stream'
  readonly heard: Heard
  readonly relay: Relay
  readonly incoming: Incoming
  /** The client's bytes for the provider's first piece. */
  readonly first: Uint8Array | undefined
  readonly upstreamHeaders: ReplyHeaders
  /** Where it comes from: what goes wrong later is diagnosed and noted there. */
  readonly scene: Scene
  readonly attempt: AttemptDraft
}

/** All of it is here. */
export interface WholeAnswer {
  readonly type: 'whole'
  readonly heard: Heard
  readonly bytes: Uint8Array
  readonly contentType: string
  readonly unsaid: readonly string[]
  readonly upstreamHeaders: ReplyHeaders
  /** Absent: no provider was asked. */
  readonly scene?: Scene
}

/** What a reply is taken with. */
export interface Taking {
  readonly call: Call
  readonly surface: Surface
  readonly prepared: Prepared
  readonly stream: boolean
  readonly scene: Scene
  readonly attempt: AttemptDraft
  readonly record: CallRecord
}

const JSON_TYPE = 'application/json'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * Takes a provider's 2xx answer in whatever form it comes: a stream for a client that wants one is relayed; all else is read whole and given in
 * the form the client asked for. An error told in the first piece of a stream is a problem, not an answer: nothing was promised yet.
 */
export function takeReply(got: Incoming, taking: Taking): Promise<Answer | Problem | Broken> | Problem {
  const type = got.headers.get('content-type') ?? ''
  const isStream = type.toLowerCase().startsWith('text/event-stream')
  if (isStream && taking.stream) return takeStream(got, taking)
  if (!isStream && type !== '' && !/[/+]json/i.test(type)) {
    got.cancel()
    return problem(
      'upstream_protocol',
      `The provider answered with "${quoted(type, taking.scene, 80)}" instead of ${taking.stream ? 'a stream' : 'JSON'}.`,
      {
        fix: ['Check the base URL: such answers often come from a web page or a proxy in between.'],
      },
    )
  }
  return takeWhole(got, isStream, taking)
}

async function takeStream(got: Incoming, taking: Taking): Promise<StreamAnswer | Problem | Broken> {
  const { call, surface, prepared, record, attempt } = taking
  const context = replyContext(taking)
  const diagnose = (found: Problem) => diagnoseWords(found, got.headers, taking.scene)
  const relay = prepared.passThrough
    ? openSamePass(call, context, diagnose)
    : openTranslation(surface.protocol, call.protocol, context, diagnose, call.framing)
  const piece = await got.read()
  if (piece !== 'done' && 'type' in piece) return piece
  attempt.firstByteMs = record.elapsedMs()
  const first = piece === 'done' ? relay.end(true) : relay.push(piece)
  const ending = relay.heard.ending
  if (ending !== undefined && ending !== 'complete' && !relay.heard.begun) {
    got.cancel()
    return ending
  }
  return {
    type: 'stream',
    heard: relay.heard,
    relay,
    incoming: got,
    first,
    upstreamHeaders: got.headers,
    scene: taking.scene,
    attempt,
  }
}

/** Server-sent events go through as they came; a client that reads another form gets the same events in it. */
function openSamePass(
  { protocol, framing }: Call,
  context: ReplyContext,
  diagnose: (found: Problem) => Problem,
): Relay {
  return framing === SSE
    ? openPassThrough(protocol, context, diagnose)
    : openReframing(protocol, framing, context, diagnose)
}

async function takeWhole(got: Incoming, isStream: boolean, taking: Taking): Promise<WholeAnswer | Problem | Broken> {
  const diagnose = (found: Problem) => diagnoseWords(found, got.headers, taking.scene)
  taking.attempt.firstByteMs = taking.record.elapsedMs()
  const most = taking.scene.house.settings.replyBytesMax
  const bytes = await got.whole(most)
  if (bytes === 'too large') return tooLarge(most)
  if (!(bytes instanceof Uint8Array)) return bytes
  if (taking.call.operation === 'count-tokens') return wholeAnswer(got, taking, bytes, openNotes().heard, [])
  if (taking.call.operation === 'embed') return takeVectors(got, bytes, taking)
  const events = isStream ? eventsOfStream(bytes, taking, diagnose) : eventsOfBody(bytes, taking)
  if (isProblem(events)) return events
  const notes = openNotes()
  for (const event of events) notes.take(event)
  const { ending } = notes.heard
  if (ending === undefined) return problem('upstream_protocol', 'The provider gave no complete reply.')
  if (ending !== 'complete') return isStream ? ending : diagnose(ending)
  if (taking.prepared.passThrough && !isStream && !taking.stream)
    return wholeAnswer(got, taking, bytes, notes.heard, [])
  const { protocol } = taking.call
  const context = replyContext(taking)
  if (taking.stream) {
    const writer = protocol.openEncoder(context)
    const out = streamOf(events, writer, taking.call.framing)
    return {
      ...wholeAnswer(got, taking, out, notes.heard, [...writer.unsaid(), ...notes.heard.unknown]),
      contentType: taking.call.framing.contentType,
    }
  }
  const { body, unsaid } = protocol.encodeReply(events, context)
  return wholeAnswer(got, taking, encoder.encode(JSON.stringify(body)), notes.heard, [
    ...unsaid,
    ...notes.heard.unknown,
  ])
}

function takeVectors(got: Incoming, bytes: Uint8Array, taking: Taking): WholeAnswer | Problem {
  const taken = takeEmbeddings(bytes, taking.call, taking.surface)
  if (taken === undefined) return diagnoseWords(notVectors(bytes, taking), got.headers, taking.scene)
  if (isProblem(taken)) return taken
  const notes = openNotes()
  if (taken.usage !== undefined) notes.take({ type: 'usage', usage: taken.usage })
  return wholeAnswer(got, taking, taken.bytes, notes.heard, [])
}

/** Some providers tell errors under status 200. */
function notVectors(bytes: Uint8Array, { surface }: Taking): Problem {
  const read = parseJson(decoder.decode(bytes))
  if (read.ok && asObject(read.value)?.error !== undefined) return surface.protocol.decodeProblem(200, read.value)
  return problem('upstream_protocol', 'The provider answered with something that holds no embeddings.', {
    fix: ['Check the base URL, and that the model is one for embeddings.'],
  })
}

function wholeAnswer(
  got: Incoming,
  { scene }: Taking,
  bytes: Uint8Array,
  heard: Heard,
  unsaid: readonly string[],
): WholeAnswer {
  return {
    type: 'whole',
    heard,
    bytes,
    contentType: JSON_TYPE,
    unsaid: unsaid.length === 0 ? unsaid : [...new Set(unsaid)],
    upstreamHeaders: got.headers,
    scene,
  }
}

function eventsOfStream(bytes: Uint8Array, taking: Taking, diagnose: (found: Problem) => Problem): readonly Event[] {
  const listener = openListener(taking.surface.protocol, diagnose)
  return [...listener.push(bytes), ...listener.end(true)]
}

function eventsOfBody(bytes: Uint8Array, taking: Taking): readonly Event[] | Problem {
  if (beginsArray(bytes)) return eventsOfArray(bytes, taking)
  const read = parseJson(decoder.decode(bytes))
  if (read.ok && isObject(read.value)) return taking.surface.protocol.decodeReply(read.value)
  return problem(
    'upstream_protocol',
    `The provider's answer is not a JSON object${read.ok ? '' : `: ${read.reason}`}.`,
    {
      fix: ['Check the base URL.', 'Try again: a proxy in between may have cut the answer.'],
    },
  )
}

const OPEN_LIST = 0x5b
const SPACE = 0x20

function beginsArray(bytes: Uint8Array): boolean {
  let at = 0
  while (at < bytes.length && (bytes[at] ?? 0) <= SPACE) at += 1
  return bytes[at] === OPEN_LIST
}

/** A stream in Google's other form, one JSON array, from a provider that does not know the form it was asked for. */
function eventsOfArray(bytes: Uint8Array, taking: Taking): readonly Event[] | Problem {
  const reader = openJsonArrayReader(bytes.length)
  const decoder = taking.surface.protocol.openDecoder()
  const events = reader.push(bytes).flatMap(data => decoder.push({ data }))
  if (reader.state() !== 'ended')
    return problem('stream_truncated', "The provider's answer is a JSON array that is not closed.")
  return [...events, ...decoder.end()]
}

function tooLarge(most: number): Problem {
  return problem('upstream_protocol', `The provider's answer is larger than ${most} bytes.`, {
    why: 'A reply that is not streamed is read as a whole before it goes on, and no larger one than this is.',
    fix: ['Ask for a stream.', 'Or raise gateway.limits.replyBytesMax.'],
  })
}

function replyContext(taking: Taking): ReplyContext {
  return {
    requestId: taking.call.id,
    model: taking.surface.target.ref,
    createdSeconds: Math.floor(taking.call.at / 1000),
    streamUsage: taking.prepared.streamUsage,
    from: taking.surface.protocol.id,
    ...(taking.prepared.asked === undefined ? {} : { asked: taking.prepared.asked }),
  }
}
