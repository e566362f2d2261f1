import { headerOf, type ReceivedRequest } from './http-reader.ts'
import type { Envelope, HeaderLines, Reply } from './reply.ts'

/** One thing done on the socket. `send` is body content, framed by the plan; `raw` goes out as it is. `Infinity` waits for ever. */
export type Step =
  | { readonly do: 'send'; readonly bytes: string | Uint8Array }
  | { readonly do: 'raw'; readonly bytes: string | Uint8Array }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'close'; readonly how: 'fin' | 'reset' }

/** How the end of the body is told: by chunks, by a content length, or by closing the connection. */
export type Framing = 'chunked' | 'length' | 'close'

/** All that will happen on the socket for one request. Faults are functions from plan to plan. */
export interface Plan {
  readonly status: number
  readonly headers: HeaderLines
  readonly framing: Framing
  /** Bytes announced where `framing` is `length`. */
  readonly bodyBytes: number
  /** Before the status line. */
  readonly before: readonly Step[]
  /** The body, and what happens in the middle of it. */
  readonly body: Iterable<Step>
  /** Behind the end of the body. */
  readonly after: readonly Step[]
  readonly streaming: boolean
  readonly envelope: Envelope
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  301: 'Moved Permanently',
  302: 'Found',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** The plan of a faultless answer. */
export function planOf(reply: Reply): Plan {
  const { body } = reply
  const whole = typeof body === 'string'
  return {
    status: reply.status,
    headers: reply.headers,
    framing: whole ? 'length' : 'chunked',
    bodyBytes: whole ? Buffer.byteLength(body) : 0,
    before: [],
    body: whole ? [{ do: 'send', bytes: body }] : eventSteps(body, reply),
    after: [],
    streaming: !whole,
    envelope: reply.envelope,
  }
}

/** The plan as this client can take it: no body for `HEAD`, no chunks for HTTP/1.0, and a closed connection where it asked for one. */
export function planFor(request: ReceivedRequest, plan: Plan): Plan {
  const closes = request.version === 'HTTP/1.0' || headerOf(request.headers, 'connection')?.toLowerCase() === 'close'
  const shown: Plan = request.method === 'HEAD' ? { ...plan, framing: 'length', body: [] } : plan
  if (!closes) return shown
  if (request.version === 'HTTP/1.0' && shown.framing === 'chunked') return { ...shown, framing: 'close' }
  return { ...shown, after: [...shown.after, { do: 'close', how: 'fin' }] }
}

/** Everything the socket is to do, in order. */
export function* stepsOf(plan: Plan): Iterable<Step> {
  yield* plan.before
  yield { do: 'raw', bytes: headText(plan) }
  yield* framedSteps(plan)
  if (plan.framing === 'chunked') yield { do: 'raw', bytes: '0\r\n\r\n' }
  yield* plan.after
  if (plan.framing === 'close') yield { do: 'close', how: 'fin' }
}

function* framedSteps(plan: Plan): Iterable<Step> {
  for (const step of plan.body) {
    if (step.do !== 'send') yield step
    else if (plan.framing !== 'chunked') yield { do: 'raw', bytes: step.bytes }
    else if (typeof step.bytes === 'string') yield { do: 'raw', bytes: framedText(step.bytes) }
    else if (step.bytes.length > 0) yield { do: 'raw', bytes: framedBytes(step.bytes) }
  }
}

function headText(plan: Plan): string {
  let text = `HTTP/1.1 ${plan.status} ${REASONS[plan.status] ?? 'Simulated'}\r\n`
  for (const [name, value] of plan.headers) text += `${name}: ${value}\r\n`
  if (plan.framing === 'chunked') return `${text}transfer-encoding: chunked\r\n\r\n`
  if (plan.framing === 'length') return `${text}content-length: ${plan.bodyBytes}\r\n\r\n`
  return `${text}connection: close\r\n\r\n`
}

function framedText(text: string): string {
  return text === '' ? '' : `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

function framedBytes(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

function* eventSteps(events: Iterable<string>, reply: Reply): Iterable<Step> {
  const paceMs = reply.paceMs ?? 0
  let first = true
  for (const event of events) {
    if (!first && paceMs > 0) yield { do: 'wait', ms: paceMs }
    first = false
    if (reply.splitCharacters === true) yield* splitInCharacters(event)
    else yield { do: 'send', bytes: event }
  }
}

/** Cuts behind the first byte of every multi-byte character, with a pause so that the pieces travel apart. */
function* splitInCharacters(event: string): Iterable<Step> {
  const bytes = Buffer.from(event)
  let from = 0
  for (let at = 0; at < bytes.length; at += 1) {
    if ((bytes[at] ?? 0) < 0xc0) continue
    yield { do: 'send', bytes: bytes.subarray(from, at + 1) }
    yield { do: 'wait', ms: 1 }
    from = at + 1
  }
  yield { do: 'send', bytes: bytes.subarray(from) }
}
