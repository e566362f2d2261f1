import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, type Client, eventsIn, noteOf, parse, post } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, refOf, simOf, simulate } from './providers.ts'

/** Enough for reasoning about nothing, a few words, and a usage report. */
const TOKENS = 3
const RECEIPTS_MAX = 500

let sims: readonly Sim[]
let gateway: Gateway

beforeAll(async () => {
  sims = await Promise.all([simulate('openai'), simulate('anthropic'), simulate('google')])
  gateway = await startGateway({ config: configOf(sims) })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all(sims.map(sim => sim.stop()))
})

type Framing = 'chunked' | 'close'

/** What came of one cut stream. */
interface Told {
  readonly id: string
  readonly status: number
  readonly lane: string | null
  readonly text: string
}

/** One call to a provider whose answer has number 1, so that its bytes are the same every time. */
async function callOnce(client: Client, sim: Sim): Promise<Told> {
  sim.clear()
  const body = client.body(refOf(sim), 'x', { ...client.limit(TOKENS), stream: true })
  const response = await post(gateway, client, body)
  const { headers, status } = response
  const lane = headers.get('candor-protocol')
  return { id: headers.get('candor-request-id') ?? '', status, lane, text: await response.text() }
}

/** The bytes this provider sends for it, as the client of its own protocol gets them. */
async function upstreamBytes(client: Client, sim: Sim): Promise<Buffer> {
  const request = sim.requests()[0]
  const surface = sim.surfaces[0]
  if (request === undefined || surface === undefined) throw new Error('the call did not arrive')
  sim.clear()
  const query = request.query === '' ? '' : `?${request.query}`
  const answer = await fetch(sim.origin + request.path + query, {
    method: 'POST',
    headers: request.headers
      .filter(([name]) => !/^(?:host|connection|content-length)$/i.test(name))
      .map(([a, b]) => [a, b]),
    body: request.body,
  })
  expect(answer.status, `${client.protocol} at ${surface.protocol}`).toBe(200)
  return Buffer.from(await answer.bytes())
}

/** Every seventh offset, fewer in long streams, all those next to the end of an event, and behind the last byte. */
function offsetsIn(bytes: Buffer): readonly number[] {
  const offsets = new Set<number>()
  const step = Math.max(7, Math.ceil(bytes.length / 250))
  for (let at = 0; at < bytes.length; at += step) offsets.add(at)
  for (const end of eventEndsIn(bytes)) {
    for (const near of [-1, 0, 1, 2, 3, 4, 5]) if (end.at + near <= bytes.length) offsets.add(end.at + near)
  }
  return [...offsets].sort((a, b) => a - b)
}

/** The surfaces reached here, by their paths, and the words in the event that completes a stream of theirs. */
const COMPLETING: readonly { readonly path: RegExp; readonly words: Readonly<Record<Framing, string>> }[] = [
  // Some servers leave `[DONE]` out, so after an orderly end of the body the stop reason counts.
  { path: /\/chat\/completions$/, words: { chunked: 'data: [DONE]', close: '"finish_reason":"' } },
  { path: /\/responses$/, words: { chunked: '"type":"response.completed"', close: '"type":"response.completed"' } },
  { path: /\/messages$/, words: { chunked: '"type":"message_stop"', close: '"type":"message_stop"' } },
]

/** From which byte on a stream is complete. Some servers close right behind the line of their last event, without the empty one that ends it. */
function completeFrom(bytes: Buffer, path: string, framing: Framing): number {
  const words = COMPLETING.find(row => row.path.test(path))?.words[framing]
  // Gemini marks no end: a stop reason counts only after an orderly end of the body, and any other end is a cut, even behind the last byte.
  if (words === undefined && framing === 'chunked') return bytes.length + 1
  const from = bytes.indexOf(words ?? '"finishReason":')
  const end = eventEndsIn(bytes).find(each => each.at > from)
  if (from < 0 || end === undefined) throw new Error(`the stream of ${path} is never complete`)
  return framing === 'close' ? end.at + 1 : end.at + end.length
}

/** Where the empty lines between events are. */
function eventEndsIn(bytes: Buffer): readonly { readonly at: number; readonly length: number }[] {
  return [...bytes.toString('latin1').matchAll(/\r?\n\r?\n/g)].map(match => ({
    at: match.index,
    length: match[0].length,
  }))
}

const count = (text: string, pattern: RegExp) => [...text.matchAll(new RegExp(pattern, 'g'))].length

/** Whole events only; what came before is a beginning of the answer; the last word is an error, and nothing says that it is complete. */
function expectHonest(told: Told, whole: string, client: Client, at: string) {
  if (told.status !== 200) {
    expect(told.status, at).toBe(502)
    const body = parse(told.text)
    expect(client.isEnvelope(body), at).toBe(true)
    expect(noteOf(body).code, at).toBe('stream_truncated')
    return
  }
  expect(told.text.endsWith('\n\n'), at).toBe(true)
  const events = eventsIn(told.text)
  const codes = events.map(event => client.errorIn(event)?.candor.code)
  expect(codes.slice(-client.errorEvents), at).toEqual(Array(client.errorEvents).fill('stream_truncated'))
  expect(codes.slice(0, -client.errorEvents).every(code => code === undefined)).toBe(true)
  expect(whole.startsWith(client.streamText(events.slice(0, -client.errorEvents))), at).toBe(true)
}

const cases = CLIENTS.flatMap(client =>
  (['openai', 'anthropic', 'google'] as const).flatMap(kind =>
    (['chunked', 'close'] as const satisfies Framing[]).map(framing => ({
      client,
      protocol: client.protocol,
      kind,
      framing,
    })),
  ),
)

describe('a stream cut upstream', () => {
  test.each(cases)('$protocol served by $kind, $framing: told at every byte', async ({ client, kind, framing }) => {
    const sim = simOf(sims, kind)
    sim.setFault(undefined)
    const complete = await callOnce(client, sim)
    const whole = client.streamText(eventsIn(complete.text))
    expect(whole.length).toBeGreaterThan(3)
    expect(complete.text).toMatch(client.ended)
    expect(complete.text).toMatch(client.stopReason)
    const path = sim.requests()[0]?.path ?? ''
    const bytes = await upstreamBytes(client, sim)
    const completeAt = completeFrom(bytes, path, framing)
    const cuts = offsetsIn(bytes).filter(at => at < completeAt)
    expect(cuts.length).toBeGreaterThan(50)
    expect(cuts.length).toBeLessThan(RECEIPTS_MAX)
    const ids = new Map<string, number>()
    for (const at of cuts) {
      sim.setFault(`cut=${at};framing=${framing}`)
      const told = await callOnce(client, sim)
      ids.set(told.id, at)
      expectHonest(told, whole, client, `cut at ${at} of ${bytes.length}: ${told.text.slice(-300)}`)
      // What was passed through is the provider's: it had said why it stops before its connection broke.
      if (at < bytes.length || told.lane !== client.protocol) expect(told.text).not.toMatch(client.ended)
      const given = count(bytes.toString('utf8', 0, at), /"(?:finish_reason|stop_reason|finishReason)": ?"/)
      const said = count(told.text, client.stopReason)
      expect(said, `a stop reason nobody gave, cut at ${at}`).toBeLessThanOrEqual(given)
    }
    const receipts = new Map((await gateway.receipts(RECEIPTS_MAX)).map(receipt => [receipt.id, receipt]))
    for (const [id, at] of ids)
      expect(briefly(receipts.get(id)), `cut at ${at}`).toEqual(['truncated', 'stream_truncated'])
  })
})

function briefly(receipt: Receipt | undefined) {
  return [receipt?.ending, receipt?.problem?.code]
}
