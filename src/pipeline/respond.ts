import type { Problem } from '../canon/problem.ts'
import { statusFor } from '../wire/wire-protocol.ts'
import type { Keeping } from './cached.ts'
import type { Call, House } from './call.ts'
import { type CallRecord, closingWith } from './call-record.ts'
import { quoted } from './diagnose.ts'
import { SSE } from './framing.ts'
import { keepBodies, keepWhole, openStreamKeeper } from './keep-bodies.ts'
import { pump } from './pump.ts'
import { candorHeaders, passOn, retryHeaders } from './reply-headers.ts'
import { SteadyHeaders } from './steady-headers.ts'
import type { Answer, StreamAnswer, WholeAnswer } from './take-reply.ts'

/** Longest value of a provider's header that is passed on, in characters. */
const HEADER_CHARS_MAX = 1_000

/** Most calls of a moment are for the same few models. */
const steady = new SteadyHeaders()

/** Tells the client why there is no answer, in its own protocol, and closes the receipt. */
export async function refuse(
  call: Call,
  found: Problem,
  record: CallRecord,
  house: House,
  ending: 'failed' | 'truncated' | 'interrupted' = found.code === 'stream_truncated' ? 'truncated' : 'failed',
): Promise<Response> {
  const status = statusFor(call.protocol, found)
  const receipt = record.close(ending, closingWith(found, status))
  const told = JSON.stringify(call.protocol.encodeProblem(found, call.id))
  if (house.bodies !== undefined) keepWhole(call, house, 'application/json', Buffer.from(told))
  await house.ledger.settle(receipt)
  return new Response(told, {
    status,
    headers: { ...candorHeaders(receipt, 'application/json'), ...record.headers, ...retryHeaders(found) },
  })
}

/** Gives the client its answer. */
export function respond(
  call: Call,
  answer: Answer,
  record: CallRecord,
  house: House,
  kept?: Keeping,
): Response | Promise<Response> {
  return answer.type === 'whole'
    ? respondWhole(call, answer, record, house, kept)
    : respondStream(call, answer, record, house, kept)
}

async function respondWhole(
  call: Call,
  answer: WholeAnswer,
  record: CallRecord,
  house: House,
  kept: Keeping | undefined,
): Promise<Response> {
  const attempt = record.draft.attempts.at(-1)
  if (attempt !== undefined) attempt.endedMs = record.elapsedMs()
  if (attempt?.firstByteMs !== undefined) record.draft.firstByteMs = attempt.firstByteMs
  const receipt = record.close('complete', {
    status: 200,
    heard: answer.heard,
    unsaid: answer.unsaid,
    replyBytes: answer.bytes.length,
  })
  kept?.keep(receipt, answer.bytes, answer.contentType)
  keepWhole(call, house, answer.contentType, answer.bytes)
  // The client sees the last byte only once the receipt is durable.
  await house.ledger.settle(receipt)
  return new Response(answer.bytes, { status: 200, headers: answerHeaders(answer, record, answer.contentType) })
}

function respondStream(
  call: Call,
  answer: StreamAnswer,
  record: CallRecord,
  house: House,
  kept: Keeping | undefined,
): Response {
  const keeper = kept?.open()
  const told = house.bodies && openStreamKeeper(house.bodies, call.framing)
  const { attempt } = answer
  if (attempt.firstByteMs !== undefined) record.draft.firstByteMs = attempt.firstByteMs
  const body = pump({
    answer,
    timers: house.timers,
    heartbeatMs: house.settings.heartbeatMs,
    heartbeat: call.framing.heartbeat,
    closing: house.closing,
    leaving: call.leaving.signal,
    keepers: [keeper, told].filter(each => each !== undefined),
    async settle(end) {
      attempt.endedMs = record.elapsedMs()
      if (end.problem !== undefined) attempt.problem = end.problem
      const receipt = record.close(end.ending, { ...end, status: 200 })
      kept?.keep(receipt, keeper?.bytes(), call.framing.contentType)
      keepBodies(call, house, told?.body())
      await house.ledger.settle(receipt)
    },
  })
  return new Response(body, { status: 200, headers: answerHeaders(answer, record, call.framing.contentType) })
}

function answerHeaders(answer: Answer, record: CallRecord, contentType: string): Headers {
  const headers = Object.assign(candorHeaders(record.draft, contentType), record.headers)
  if (answer.type === 'stream' || contentType === SSE.contentType) {
    // Without these a proxy in between may hold the whole stream back (nginx does by default).
    headers['cache-control'] = 'no-cache, no-transform'
    headers['x-accel-buffering'] = 'no'
  }
  const { scene } = answer
  passOn(answer.upstreamHeaders, headers, text => (scene === undefined ? text : quoted(text, scene, HEADER_CHARS_MAX)))
  return steady.of(headers)
}
