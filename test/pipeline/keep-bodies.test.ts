import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { openLatch } from '../../src/base/latch.ts'
import { problem } from '../../src/canon/problem.ts'
import { isCut, type KeptBodies, type KeptBody, openBodyRoom } from '../../src/ledger/kept-bodies.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Call, House } from '../../src/pipeline/call.ts'
import { JSON_ARRAY, SSE } from '../../src/pipeline/framing.ts'
import { openStreamKeeper } from '../../src/pipeline/keep-bodies.ts'
import { refuseCall, runCall } from '../../src/pipeline/run-call.ts'
import { type Asked, callOf, NO_BODIES, openScriptedHouse, protocolOf, type ScriptedHouse } from './scripted-house.ts'

const textOf = (body: KeptBody | undefined) => Buffer.from(body?.data ?? []).toString()

describe('what is collected of a stream', () => {
  test('is its beginning, however it is cut in pieces, and its whole length is counted', () => {
    const anyPieces = fc.array(fc.uint8Array({ maxLength: 9_000 }), { maxLength: 8 })
    fc.assert(
      fc.property(anyPieces, fc.integer({ min: 0, max: 20_000 }), (pieces, bytesMax) => {
        const room = openBodyRoom(bytesMax)
        const keeper = openStreamKeeper({ bytesMax, room }, SSE)
        for (const piece of pieces) keeper.push(piece)
        const whole = Buffer.concat(pieces)
        const { bytes, data, contentType } = keeper.body()
        expect([bytes, contentType]).toEqual([whole.length, SSE.contentType])
        expect(Buffer.from(data)).toEqual(whole.subarray(0, bytesMax))
        // All of the room is given back.
        expect(room.take(bytesMax)).toBeTrue()
      }),
    )
  })

  test('is a copy: neither held with the memory a piece is part of, nor changed with it', () => {
    const socket = Buffer.alloc(1_000_000, 'a')
    const keeper = openStreamKeeper({ bytesMax: 1_000_000, room: openBodyRoom(1_000_000) }, SSE)
    keeper.push(socket.subarray(0, 3))
    socket.fill('b')
    const { data } = keeper.body()
    expect(Buffer.from(data).toString()).toBe('aaa')
    expect(data.buffer.byteLength).toBe(3)
  })

  test.each([SSE, JSON_ARRAY])('has no signs of life in it: $contentType', framing => {
    const keeper = openStreamKeeper({ bytesMax: 100, room: openBodyRoom(100) }, framing)
    for (const piece of [framing.heartbeat, Buffer.from('x'), framing.heartbeat, new Uint8Array(framing.heartbeat)])
      keeper.push(piece)
    const said = Buffer.from(framing.heartbeat).toString()
    const { bytes, data } = keeper.body()
    // The same bytes as a part of the answer are a part of the answer.
    expect([bytes, Buffer.from(data).toString()]).toEqual([1 + said.length, `x${said}`])
  })

  test('stays within the room of all streams; where that is full, a stream is cut and never goes on', () => {
    const room = openBodyRoom(11_000)
    const open = () => openStreamKeeper({ bytesMax: 1_000_000, room }, SSE)
    const [one, two] = [open(), open()]
    one.push(Buffer.alloc(6_000, 'a'))
    two.push(Buffer.alloc(4_096, 'b'))
    two.push(Buffer.alloc(4_000, 'c'))
    const first = one.body()
    two.push(Buffer.alloc(4_000, 'd'))
    const second = two.body()
    expect([first.data.length, isCut(first)]).toEqual([6_000, false])
    expect([textOf(second), second.bytes, isCut(second)]).toEqual(['b'.repeat(4_096), 12_096, true])
    expect(room.take(11_000)).toBeTrue()
  })
})

interface Recorded {
  readonly at: ScriptedHouse
  readonly kept: readonly KeptBodies[]
}

const PROVIDER = { api: 'openai-completions', billing: 'metered', apiKey: 'sk-1', models: [{ id: 'm' }, { id: 'v' }] }

async function open(keepDays: number, bytesMax = 65_536): Promise<Recorded> {
  const kept: KeptBodies[] = []
  const room = openBodyRoom(1_000_000)
  const at = await openScriptedHouse({
    config: {
      models: { providers: { a: { ...PROVIDER, baseUrl: 'https://a.test/v1' } } },
      routes: { r: { targets: ['a/m'], cache: { ttlSeconds: 60 } } },
      bodies: { keepDays, bytesMax },
    },
    bodyStore: { ...NO_BODIES, room, keep: bodies => void kept.push(bodies) },
    script({ body, path }) {
      const asked = JSON.stringify(body)
      if (path.endsWith('embeddings'))
        return { type: 'body', body: { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0.5] }] } }
      if (asked.includes('break')) return { type: 'cut', behind: 'first piece' }
      if (asked.includes('fail')) return { type: 'error event', behind: 'first piece' }
      if (asked.includes('lose')) return { type: 'lost' }
      if (asked.includes('wait')) return { type: 'silent' }
      return { type: 'answer', usage: { input: 3, output: 5 } }
    },
  })
  return { at, kept }
}

const say = (content: string) => ({ messages: [{ role: 'user', content }], max_tokens: 10 })
const GEMINI = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }
const gemini = protocolOf('google-generative-ai')

interface Ended {
  readonly about: string
  readonly asked: Partial<Asked>
  /** What the server says of the call beside what is asked. */
  readonly call?: Partial<Call>
  readonly ending: Receipt['ending']
}

const ENDED: readonly Ended[] = [
  { about: 'a whole answer', asked: {}, ending: 'complete' },
  { about: 'a stream', asked: { stream: true }, ending: 'complete' },
  { about: 'a model nobody knows', asked: { model: 'nobody/nothing' }, ending: 'failed' },
  { about: 'a request that is none', asked: { body: { stream: 'perhaps' } }, ending: 'failed' },
  { about: 'a provider that hangs up', asked: { body: say('lose') }, ending: 'failed' },
  { about: 'a provider that fails', asked: { body: say('fail') }, ending: 'failed' },
  { about: 'a stream that fails', asked: { stream: true, body: say('fail') }, ending: 'failed' },
  { about: 'a whole answer that breaks off', asked: { body: say('break') }, ending: 'truncated' },
  { about: 'a stream that breaks off', asked: { stream: true, body: say('break') }, ending: 'truncated' },
  {
    about: 'embeddings',
    asked: { model: 'a/v', body: { input: 'Hello' } },
    call: { operation: 'embed' },
    ending: 'complete',
  },
  {
    about: 'tokens that are counted',
    asked: { body: say('Hello'), protocol: protocolOf('anthropic-messages') },
    call: { operation: 'count-tokens' },
    ending: 'complete',
  },
  {
    about: 'an answer of Gemini',
    asked: { body: GEMINI, protocol: gemini },
    call: { names: { model: 'a/m', stream: false } },
    ending: 'complete',
  },
  {
    about: 'a stream of Gemini as one array',
    asked: { body: GEMINI, protocol: gemini },
    call: { names: { model: 'a/m', stream: true }, framing: JSON_ARRAY },
    ending: 'complete',
  },
]

/** Runs a call to its end. */
async function run(call: Call, house: House): Promise<{ response: Response; text: string }> {
  const response = await runCall(call, house)
  return { response, text: await response.text() }
}

/** Waits for the receipt of a call that nobody listens to any more. */
async function endOf(id: string, { receipts }: ScriptedHouse): Promise<Receipt> {
  for (;;) {
    const found = receipts.find(each => each.id === id)
    if (found !== undefined) return found
    await new Promise(resolve => setImmediate(resolve))
  }
}

describe('of every call with a body', () => {
  let on: Recorded
  let off: Recorded
  let number = 0
  beforeAll(async () => {
    off = await open(0)
    on = await open(7)
  })
  afterAll(() => {
    on.at.close()
    off.at.close()
  })

  const callAt = ({ at }: Recorded, asked: Partial<Asked>, changes: Partial<Call> = {}): Call => ({
    ...callOf({ model: 'a/m', ...asked }, `call-${++number}`, at.clock),
    ...changes,
  })
  const keptOf = (id: string) => on.kept.filter(each => each.id === id)

  test.each([...ENDED])('$about: once, and what the client was given', async ({ asked, call: changes, ending }) => {
    const call = callAt(on, asked, changes)
    const { response, text } = await run(call, on.at.house)
    const receipt = await endOf(call.id, on.at)
    expect([receipt.ending, receipt.bodies]).toEqual([ending, 'kept'])
    expect(response.headers.get('candor-bodies')).toBe('kept')
    const [bodies, ...more] = keptOf(call.id)
    expect(more).toEqual([])
    expect([textOf(bodies?.request), textOf(bodies?.reply)]).toEqual([Buffer.from(call.body).toString(), text])
    expect(bodies?.reply?.contentType).toBe(response.headers.get('content-type') ?? '')
    const { at, protocol, operation, names, framing } = call
    expect(bodies).toMatchObject({ at, protocol: protocol.id, operation, jsonArray: framing === JSON_ARRAY })
    expect(bodies?.names).toEqual(names)
  })

  test.each([...ENDED])('$about: the client sees no difference', async ({ asked, call: changes }) => {
    const seen = async (recorded: Recorded) => {
      const call = callAt(recorded, asked, changes)
      const { response, text } = await run(call, recorded.at.house)
      const headers = Object.fromEntries(response.headers)
      const { 'candor-bodies': _kept, ...same } = headers
      return JSON.stringify([response.status, same, text]).replaceAll(call.id, 'ID')
    }
    expect(await seen(on)).toBe(await seen(off))
    expect(off.kept).toEqual([])
    expect(off.at.receipts.filter(each => 'bodies' in each)).toEqual([])
  })

  test.each([false, true])('an answer out of the cache, stream %p', async stream => {
    const ask = async () => {
      const call = callAt(on, { model: 'r', stream, body: say(`cached ${stream}`) })
      return { ...(await run(call, on.at.house)), id: call.id }
    }
    const [first, second] = [await ask(), await ask()]
    expect([first, second].map(each => each.response.headers.get('candor-cache'))).toEqual(['miss', 'hit'])
    expect((await endOf(second.id, on.at)).bodies).toBe('kept')
    expect(keptOf(second.id).map(each => textOf(each.reply))).toEqual([second.text])
  })

  test('a client that leaves amid the answer', async () => {
    const leaving = new AbortController()
    const call = callAt(on, { stream: true }, { leaving })
    const reader = (await runCall(call, on.at.house)).body?.getReader()
    const first = Buffer.from((await reader?.read())?.value ?? [])
    leaving.abort()
    expect(await endOf(call.id, on.at)).toMatchObject({ ending: 'abandoned', bodies: 'kept' })
    expect(keptOf(call.id).map(each => textOf(each.reply))).toEqual([first.toString()])
  })

  test('a client that leaves before the answer: what it asked', async () => {
    const leaving = new AbortController()
    const call = callAt(on, { body: say('wait') }, { leaving })
    const answered = runCall(call, on.at.house)
    while (!on.at.sent.some(each => each.call === call.id)) await new Promise(resolve => setImmediate(resolve))
    leaving.abort()
    // Whether the client has left is looked at once the call lasts.
    on.at.clock.advance(100)
    expect((await answered).status).toBe(499)
    expect(await endOf(call.id, on.at)).toMatchObject({ ending: 'abandoned', bodies: 'kept' })
    expect(keptOf(call.id).map(each => [textOf(each.request), 'reply' in each])).toEqual([
      [Buffer.from(call.body).toString(), false],
    ])
  })

  test('an answer that is interrupted at the shutdown: with what is said of that', async () => {
    const closing = openLatch()
    const call = callAt(on, { stream: true })
    const reader = (await runCall(call, { ...on.at.house, closing })).body?.getReader()
    let text = Buffer.from((await reader?.read())?.value ?? []).toString()
    closing.trip()
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read())
      text += Buffer.from(piece.value).toString()
    expect(await endOf(call.id, on.at)).toMatchObject({ ending: 'interrupted', bodies: 'kept' })
    expect(keptOf(call.id).map(each => textOf(each.reply))).toEqual([text])
  })

  test('one that is refused before its body is read has none', async () => {
    const call = callAt(on, {}, { body: new Uint8Array(0) })
    const refused = await refuseCall(call, problem('body_too_large', 'Too large.'), on.at.house)
    expect([refused.status, refused.headers.get('candor-bodies')]).toEqual([413, null])
    expect((await endOf(call.id, on.at)).bodies).toBeUndefined()
    expect(keptOf(call.id)).toEqual([])
  })

  test('only what decides about the answer is kept of the headers: no key, and nothing that tells who asks', async () => {
    const headers = {
      authorization: 'Bearer cnd_secretOfTheClient01',
      'x-api-key': 'cnd_secretOfTheClient01',
      'x-goog-api-key': 'cnd_secretOfTheClient01',
      cookie: 'session=1',
      'user-agent': 'somebody/1',
      'x-session-id': 'session',
      'anthropic-beta': 'a',
      'candor-allow-loss': 'seed',
    }
    const call = callAt(on, { headers })
    await run(call, on.at.house)
    expect(keptOf(call.id).map(each => each.headers)).toEqual([{ 'anthropic-beta': 'a', 'candor-allow-loss': 'seed' }])
  })
})

test('of a long one only the beginning is kept, without holding the rest', async () => {
  const { at, kept } = await open(7, 1_024)
  const call = { ...callOf({ model: 'a/m', body: say('x'.repeat(100_000)) }, 'long', at.clock) }
  await run(call, at.house)
  at.close()
  const [bodies] = kept
  expect([bodies?.request.data.length, bodies?.request.bytes]).toEqual([1_024, call.body.length])
  expect(bodies?.request.data.buffer.byteLength).toBe(1_024)
})
