import type { Identity } from '../canon/identity.ts'
import type { Problem } from '../canon/problem.ts'
import { attachKey, buildHeaders, type HeaderPlan, identityOf, showHeaders } from '../upstream/headers.ts'
import { type Incoming, send } from '../upstream/send.ts'
import type { Call, House, Surface } from './call.ts'
import type { AttemptDraft, CallRecord } from './call-record.ts'
import { modelSetup } from './choose-targets.ts'
import { diagnoseBroken, diagnoseRefusal, placeAt, type Scene } from './diagnose.ts'
import { embeddingPath } from './embed.ts'
import type { Prepared } from './prepare.ts'
import { type Answer, type Taking, takeReply } from './take-reply.ts'

/** Bytes of an error body that are read; the rest is let go. */
const ERROR_BYTES_MAX = 64 * 1024

const decoder = new TextDecoder()

/** The client left while the provider was asked. */
export const LEFT = Symbol('the client left')

/** One try at one surface: sends, waits for the answer to begin, and diagnoses whatever is not an answer. */
export async function tryTarget(
  call: Call,
  surface: Surface,
  prepared: Prepared,
  stream: boolean,
  record: CallRecord,
  house: House,
): Promise<Answer | Problem | typeof LEFT> {
  const { plan, identity, url } = plannedRequest(call, surface, stream)
  const headers = buildHeaders(plan, identity)
  const attempt = openAttempt(surface, identity, url, headers, record)
  attachKey(headers, url, surface.endpoint, surface.target.provider.key)
  const scene: Scene = { surface, identity, house }
  const own = surface.target.provider.timeouts
  const timeouts = own === undefined ? house.settings.timeouts : { ...house.settings.timeouts, ...own }
  const { closing, clock, timers, network } = house
  const out = { url, origin: surface.endpoint.origin, headers, body: prepared.body, timeouts }
  const got = await send(out, { leaving: call.leaving, closing, clock, timers, network })
  const taking: Taking = { call, surface, prepared, stream, scene, attempt, record }
  const answer = 'type' in got ? got : await judge(got, taking)
  if (isAnswer(answer)) {
    if (answer.type === 'stream') answer.incoming.outliveClosing()
    return answer
  }
  attempt.endedMs = record.elapsedMs()
  if ('type' in answer) {
    if (answer.type === 'cancelled') return LEFT
    // Whether bytes of the body arrive before a cut is chance; the head has come in any case.
    const found = diagnoseBroken(answer, attempt.status !== undefined, scene)
    attempt.problem = found
    return found
  }
  const found = placeAt(answer, scene)
  attempt.problem = found
  return found
}

/** Where a request goes, and what decides its headers. */
export function plannedRequest(
  call: Call,
  surface: Surface,
  stream: boolean,
): { plan: HeaderPlan; identity: Identity; url: string } {
  const { target, endpoint } = surface
  const plan: HeaderPlan = {
    client: call.headers,
    clientProtocol: call.protocol.id,
    provider: target.provider,
    endpoint,
    model: modelSetup(target),
    stream,
  }
  return { plan, identity: identityOf(plan), url: endpoint.baseUrl + pathOf(call, surface, stream) }
}

function pathOf({ operation }: Call, surface: Surface, stream: boolean): string {
  const { protocol, target } = surface
  if (operation === 'embed') return embeddingPath(surface)
  const names = { model: target.model, stream }
  const path = operation === 'count-tokens' ? protocol.counting?.path : undefined
  return (path ?? protocol.path)(names)
}

function openAttempt(
  surface: Surface,
  identity: Identity,
  url: string,
  headers: Record<string, string>,
  record: CallRecord,
): AttemptDraft {
  const attempt: AttemptDraft = {
    provider: surface.target.provider.id,
    model: surface.target.model,
    protocol: surface.endpoint.protocol,
    url: withoutQuery(url),
    identity,
    headers: shownHeaders(headers, surface),
    startedMs: record.elapsedMs(),
  }
  record.draft.attempts.push(attempt)
  return attempt
}

function withoutQuery(url: string): string {
  const mark = url.indexOf('?')
  return mark < 0 ? url : url.slice(0, mark)
}

/** Headers as they may be shown. That a key is sent, and where: never what it is. */
export function shownHeaders(headers: Record<string, string>, surface: Surface): Record<string, string> {
  const { auth } = surface.endpoint
  const shown = showHeaders(headers)
  if (surface.target.provider.key !== undefined && auth !== 'none')
    shown[auth === 'bearer' ? 'authorization' : auth] = '••••'
  return shown
}

function judge(got: Incoming, taking: Taking): ReturnType<typeof takeReply> {
  taking.attempt.status = got.status
  return got.status >= 200 && got.status < 300 ? takeReply(got, taking) : judgeRefusal(got, taking.scene)
}

async function judgeRefusal(got: Incoming, scene: Scene): Promise<Problem> {
  const { status, headers } = got
  return diagnoseRefusal({ status, headers, bodyText: await readErrorBody(got) }, scene)
}

async function readErrorBody(got: Incoming): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  while (bytes < ERROR_BYTES_MAX) {
    const piece = await got.read()
    if (piece === 'done' || 'type' in piece) return decoder.decode(Buffer.concat(parts))
    parts.push(piece)
    bytes += piece.length
  }
  got.cancel()
  return decoder.decode(Buffer.concat(parts).subarray(0, ERROR_BYTES_MAX))
}

function isAnswer(value: object): value is Answer {
  return 'heard' in value
}
