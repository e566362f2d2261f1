import { parseJson } from '../../src/base/json.ts'
import { isObject, type JsonObject } from '../../src/base/json-value.ts'
import { openSseReader, type SseFrame } from '../../src/base/sse.ts'
import type { Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import { isProblem, PROBLEMS, type ProblemCode } from '../../src/canon/problem.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { ReplyContext, WireProtocol } from '../../src/wire/wire-protocol.ts'
import { examples } from './corpus.ts'
import { materialOf } from './mutate-json.ts'
import type { Target } from './target.ts'

const CONTEXT: ReplyContext = { requestId: 'req_fuzz', model: 'model', createdSeconds: 0, streamUsage: true }

/** What a decoder says of a stream that is itself not in order. */
const OUR_FAULTS: readonly ProblemCode[] = ['stream_truncated', 'upstream_protocol', 'internal']

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** The body as the gateway would hand it to a codec; undefined where it would not. */
function bodyOf(bytes: Uint8Array): JsonObject | undefined {
  const read = parseJson(textOf(bytes))
  return read.ok && isObject(read.value) ? read.value : undefined
}

function decodeStream(protocol: WireProtocol, frames: readonly SseFrame[]): Event[] {
  const stream = protocol.openDecoder()
  return [...frames.flatMap(frame => [...stream.push(frame)]), ...stream.end()]
}

function streamFault(protocol: WireProtocol, bytes: Uint8Array): string | undefined {
  const reader = openSseReader()
  const frames = [...reader.push(bytes), ...reader.finish()]
  const events = decodeStream(protocol, frames)
  const fault = faultIn(events)
  if (fault !== undefined) return fault
  for (const other of WIRE_PROTOCOLS) {
    const told = retold(other, events)
    if (told !== undefined) return `told in ${other.id}: ${told}`
  }
  return undefined
}

/** Written in another protocol and read back, a reply still obeys the grammar and ends as it ended. */
function retold(protocol: WireProtocol, events: readonly Event[]): string | undefined {
  const encoder = protocol.openEncoder(CONTEXT)
  const again = decodeStream(
    protocol,
    events.flatMap(event => [...encoder.push(event)]),
  )
  const fault = faultIn(again)
  if (fault !== undefined) return fault
  const [before, after] = [events.at(-1), again.at(-1)]
  if (before?.type === after?.type) return undefined
  // A stop reason no table knows is passed on as it is; where the other protocol has it for a failure, it may be read as one.
  if (after?.type === 'failure' && !OUR_FAULTS.includes(after.problem.code)) return undefined
  const why = after?.type === 'failure' ? ` (${after.problem.what})` : ''
  return `ended in ${before?.type}, reads ${after?.type}${why}`
}

function replyFault(protocol: WireProtocol, bytes: Uint8Array): string | undefined {
  const body = bodyOf(bytes)
  if (body === undefined) return undefined
  const events = protocol.decodeReply(body)
  const fault = faultIn(events)
  if (fault !== undefined || events.at(-1)?.type !== 'reply-end') return fault
  for (const other of WIRE_PROTOCOLS) {
    const again = faultIn(other.decodeReply(other.encodeReply(events, CONTEXT).body))
    if (again !== undefined) return `told in ${other.id}: ${again}`
    const told = retold(other, events)
    if (told !== undefined) return `streamed in ${other.id}: ${told}`
  }
  return undefined
}

function saysModelInPath(protocol: WireProtocol): boolean {
  return protocol.path({ model: 'a', stream: false }) !== protocol.path({ model: 'b', stream: false })
}

/** What Candor itself put into a request for another provider may be taken out again; a request for counting may name the model inside. */
function holdsCarriers(bytes: Uint8Array): boolean {
  return /candor1|Y2FuZG9yMS|generate_?content_?request/i.test(textOf(bytes))
}

function requestFault(protocol: WireProtocol, bytes: Uint8Array): string | undefined {
  const retargeted = protocol.retarget(bytes, 'another/model', {})
  const body = bodyOf(bytes)
  if (!isProblem(retargeted) && body !== undefined) {
    const sent = bodyOf(retargeted.body)
    const wanted = saysModelInPath(protocol) ? body : { ...body, model: 'another/model' }
    if (sent === undefined || !(Bun.deepEquals(sent, wanted) || holdsCarriers(bytes)))
      return 'retarget changed more than the model'
  }
  if (body === undefined) return undefined
  const request = protocol.decodeRequest(body)
  if (isProblem(request))
    return request.code === 'bad_request' ? undefined : `a request is refused with ${request.code}`
  for (const other of WIRE_PROTOCOLS) {
    const encoded = other.encodeRequest(request, {})
    const again = parseJson(JSON.stringify(encoded.body), 80)
    if (!again.ok) return `encoded for ${other.id} it is no JSON: ${again.reason}`
    if (encoded.losses.some(loss => loss.path === '' || loss.reason === ''))
      return `a loss for ${other.id} without place or reason`
  }
  return undefined
}

function problemFault(protocol: WireProtocol, bytes: Uint8Array): string | undefined {
  const read = parseJson(textOf(bytes))
  const status = 400 + (bytes.length % 200)
  const problem = protocol.decodeProblem(status, read.ok ? read.value : textOf(bytes))
  if (!Object.hasOwn(PROBLEMS, problem.code) || problem.what === '') return `no problem: ${JSON.stringify(problem)}`
  for (const other of WIRE_PROTOCOLS) {
    const body = JSON.stringify(other.encodeProblem(problem, CONTEXT.requestId))
    if (body.length > 20_000) return `an error body of ${body.length} characters`
    if (!isProblem(other.decodeProblem(status, JSON.parse(body)))) return `${other.id} does not read its own error`
  }
  return undefined
}

/** Everything that reads what a stranger wrote, for each protocol. */
export function wireTargets(): Target[] {
  return WIRE_PROTOCOLS.flatMap(protocol => {
    const { bodies, streams, values } = examples(protocol.id)
    const material = materialOf(values)
    const target = (
      name: string,
      shape: Target['shape'],
      corpus: Target['corpus'],
      run: (protocol: WireProtocol, bytes: Uint8Array) => string | undefined,
    ): Target => ({ name: `${protocol.id}.${name}`, shape, corpus, material, run: bytes => run(protocol, bytes) })
    return [
      target('stream', 'stream', streams, streamFault),
      target('reply', 'json', bodies, replyFault),
      target('request', 'json', bodies, requestFault),
      target('problem', 'json', bodies, problemFault),
    ]
  })
}
