import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { type BodiesView, bodiesView, findBodies } from '../../src/admin/bodies.ts'
import { problem } from '../../src/canon/problem.ts'
import type { Caller } from '../../src/http/caller.ts'
import { type InFlight, openInFlight } from '../../src/http/in-flight.ts'
import { openSurface, type SurfaceParts } from '../../src/http/surface.ts'
import { type BodyStore, type KeptBodies, openBodyRoom } from '../../src/ledger/kept-bodies.ts'
import { bodiesAt, wholeBody } from '../ledger/bodies-of-calls.ts'
import { NO_BODIES, openScriptedHouse, type ScriptedHouse } from '../pipeline/scripted-house.ts'

const [ADMIN, MEMBER] = ['cnd_admin_0123456789abcdef', 'cnd_member_0123456789abcdef']
const LIMITS = { bodyBytesMax: 10_000, bodyMs: 1_000, inFlightMax: 2 }
const ASKED = '{"model":"a/m","messages":[{"role":"user","content":"Hello"}],"max_tokens":10}'

let at: ScriptedHouse
let inFlight: InFlight
const kept = new Map<string, KeptBodies>()

beforeEach(async () => {
  kept.clear()
  const bodyStore: BodyStore = {
    ...NO_BODIES,
    room: openBodyRoom(1_000_000),
    keep: bodies => void kept.set(bodies.id, bodies),
    find: async id => kept.get(id) ?? { missing: 'absent', why: 'It is not there.' },
  }
  at = await openScriptedHouse({
    config: {
      models: {
        providers: {
          a: {
            baseUrl: 'https://a.test/v1',
            api: 'openai-completions',
            billing: 'metered',
            apiKey: 'sk-1',
            models: [{ id: 'm' }, { id: 'n' }],
          },
        },
        aliases: { quick: 'a/n' },
        default: 'a/m',
      },
      routes: { r: { targets: ['a/n'], cache: { ttlSeconds: 60 } } },
      gateway: { keys: [ADMIN, MEMBER] },
      bodies: { keepDays: 1 },
    },
    bodyStore,
    script: () => ({ type: 'answer', usage: { input: 3, output: 5 } }),
  })
  inFlight = openInFlight(at.clock, () => {})
})
afterEach(() => {
  inFlight.stop()
  at.close()
})

/** Puts a call there that can be made again. */
function keep(changes: Partial<KeptBodies> = {}): string {
  const bodies = bodiesAt(at.clock.now(), { request: wholeBody(ASKED), ...changes })
  kept.set(bodies.id, bodies)
  return bodies.id
}

function surfaceOf(changes: Partial<SurfaceParts> = {}) {
  return openSurface({
    house: () => at.house,
    hosts: () => ({ hosts: new Set(['localhost']) }),
    limits: () => LIMITS,
    inFlight,
    clock: at.clock,
    timers: at.house.timers,
    draining: () => false,
    signedIn: () => undefined,
    caller(key): Caller | ReturnType<typeof problem> {
      const shown = key?.reveal()
      if (shown === ADMIN) return { admin: true, mayChange: true }
      return shown === MEMBER ? { admin: false, mayChange: false } : problem('unauthorized', 'No.')
    },
    keptBodies: id =>
      findBodies(id, {
        ledger: at.house.ledger,
        bodies: { find: async asked => kept.get(asked) ?? { missing: 'absent', why: '' }, health: NO_BODIES.health },
      }),
    ask: async () => new Response(null, { status: 500 }),
    ...changes,
  })
}

interface Sending {
  readonly method?: string
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly parts?: Partial<SurfaceParts>
}

async function send(path: string, { method = 'POST', key = ADMIN, headers = {}, body, parts }: Sending = {}) {
  const init = { method, headers: { host: 'localhost', authorization: `Bearer ${key}`, ...headers } }
  const request = new Request(`http://localhost${path}`, body === undefined ? init : { ...init, body })
  const response = await surfaceOf(parts)(request)
  return { response, status: response.status, text: await response.text() }
}

describe('nothing is sent and nothing counts', () => {
  test.each<readonly [string, Sending, number]>([
    ['for a web page of another origin', { headers: { origin: 'https://evil.example' } }, 403],
    ['for a page of another site that sends no origin', { headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    ['under a foreign name', { headers: { host: 'evil.example' } }, 403],
    ['for a key that may only call models', { key: MEMBER }, 403],
    ['for a key nobody knows', { key: 'cnd_nobody_0123456789abcdef' }, 401],
    [
      'for a program of the machine, where no key is asked for',
      { parts: { caller: () => ({ admin: true, mayChange: false }) } },
      401,
    ],
    ['by a look', { method: 'GET' }, 405],
    ['by a look at the head', { method: 'HEAD' }, 405],
    ['with another method', { method: 'PATCH' }, 405],
  ])('%s', async (_about, sending, status) => {
    const { response } = await send(`/candor/replay/${keep()}`, sending)
    expect([response.status, at.sent.length, at.receipts.length, inFlight.count]).toEqual([status, 0, 0, 0])
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test.each([
    ['an id that is none', `req_${'0'.repeat(15_000)}`, 404],
    ['a path', '..%2F..%2Fcandor.json5', 404],
    ['nothing', '', 404],
    ['an escape that is none', '%E0%A4%A', 404],
  ])('of %s', async (_about, id, status) => {
    const { response, text } = await send(`/candor/replay/${id}`)
    expect([response.status, at.sent.length, inFlight.count]).toEqual([status, 0, 0])
    expect(text.length).toBeLessThan(2_000)
  })

  test('with a model without a name', async () => {
    const { status } = await send(`/candor/replay/${keep()}?model=`)
    expect([status, at.sent.length, at.receipts.length, inFlight.count]).toEqual([400, 0, 0, 0])
  })
})

describe('a call that is made again', () => {
  test('is one of whoever asks for it, counted once', async () => {
    const id = keep()
    let most = 0
    const counting: InFlight = {
      get count() {
        return inFlight.count
      },
      enter(request) {
        const left = inFlight.enter(request)
        most = Math.max(most, inFlight.count)
        return left
      },
      empty: () => inFlight.empty(),
      stop: () => inFlight.stop(),
    }
    const { response } = await send(`/candor/replay/${id}`, { parts: { inFlight: counting } })
    expect([response.status, response.headers.get('candor-replay-of')]).toEqual([200, id])
    expect([most, inFlight.count, at.receipts.length, at.sent.length]).toEqual([1, 0, 1, 1])
    expect(at.receipts[0]).toMatchObject({ replayOf: id, ending: 'complete', key: { id: 'config-1' } })
  })

  test.each([
    ['of another type', { headers: { 'content-type': 'text/plain' }, body: 'x' }],
    ['too large for a call', { headers: { 'content-type': 'application/json' }, body: 'x'.repeat(20_000) }],
  ])('takes nothing of a body %s', async (_about, sending) => {
    const { status } = await send(`/candor/replay/${keep()}`, sending)
    expect([status, JSON.stringify(at.sent[0]?.body['messages'])]).toEqual([200, '[{"role":"user","content":"Hello"}]'])
  })

  test.each<readonly [string, Partial<SurfaceParts>]>([
    ['while the gateway stops', { draining: () => true }],
    ['while too many run', { limits: () => ({ ...LIMITS, inFlightMax: 0 }) }],
  ])('%s is refused like any other', async (_about, parts) => {
    const { response } = await send(`/candor/replay/${keep()}`, { parts })
    expect([response.status, response.headers.get('x-should-retry')]).toEqual([503, 'true'])
    expect([at.sent.length, inFlight.count, at.receipts[0]?.problem?.code]).toEqual([0, 0, 'draining'])
    // As of any call that is refused before it is read, nothing is kept.
    expect([at.receipts[0]?.bodies, kept.size]).toEqual([undefined, 1])
  })

  test('is asked again, not answered out of the cache', async () => {
    const id = keep({ request: wholeBody(ASKED.replace('a/m', 'r')) })
    for (let i = 0; i < 2; i += 1)
      expect((await send(`/candor/replay/${id}`)).response.headers.get('candor-cache')).toBeNull()
    expect(at.sent).toHaveLength(2)
  })

  test('can be made again itself', async () => {
    const first = keep()
    const second = (await send(`/candor/replay/${first}`)).response.headers.get('candor-request-id') ?? ''
    const third = await send(`/candor/replay/${second}?model=a/n`)
    expect([third.status, third.response.headers.get('candor-replay-of')]).toEqual([200, second])
    expect(at.sent.map(({ model }) => model)).toEqual(['m', 'n'])
    expect(at.sent.map(({ body }) => body['messages'])[1]).toEqual(at.sent[0]?.body['messages'])
  })

  test.each([
    ['its alias', '{"model":"quick"', '', 'n'],
    ['its route', '{"model":"r"', '', 'n'],
    ['no name, which is the default', '{"model":null', '', 'm'],
    ['a route instead', '{"model":"a/m"', '?model=r', 'n'],
    ['an alias instead', '{"model":"a/m"', '?model=quick', 'n'],
    ['a name with an escape', '{"model":"a/m"', '?model=a%2Fn', 'n'],
  ])('is led by %s', async (_about, head, query, sent) => {
    const request = wholeBody(`${head}${ASKED.slice('{"model":"a/m"'.length)}`)
    const { status } = await send(`/candor/replay/${keep({ request })}${query}`)
    expect([status, at.sent.map(({ model }) => model)]).toEqual([200, [sent]])
  })

  test('whose provider is gone by now says so, and is kept for itself', async () => {
    const id = keep({ request: wholeBody(ASKED.replace('a/m', 'gone/m')) })
    const { response, text } = await send(`/candor/replay/${id}`)
    expect([response.status, at.sent.length, inFlight.count]).toEqual([404, 0, 0])
    const again = kept.get(response.headers.get('candor-request-id') ?? '')
    expect(Buffer.from(again?.reply?.data ?? []).toString()).toBe(text)
  })
})

describe('how bodies are shown', () => {
  const view = (text: string | Uint8Array): BodiesView['request'] =>
    bodiesView(bodiesAt(0, { request: wholeBody(text) }), 7).request

  test.each([
    ['behind a line break of JSON', '{"a":"My key:\\nsk-abcdefghijklmnop"}', '{"a":"My key:\\n••••"}'],
    [
      'behind a tab, twice escaped',
      '{"a":"{\\"b\\":\\"\\\\tsk-abcdefghijklmnop\\"}"}',
      '{"a":"{\\"b\\":\\"\\\\t••••\\"}"}',
    ],
    ['behind an escaped sign', '{"a":"\\u0022sk-abcdefghijklmnop\\u0022"}', '{"a":"\\u0022••••\\u0022"}'],
  ])('a key is masked %s', (_about, text, shown) => {
    expect(view(text)).toMatchObject({ text: shown, masked: true, cut: false })
  })

  test('bytes that are no text are shown as such, and what is text stays', () => {
    const { text, masked, bytes } = view(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62]))
    expect([text, masked, bytes]).toEqual(['\ufeffa\ufffdb', false, 6])
  })

  test('of a large one so much that the gateway is not held up, and it says how much', () => {
    const MIB = 1024 * 1024
    const { shownBytes, keptBytes, text, cut } = view(new Uint8Array(9 * MIB).fill(0x61))
    expect([shownBytes, keptBytes, text.length, cut]).toEqual([8 * MIB, 9 * MIB, 8 * MIB, false])
    expect(view(new Uint8Array(8 * MIB).fill(0x61)).shownBytes).toBeUndefined()
  })

  test('they are promised until the day is over that is as many days later', () => {
    const noon = Date.parse('2026-11-23T12:00:00Z')
    expect(new Date(bodiesView(bodiesAt(noon), 7).keptUntil).toISOString()).toBe('2026-12-01T00:00:00.000Z')
  })
})
