import { gzipSync } from 'node:zlib'
import type { Fault, FaultName } from './faults.ts'
import type { Framing, Plan, Step } from './plan.ts'
import type { Envelope, Failure, HeaderLines } from './reply.ts'

/** What a fault does to a plan, by its settings. */
type Effect = (plan: Plan, values: Settings) => Plan

interface Settings {
  count(name: string): number
  text(name: string): string
}

const MIB = 1024 * 1024
/** Time for the bytes before a reset to arrive: a reset makes the other side forget what it has not read. */
const BEFORE_RESET_MS = 20

/** What every surface tells in the middle of a stream: no capacity left. */
const OVERLOADED: Failure = {
  status: 529,
  type: 'engine_overloaded_error',
  anthropicType: 'overloaded_error',
  message: 'Overloaded',
}

const SECOND_ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{"extra":true}'

const EFFECTS: Readonly<Record<FaultName, Effect>> = {
  status: (plan, values) => {
    const status = values.count('code')
    const own = plan.envelope.body({ status, message: `Simulated failure with status ${status}.` })
    const told = ['content-type', 'retry-after', 'retry-after-ms'].map(name => [name, values.text(name)] as const)
    const headers: HeaderLines = told.filter(([, value]) => value !== '')
    return whole({ ...plan, status, headers }, values.text('body') || JSON.stringify(own))
  },
  delay: (plan, values) => ({ ...plan, before: [...plan.before, { do: 'wait', ms: values.count('ms') }] }),
  stall: (plan, values) => ({
    ...plan,
    body: inserted(parts(plan), values.count('after'), [{ do: 'wait', ms: values.count('ms') }]),
  }),
  cut: (plan, values) => {
    const wanted = values.text('framing')
    const framing: Framing = wanted === 'chunked' || wanted === 'length' || wanted === 'close' ? wanted : plan.framing
    const body = framing === 'length' ? [...plan.body] : plan.body
    const bodyBytes = framing === 'length' ? sizeOf(body) : 0
    return { ...plan, framing, bodyBytes, body: cut(body, values.count('bytes'), closing(values.text('how'))) }
  },
  'end-early': (plan, values) => sized({ ...plan, body: [...firstParts(parts(plan), values.count('events'))] }),
  error: (plan, values) => {
    if (!plan.streaming) return plan
    return { ...plan, body: ended(firstParts(plan.body, values.count('events')), plan.envelope) }
  },
  garbage: (plan, values) =>
    sized({
      ...plan,
      body: inserted(parts(plan), values.count('after'), [{ do: 'send', bytes: noise(values.count('bytes')) }]),
    }),
  malformed: (plan, values) => sized({ ...plan, body: changed(plan, values.count('event'), half) }),
  huge: (plan, values) => {
    const padding = 'x'.repeat(values.count('mib') * MIB)
    const padded = (text: string) => text.replace('{', () => `{"padding":"${padding}",`)
    return sized({ ...plan, body: changed(plan, values.count('event'), padded) })
  },
  'bad-chunk': (plan, values) => ({
    ...plan,
    framing: 'chunked',
    body: inserted(parts(plan), values.count('events'), [{ do: 'raw', bytes: 'no size\r\nno data\r\n' }]),
  }),
  drip: (plan, values) => ({ ...plan, body: dripped(plan.body, values.count('ms')) }),
  reset: (plan, values) =>
    values.text('at') === 'before'
      ? { ...plan, before: [...plan.before, { do: 'close', how: 'reset' }] }
      : { ...plan, body: closing('reset') },
  'content-type': (plan, values) => ({
    ...plan,
    headers: plan.headers.map(line =>
      line[0] === 'content-type' ? (['content-type', values.text('type')] as const) : line,
    ),
  }),
  redirect: (plan, values) =>
    whole({ ...plan, status: values.count('code'), headers: [['location', values.text('to')]] }, ''),
  extra: (plan, values) => ({
    ...plan,
    after: [{ do: 'raw', bytes: values.text('what') === 'garbage' ? noise(64) : SECOND_ANSWER }, ...plan.after],
  }),
  'gzip-bomb': (plan, values) => {
    const padding = Buffer.alloc(values.count('mib') * MIB, ' ')
    const bytes = gzipSync(Buffer.concat([padding, ...[...plan.body].map(bytesOf)]))
    const headers: HeaderLines = [...plan.headers, ['content-encoding', 'gzip']]
    return sized({ ...plan, headers, body: [{ do: 'send', bytes }] })
  },
  headers: (plan, values) => {
    const padding = Array.from(
      { length: values.count('kib') },
      (_, at) => [`x-padding-${at}`, 'x'.repeat(1000)] as const,
    )
    return { ...plan, headers: [...plan.headers, ...padding] }
  },
  'both-lengths': (plan, values) => ({
    ...plan,
    framing: 'chunked',
    headers: [...plan.headers, ['content-length', String(values.count('bytes'))]],
  }),
  informational: (plan, values) => ({
    ...plan,
    before: [{ do: 'raw', bytes: 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(values.count('count')) }, ...plan.before],
  }),
}

/** The plan with a fault laid on it. */
export function faultPlan(plan: Plan, fault: Fault): Plan {
  const { values } = fault
  return EFFECTS[fault.name](plan, {
    count: name => Number(values[name]),
    text: name => String(values[name]),
  })
}

function whole(plan: Plan, text: string): Plan {
  const body: readonly Step[] = [{ do: 'send', bytes: text }]
  return { ...plan, framing: 'length', bodyBytes: sizeOf(body), body, streaming: false }
}

/** Announces the size the body really has, where a size is announced. */
function sized(plan: Plan): Plan {
  if (plan.framing !== 'length') return plan
  const body = [...plan.body]
  return { ...plan, body, bodyBytes: sizeOf(body) }
}

/** The events of a stream; a whole body in two halves. */
function parts(plan: Plan): Iterable<Step> {
  if (plan.streaming) return plan.body
  const bytes = Buffer.concat([...plan.body].map(bytesOf))
  const middle = Math.ceil(bytes.length / 2)
  return [
    { do: 'send', bytes: bytes.subarray(0, middle) },
    { do: 'send', bytes: bytes.subarray(middle) },
  ]
}

function* inserted(body: Iterable<Step>, count: number, what: readonly Step[]): Iterable<Step> {
  let sent = 0
  let done = false
  for (const step of body) {
    if (!done && sent === count) {
      yield* what
      done = true
    }
    yield step
    if (step.do === 'send') sent += 1
  }
  if (!done && sent === count) yield* what
}

function* firstParts(body: Iterable<Step>, count: number): Iterable<Step> {
  let sent = 0
  if (count === 0) return
  for (const step of body) {
    yield step
    if (step.do === 'send') sent += 1
    // Before the next is asked for: making an event may have effects.
    if (sent === count) return
  }
}

function* ended(body: Iterable<Step>, envelope: Envelope): Iterable<Step> {
  yield* body
  yield { do: 'send', bytes: envelope.event(OVERLOADED) }
}

function* cut(body: Iterable<Step>, bytesMax: number, ending: readonly Step[]): Iterable<Step> {
  let left = bytesMax
  for (const step of body) {
    const bytes = bytesOf(step)
    if (step.do === 'send' && bytes.length >= left) {
      yield { do: 'send', bytes: bytes.subarray(0, left) }
      yield* ending
      return
    }
    left -= bytes.length
    yield step
  }
}

function* changed(plan: Plan, at: number, change: (text: string) => string): Iterable<Step> {
  let index = 0
  // A whole body is one event, whatever number is asked for.
  const target = plan.streaming ? at : 0
  for (const step of plan.body) {
    if (step.do !== 'send') yield step
    else {
      yield index === target ? { do: 'send', bytes: change(bytesOf(step).toString('utf8')) } : step
      index += 1
    }
  }
}

/** The first half of an event, closed as if it were whole. */
function half(text: string): string {
  const said = text.trimEnd()
  return said.slice(0, Math.ceil(said.length / 2)) + text.slice(said.length)
}

function* dripped(body: Iterable<Step>, ms: number): Iterable<Step> {
  for (const step of body) {
    if (step.do !== 'send') yield step
    else {
      const bytes = bytesOf(step)
      for (let at = 0; at < bytes.length; at += 1) {
        yield { do: 'send', bytes: bytes.subarray(at, at + 1) }
        if (ms > 0) yield { do: 'wait', ms }
      }
    }
  }
}

function closing(how: string): readonly Step[] {
  return how === 'reset'
    ? [
        { do: 'wait', ms: BEFORE_RESET_MS },
        { do: 'close', how: 'reset' },
      ]
    : [{ do: 'close', how: 'fin' }]
}

/** Bytes that look like nothing: the same every time, never a line end, never valid UTF-8. */
function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => 0x80 + ((at * 37) % 0x40))
}

function bytesOf(step: Step): Buffer {
  if (step.do === 'wait' || step.do === 'close') return Buffer.alloc(0)
  return typeof step.bytes === 'string' ? Buffer.from(step.bytes) : Buffer.from(step.bytes)
}

function sizeOf(steps: Iterable<Step>): number {
  let bytes = 0
  for (const step of steps) if (step.do === 'send') bytes += bytesOf(step).length
  return bytes
}
