import { afterAll, afterEach, describe, expect, test } from 'bun:test'
import { gunzipSync } from 'node:zlib'
import { systemClock } from '../../src/base/clock.ts'
import { asObject, type JsonObject } from '../../src/base/json-value.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import { FAULTS } from '../../src/sim/faults.ts'
import { type Sim, startSim } from '../../src/sim/start-sim.ts'
import { type Answered, bodyOf, call, pathOf, raw, requestBytes, user } from './calls.ts'

const clock = { ...systemClock, now: () => 1_800_000_000_000 }
const openAi = await startSim({ kind: 'openai', clock, allowRequestFaults: true })
const anthropic = await startSim({ kind: 'anthropic', clock })
const google = await startSim({ kind: 'google', clock })
const sims = [openAi, anthropic, google] as const
afterAll(async () => {
  await Promise.all(sims.map(sim => sim.stop()))
})
afterEach(() => {
  for (const sim of sims) sim.setFault(undefined)
})

const CHAT = '/v1/chat/completions'
const MESSAGES = '/v1/messages'
const covered = new Set<string>()

/** A surface, and what its answers look like. */
interface Target {
  readonly protocol: ProtocolId
  readonly sim: Sim
  /** What only the end of a complete stream says. */
  readonly ending: string
  /** The error that ends a stream behind two events. */
  readonly error: string
  /** How a whole answer begins, and where it names the model. */
  readonly begins: string
  readonly modelField: string
}

const OVERLOADED = '"message":"Overloaded"'
const targets: readonly Target[] = [
  {
    protocol: 'openai-completions',
    sim: openAi,
    ending: '[DONE]',
    error: `data: {"error":{${OVERLOADED},"type":"engine_overloaded_error","param":null,"code":null}}`,
    begins: '{"id":',
    modelField: 'model',
  },
  {
    protocol: 'openai-responses',
    sim: openAi,
    ending: 'response.completed',
    error: `event: error\ndata: {"type":"error","sequence_number":2,"error":{"type":"server_error","code":"server_is_overloaded",${OVERLOADED},"param":null}}`,
    begins: '{"id":',
    modelField: 'model',
  },
  {
    protocol: 'anthropic-messages',
    sim: anthropic,
    ending: 'message_stop',
    error: `event: error\ndata: {"type":"error","error":{"type":"overloaded_error",${OVERLOADED}},"request_id":"req_simulated"}`,
    begins: '{"id":',
    modelField: 'model',
  },
  {
    protocol: 'google-generative-ai',
    sim: google,
    ending: 'finishReason',
    error: `data: {"error":{"code":503,${OVERLOADED},"status":"UNAVAILABLE"}}`,
    begins: '{"candidates":',
    modelField: 'modelVersion',
  },
]

function pathFor({ protocol, sim }: Target, stream: boolean): string {
  const surface = sim.surfaces.find(each => each.protocol === protocol)
  return pathOf(protocol, surface?.baseUrl ?? '', sim.model, stream)
}

function bodyFor({ protocol, sim }: Target, stream: boolean): JsonObject {
  return bodyOf(protocol, sim.model, 'hello', stream)
}

function ask(target: Target, stream: boolean): Promise<Answered> {
  return call(target.sim, 'POST', pathFor(target, stream), bodyFor(target, stream))
}

/** The events of a stream, their ends taken off. */
function eventsIn(text: string): string[] {
  return text.split(/\r?\n\r?\n/)
}

/** One answer under a fault, as bytes, with the head apart. */
async function faulty(target: Target, fault: string | undefined, stream: boolean) {
  const { sim } = target
  if (fault !== undefined) covered.add(fault.split(/[=;]/)[0] ?? '')
  sim.setFault(fault)
  // Ids in the answer count requests: this way every answer has the same.
  sim.clear()
  const { bytes, reset } = await raw(sim, requestBytes(sim, pathFor(target, stream), bodyFor(target, stream)))
  const end = bytes.indexOf('\r\n\r\n')
  return {
    head: bytes.toString('latin1', 0, Math.max(end, 0)),
    body: bytes.subarray(end < 0 ? 0 : end + 4),
    bytes,
    reset,
  }
}

/** A chunked body without its chunk lines, and whether its last chunk came. */
function unchunked(body: Buffer): { readonly text: string; readonly ended: boolean } {
  let text = ''
  let at = 0
  for (;;) {
    const line = body.indexOf('\r\n', at)
    const size = line < 0 ? Number.NaN : Number.parseInt(body.toString('latin1', at, line), 16)
    if (Number.isNaN(size)) return { text, ended: false }
    if (size === 0) return { text, ended: true }
    text += body.toString('utf8', line + 2, line + 2 + size)
    at = line + 2 + size + 2
  }
}

async function streamed(target: Target, fault: string | undefined) {
  return unchunked((await faulty(target, fault, true)).body)
}

describe.each(targets)('$protocol', target => {
  const { sim } = target
  test('cut: exactly that many bytes of the body, and no ending', async () => {
    const good = await streamed(target, undefined)
    expect(good.ended).toBe(true)
    for (const bytes of [0, 1, 100, 333]) {
      const got = await streamed(target, `cut=${bytes}`)
      expect(got).toEqual({ text: good.text.slice(0, bytes), ended: false })
    }
  })
  test('cut: an announced length that is not kept', async () => {
    const { head, body } = await faulty(target, 'cut=50', false)
    expect(Number(/content-length: (\d+)/.exec(head)?.[1])).toBeGreaterThan(50)
    expect(body.length).toBe(50)
  })
  test('cut: a stream under an announced length', async () => {
    const good = await streamed(target, undefined)
    const { head, body } = await faulty(target, 'cut=50;framing=length', true)
    expect(head).toContain(`content-length: ${Buffer.byteLength(good.text)}`)
    expect(body.toString()).toBe(good.text.slice(0, 50))
  })
  test('cut: a body that ends with the connection', async () => {
    const closed = await faulty(target, 'cut=50;framing=close', true)
    expect(closed.head).toContain('connection: close')
    expect([closed.body.length, closed.reset]).toEqual([50, false])
    const reset = await faulty(target, 'cut=50;framing=close;how=reset', true)
    expect([reset.body.length, reset.reset]).toEqual([50, true])
  })
  test('cut: a request that was sent behind it is not served', async () => {
    sim.setFault('cut=5')
    sim.clear()
    const twice = requestBytes(sim, pathFor(target, false), bodyFor(target, false), []).repeat(2)
    await raw(sim, twice)
    expect(sim.requests()).toHaveLength(1)
  })
  test('cut: a whole answer in chunks', async () => {
    const { head, body } = await faulty(target, 'cut=50;framing=chunked', false)
    expect(head).toContain('transfer-encoding: chunked')
    expect(unchunked(body)).toMatchObject({ ended: false, text: expect.stringMatching(/^.{50}$/) })
  })
  test('reset before any byte, and behind the headers', async () => {
    const before = await faulty(target, 'reset', false)
    expect([before.bytes.length, before.reset]).toEqual([0, true])
    const behind = await faulty(target, 'reset=headers', true)
    expect(behind.head).toStartWith('HTTP/1.1 200 OK')
    expect([behind.body.length, behind.reset]).toEqual([0, true])
  })
  test('status: in the envelope of the surface, or a body of its own', async () => {
    sim.setFault('status=503;retry-after=7')
    covered.add('status')
    const answered = await ask(target, true)
    expect([answered.status, answered.headers.get('retry-after')]).toEqual([503, '7'])
    expect(asObject(answered.json.error)?.message).toBe('Simulated failure with status 503.')
    sim.setFault('status=502;body=<h1>no</h1>;content-type=text/html')
    const page = await ask(target, false)
    expect([page.status, page.headers.get('content-type'), page.text]).toEqual([502, 'text/html', '<h1>no</h1>'])
  })
  test('end-early: in order, without the protocol’s ending', async () => {
    const good = await streamed(target, undefined)
    const got = await streamed(target, 'end-early=3')
    expect(got.ended).toBe(true)
    expect(eventsIn(got.text)).toEqual([...eventsIn(good.text).slice(0, 3), ''])
    sim.setFault('end-early=1')
    const whole = await ask(target, false)
    expect(whole.json).toEqual({})
    expect(whole.text).toStartWith(target.begins)
  })
  test('error: the protocol’s own event, then nothing', async () => {
    const got = await streamed(target, 'error=2')
    expect(got.ended).toBe(true)
    expect(got.text).not.toContain(target.ending)
    expect(eventsIn(got.text)[2]).toBe(target.error)
  })
  test('malformed: one event whose JSON breaks off, the others whole', async () => {
    const good = eventsIn((await streamed(target, undefined)).text)
    const got = eventsIn((await streamed(target, 'malformed=2')).text)
    expect(got.length).toBe(good.length)
    expect(got.filter((event, at) => event !== good[at])).toEqual([good[2]?.slice(0, got[2]?.length) ?? ''])
    expect(got[2]?.length).toBeLessThan(good[2]?.length ?? 0)
    sim.setFault('malformed')
    expect((await ask(target, false)).json).toEqual({})
  })
  test('huge: one event of that size, still valid', async () => {
    const got = eventsIn((await streamed(target, 'huge=2;event=1')).text)
    expect(got[1]?.length).toBeGreaterThan(2 * 1024 * 1024)
    const data = got[1]?.split('data: ')[1] ?? ''
    expect(JSON.parse(data)).toHaveProperty('padding')
    sim.setFault('huge=1')
    const whole = await ask(target, false)
    expect(whole.json.padding).toHaveLength(1024 * 1024)
    expect(whole.json[target.modelField]).toBe(sim.model)
  })
  test('garbage: bytes that are no UTF-8, in a stream and in a whole body', async () => {
    for (const stream of [true, false]) {
      const { body } = await faulty(target, 'garbage=80', stream)
      expect(() => new TextDecoder('utf-8', { fatal: true }).decode(body)).toThrow()
    }
  })
  test('bad-chunk: a size that is no number', async () => {
    const { body } = await faulty(target, 'bad-chunk=1', true)
    expect(body.toString()).toContain('\r\nno size\r\n')
    await expect(ask(target, true)).rejects.toThrow()
  })
  test('drip: the body byte by byte, the same in the end', async () => {
    sim.setFault(undefined)
    const good = await ask(target, false)
    const { head, body } = await faulty(target, 'drip=0', true)
    expect(head).toStartWith('HTTP/1.1 200 OK')
    expect(body.toString('latin1')).toMatch(/^(1\r\n[\s\S]\r\n)+0\r\n\r\n$/)
    sim.setFault('drip=0')
    const dripped = await ask(target, false)
    expect(dripped.text.length).toBe(good.text.length)
  })
  test('content-type: another name for the same bytes', async () => {
    sim.setFault('content-type=text/html')
    covered.add('content-type')
    const answered = await ask(target, false)
    expect([answered.status, answered.headers.get('content-type')]).toEqual([200, 'text/html'])
    expect(answered.json[target.modelField]).toBe(sim.model)
  })
  test.each([301, 302, 303, 307, 308])('redirect: %d to the given place', async code => {
    sim.setFault(`redirect=${code};to=http://127.0.0.1:9/else`)
    covered.add('redirect')
    const answered = await ask(target, false)
    expect([answered.status, answered.headers.get('location')]).toEqual([code, 'http://127.0.0.1:9/else'])
  })
  test('extra: bytes behind the end', async () => {
    const good = await faulty(target, undefined, true)
    const noise = await faulty(target, 'extra', true)
    expect(noise.bytes.length).toBe(good.bytes.length + 64)
    const second = await faulty(target, 'extra=response', false)
    expect(second.bytes.toString().split('HTTP/1.1 200 OK')).toHaveLength(3)
  })
  test('gzip-bomb: small on the wire, large unpacked', async () => {
    const { head, body } = await faulty(target, 'gzip-bomb=8', false)
    expect(head).toContain('content-encoding: gzip')
    expect(body.length).toBeLessThan(64 * 1024)
    const unpacked = gunzipSync(body)
    expect(unpacked.length).toBeGreaterThan(8 * 1024 * 1024)
    expect(asObject(JSON.parse(unpacked.toString()))?.[target.modelField]).toBe(sim.model)
  })
  test('headers: as large as asked for', async () => {
    const { head } = await faulty(target, 'headers=300', false)
    expect(head.length).toBeGreaterThan(300_000)
  })
  test('both-lengths: two ways to end the body', async () => {
    const { head, body } = await faulty(target, 'both-lengths=9', false)
    expect(head).toContain('content-length: 9\r\ntransfer-encoding: chunked')
    expect(unchunked(body).ended).toBe(true)
  })
  test('informational: many before the real one', async () => {
    const { bytes } = await faulty(target, 'informational=50', false)
    expect(bytes.toString().split('103 Early Hints')).toHaveLength(51)
    expect(bytes.toString()).toContain('HTTP/1.1 200 OK')
  })
})

describe('turning a fault on', () => {
  test('for some requests only', async () => {
    openAi.setFault('status=500', request => request.body.includes('unlucky'))
    const status = async (text: string) =>
      (await call(openAi, 'POST', CHAT, { model: openAi.model, messages: user(text) })).status
    expect([await status('lucky'), await status('unlucky'), await status('lucky')]).toEqual([200, 500, 200])
  })
  test('by a request, where that is allowed', async () => {
    const body = bodyOf('openai-completions', openAi.model, 'hello', false)
    expect((await call(openAi, 'POST', CHAT, body, { 'x-sim-fault': 'status=418' })).status).toBe(418)
    expect((await call(openAi, 'POST', `${CHAT}?sim-fault=status%3D419`, body)).status).toBe(419)
    const unknown = await call(openAi, 'POST', CHAT, body, { 'x-sim-fault': 'explode' })
    expect([unknown.status, asObject(unknown.json.error)?.type]).toEqual([400, 'simulator_error'])
    const forbidden = await call(
      anthropic,
      'POST',
      MESSAGES,
      bodyOf('anthropic-messages', anthropic.model, 'hello', false),
      {
        'x-sim-fault': 'status=418',
      },
    )
    expect(forbidden.status).toBe(200)
  })
  test('from the start, and never with a text that is none', async () => {
    const own = await startSim({ kind: 'openai', fault: 'status=500' })
    expect((await call(own, 'GET', '/v1/models')).status).toBe(500)
    expect(() => own.setFault('explode')).toThrow('no fault is called "explode"')
    await own.stop()
    await expect(startSim({ kind: 'openai', fault: 'cut' })).rejects.toThrow('bytes must be a whole number')
  })
  test('every fault but the two that take time was seen here', () => {
    expect([...covered, 'delay', 'stall'].sort()).toEqual(FAULTS.map(row => row.name).sort())
  })
})
