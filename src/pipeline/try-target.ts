import { redactHeader } from '../base/redact.ts'
import { newSpanId, type TraceContext, traceparent } from '../base/trace-context.ts'
import type { Identity } from '../canon/identity.ts'
import type { Problem } from '../canon/problem.ts'
import {
  attachKey,
  buildHeaders,
  type HeaderPlan,
  identityOf,
  showHeaders,
  type TraceTold,
} from '../upstream/headers.ts'
import { type Broken, type Incoming, send } from '../upstream/send.ts'
import { LASTING_MS, type Timeouts } from '../upstream/timers.ts'
import type { Call, Surface } from './call.ts'
import type { AttemptDraft, CallRecord } from './call-record.ts'
import { modelSetup } from './choose-targets.ts'
import { diagnoseBroken, diagnoseRefusal, placeAt, type Scene } from './diagnose.ts'
import { embeddingPath } from './embed.ts'
import { healthKey } from './legs.ts'
import type { Prepared } from './prepare.ts'
import type { Occasion } from './run-leg.ts'
import { type Answer, type Taking, takeReply } from './take-reply.ts'
import type { Trip } from './trip.ts'

/** Bytes of an error body that are read; the rest is let go. */
const ERROR_BYTES_MAX = 64 * 1024

const decoder = new TextDecoder()

/** The client left while the provider was asked. */
export const LEFT = Symbol('the client left')

const CANCELLED: Broken = { type: 'cancelled' }

/** One try at one surface: sends, waits for the answer to begin, and diagnoses whatever is not an answer. */
export async function tryTarget(
  surface: Surface,
  prepared: Prepared,
  trip: Trip,
  occasion: Occasion,
): Promise<Answer | Problem | typeof LEFT> {
  const { call, record, house } = trip
  const { stream } = trip.head
  const { target, credential } = surface
  const { plan, identity, url } = plannedRequest(call, surface, stream)
  const span = call.trace === undefined ? undefined : attemptSpan(call.trace)
  const headers = buildHeaders(span === undefined ? plan : { ...plan, trace: span }, identity)
  const attempt = openAttempt(surface, identity, url, headers, record, occasion)
  if (span !== undefined) attempt.spanId = span.spanId
  attachKey(headers, url, surface.endpoint, credential.key)
  const scene: Scene = { surface, identity, house }
  const { closing, clock, timers, network } = house
  const out = {
    url,
    origin: surface.endpoint.origin,
    headers,
    body: prepared.body,
    timeouts: timeoutsFor(trip, surface),
  }
  const visit = house.health.enter(healthKey(surface))
  record.visiting(visit)
  const hasLeft = attempt.startedMs > LASTING_MS && call.leaving.signal.aborted
  const got = hasLeft ? CANCELLED : await send(out, { leaving: call.leaving, closing, clock, timers, network })
  if (!('type' in got)) house.quotas.heard(target.provider, credential, got.headers)
  const taking: Taking = { call, surface, prepared, stream, scene, attempt, record }
  const answer = 'type' in got ? got : await judge(got, taking)
  if (isAnswer(answer)) {
    warnOfQuota(surface, trip)
    visit.judged({ type: 'answered', firstByteMs: (attempt.firstByteMs ?? attempt.startedMs) - attempt.startedMs })
    if (answer.type === 'stream') answer.incoming.outliveClosing()
    return answer
  }
  attempt.endedMs = record.elapsedMs()
  // Whether bytes of the body arrive before a cut is chance; the head has come in any case.
  const found = 'type' in answer ? broken(answer, attempt, scene) : placeAt(answer, scene)
  visit.judged(found === LEFT ? NO_VERDICT : { type: 'failed', problem: found })
  if (found === LEFT) return LEFT
  attempt.problem = found
  if (found.sent === true) attempt.possiblyBilled = true
  return found
}

/** A window of the provider's of which less is left is told with the answer. Percent. */
const QUOTA_LOW = 10

function warnOfQuota({ target, credential }: Surface, { house, record }: Trip): void {
  const { id } = target.provider
  const low = house.quotas.low(id, credential.name, QUOTA_LOW)
  if (low?.remainingPercent === undefined) return
  const { name, remainingPercent, resetsAtMs } = low
  record.draft.quotaWarning = {
    provider: id,
    window: name,
    remainingPercent,
    ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
  }
}

const NO_VERDICT = { type: 'no-verdict' } as const

function broken(answer: Broken, attempt: AttemptDraft, scene: Scene): Problem | typeof LEFT {
  return answer.type === 'cancelled' ? LEFT : diagnoseBroken(answer, attempt.status !== undefined, scene)
}

/** The gateway's limits with the provider's own over them. What earlier attempts took is gone from the time for the whole. */
function timeoutsFor({ house, record }: Trip, { target }: Surface): Timeouts {
  const own = target.provider.timeouts
  const timeouts = own === undefined ? house.settings.timeouts : { ...house.settings.timeouts, ...own }
  if (record.draft.attempts.length < 2) return timeouts
  return { ...timeouts, totalMs: Math.max(1, timeouts.totalMs - Math.round(record.elapsedMs())) }
}

/** The provider is told the attempt's own span, so that what it tells of it finds its place. */
function attemptSpan(trace: TraceContext): TraceTold & { readonly spanId: string } {
  const spanId = newSpanId()
  return { spanId, traceparent: traceparent(trace, spanId), continued: trace.parentId !== undefined }
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
  { because, waitedMs }: Occasion,
): AttemptDraft {
  const { target, credential } = surface
  const attempt: AttemptDraft = {
    provider: target.provider.id,
    model: target.model,
    billing: credential.billing,
    ...(target.provider.credentials.length > 1 ? { credential: credential.name } : {}),
    ...(because === undefined ? {} : { because }),
    ...(waitedMs === undefined ? {} : { waitedMs }),
    protocol: surface.endpoint.protocol,
    url: withoutQuery(url),
    identity: shownIdentity(identity),
    headers: shownHeaders(headers, surface),
    startedMs: record.elapsedMs(),
  }
  record.draft.attempts.push(attempt)
  return attempt
}

/** Who was named upstream, without anything that looks like a key: some clients put theirs into their name. */
function shownIdentity(identity: Identity): Identity {
  const userAgent = redactHeader('user-agent', identity.userAgent)
  return userAgent === identity.userAgent ? identity : { ...identity, userAgent }
}

function withoutQuery(url: string): string {
  const mark = url.indexOf('?')
  return mark < 0 ? url : url.slice(0, mark)
}

/** Headers as they may be shown. That a key is sent, and where: never what it is. */
export function shownHeaders(headers: Record<string, string>, surface: Surface): Record<string, string> {
  const { auth } = surface.endpoint
  const shown = showHeaders(headers)
  if (surface.credential.key !== undefined && auth !== 'none')
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
