import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { ProblemCode } from '../../src/canon/problem.ts'
import type { Ending } from '../../src/ledger/receipt.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, type Client, call, chatClient, noteOf, stream } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, refOf, simOf, simulate } from './providers.ts'

const MIB = 1024 * 1024
/** Of the gateway that is asked where a provider falls silent for ever; elsewhere no silence is too long on a busy machine. */
const SHORT = { firstByteMs: 200, idleMs: 200 }

/** Between them they speak every protocol. */
const KINDS = ['openai', 'anthropic', 'google'] as const

let sims: readonly Sim[]
/** Where a redirect would lead. */
let elsewhere: Sim
let gateway: Gateway
let hasty: Gateway

beforeAll(async () => {
  sims = await Promise.all(KINDS.map(kind => simulate(kind)))
  elsewhere = await simulate('openai')
  const settings = { heartbeatMs: 40, limits: { replyBytesMax: 8 * MIB } }
  gateway = await startGateway({ config: configOf(sims, settings) })
  hasty = await startGateway({ config: configOf(sims, { ...settings, timeouts: SHORT }) })
})
afterEach(() => {
  for (const sim of sims) sim.setFault(undefined)
})
afterAll(async () => {
  await Promise.all([gateway.stop(), hasty.stop()])
  await Promise.all([...sims, elsewhere].map(sim => sim.stop()))
})

type Timer = 'first byte' | 'idle'

/** How a call ends that fails: refused before anything was promised, or told in the middle of a stream. */
interface Failed {
  readonly told: 'before' | 'inside'
  readonly code: ProblemCode
  readonly ending?: Ending
  readonly timer?: Timer
}

/** `truncated somewhere`: the runtime may have given out what came before the damage, or not. */
type Outcome = 'complete' | 'truncated somewhere' | Failed

interface Row {
  readonly fault: string
  readonly streamed: Outcome
  readonly whole: Outcome
}

const before = (code: ProblemCode): Failed => ({ told: 'before', code })
const inside = (code: ProblemCode): Failed => ({ told: 'inside', code })
const TRUNCATED: Failed = { ...before('stream_truncated'), ending: 'truncated' }
const TRUNCATED_INSIDE: Failed = { ...inside('stream_truncated'), ending: 'truncated' }
const STRANGE = before('upstream_protocol')
const TOO_LATE: Failed = { ...before('timeout'), timer: 'first byte' }
const SILENT: Failed = { ...inside('timeout'), timer: 'idle' }

const ROWS: readonly Row[] = [
  { fault: 'delay=60', streamed: 'complete', whole: 'complete' },
  { fault: 'delay=never', streamed: TOO_LATE, whole: TOO_LATE },
  { fault: 'stall=never;after=0', streamed: TOO_LATE, whole: before('timeout') },
  { fault: 'stall=60;after=2', streamed: 'complete', whole: 'complete' },
  { fault: 'stall=never;after=3', streamed: SILENT, whole: 'complete' },
  { fault: 'stall=never;after=1', streamed: SILENT, whole: { ...before('timeout'), timer: 'idle' } },
  { fault: 'drip=0', streamed: 'complete', whole: 'complete' },
  { fault: 'cut=1500;how=reset', streamed: TRUNCATED_INSIDE, whole: 'complete' },
  { fault: 'cut=40;how=reset', streamed: TRUNCATED_INSIDE, whole: TRUNCATED },
  { fault: 'end-early=4', streamed: TRUNCATED_INSIDE, whole: 'complete' },
  { fault: 'end-early=1', streamed: TRUNCATED_INSIDE, whole: STRANGE },
  { fault: 'error=0', streamed: before('overloaded'), whole: 'complete' },
  { fault: 'error=4', streamed: inside('overloaded'), whole: 'complete' },
  { fault: 'malformed=4', streamed: inside('upstream_protocol'), whole: STRANGE },
  { fault: 'huge=1;event=4', streamed: 'complete', whole: 'complete' },
  { fault: 'huge=20;event=4', streamed: inside('upstream_protocol'), whole: STRANGE },
  { fault: 'bad-chunk=1', streamed: 'truncated somewhere', whole: TRUNCATED },
  { fault: 'reset=before', streamed: before('unreachable'), whole: before('unreachable') },
  { fault: 'reset=headers', streamed: TRUNCATED, whole: TRUNCATED },
  { fault: 'content-type=text/html', streamed: STRANGE, whole: STRANGE },
  { fault: 'extra=garbage', streamed: 'complete', whole: 'complete' },
  { fault: 'extra=response', streamed: 'complete', whole: 'complete' },
  { fault: 'informational=50', streamed: 'complete', whole: 'complete' },
]

const lanes = CLIENTS.flatMap(client => KINDS.map(kind => ({ client, protocol: client.protocol, kind })))

const asked = (fault: string) => (fault.includes('never') ? hasty : gateway)

type Got = Awaited<ReturnType<typeof stream>>

function expectOutcome(got: Got, client: Client, expected: Outcome, isStream: boolean) {
  const outcome = expected === 'truncated somewhere' ? (got.status === 200 ? TRUNCATED_INSIDE : TRUNCATED) : expected
  if (outcome === 'complete') {
    expect([got.status, got.receipt.ending]).toEqual([200, 'complete'])
    expect(isStream ? client.streamText(got.events) : client.textOf(got.json())).toStartWith(
      'This is the simulated model',
    )
    return
  }
  const { code, told } = outcome
  expect([got.receipt.ending, got.receipt.problem?.code]).toEqual([outcome.ending ?? 'failed', code])
  if (outcome.timer !== undefined) expect(got.receipt.problem?.timer).toBe(outcome.timer)
  if (told === 'before') {
    expect(got.status).toBeGreaterThanOrEqual(500)
    expect(client.isEnvelope(got.json())).toBe(true)
    expect(noteOf(got.json()).code).toBe(code)
    return
  }
  expect(got.status).toBe(200)
  expect(got.text.endsWith('\n\n')).toBe(true)
  const last = got.events.at(-1)
  const error = last === undefined ? undefined : client.errorIn(last)
  // Where nothing is translated too: an error is told by Candor, with the provider's words quoted.
  expect(error?.candor.code).toBe(code)
  if (code === 'overloaded') expect(error?.message).toContain('"Overloaded"')
  // What the provider itself sent behind a damaged event passes through with it.
  const passed = got.receipt.upstreamProtocol === client.protocol
  if (passed && code === 'upstream_protocol') return
  expect(got.text).not.toMatch(client.ended)
  const errors = got.events.filter(event => client.errorIn(event) !== undefined)
  expect(errors).toHaveLength(client.errorEvents)
}

describe.each(lanes)('$protocol served by $kind', ({ client, kind }) => {
  const body = () => client.body(refOf(simOf(sims, kind)), 'x')

  test.each([...ROWS])('$fault, streamed', async ({ fault, streamed }) => {
    simOf(sims, kind).setFault(fault)
    expectOutcome(await stream(asked(fault), client, body()), client, streamed, true)
  })

  test.each([...ROWS])('$fault, whole', async ({ fault, whole }) => {
    simOf(sims, kind).setFault(fault)
    expectOutcome({ ...(await call(asked(fault), client, body())), events: [] }, client, whole, false)
  })

  test('after all this the next call is answered', async () => {
    const got = await call(gateway, client, body())
    expect(client.textOf(got.json())).toStartWith('This is the simulated model')
  })

  test('a silent stream has heartbeats between its events, and nothing else is added', async () => {
    const plain = await stream(gateway, client, body())
    simOf(sims, kind).setFault('stall=500;after=3')
    const got = await stream(gateway, client, body())
    const beats = got.text.match(/^: candor is waiting for the provider\n\n/gm) ?? []
    expect(beats.length).toBeGreaterThanOrEqual(1)
    expect(client.streamText(got.events)).toBe(client.streamText(plain.events))
    expect(got.events.length).toBe(plain.events.length)
  })

  test.each(['301', '302', '303', '307', '308'])('a redirect (%s) is not followed', async code => {
    elsewhere.clear()
    simOf(sims, kind).setFault(`redirect=${code};to=${elsewhere.origin}/v1/chat/completions`)
    for (const streams of [true, false]) {
      const got = await call(gateway, client, { ...body(), stream: streams })
      expect(got.status).toBe(502)
      expect(noteOf(got.json())).toMatchObject({ code: 'upstream_protocol', upstream: { status: Number(code) } })
      expect(got.text).not.toContain(elsewhere.origin)
    }
    expect(elsewhere.requests()).toEqual([])
  })
})

/** The most memory the gateway has held so far; 0 where the system does not tell. */
function peakBytes(gateway: Gateway): number {
  if (process.platform !== 'linux') return 0
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${gateway.pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
}

describe('an answer as a proxy in between might mangle it', () => {
  test.each(['headers=64', 'both-lengths=5'])('%s: a whole answer or an honest failure', async fault => {
    const client = chatClient
    simOf(sims, 'openai').setFault(fault)
    const got = await call(gateway, client, client.body(refOf(simOf(sims, 'openai')), 'x'))
    const whole = got.status === 200 && client.textOf(got.json()).endsWith('"x".')
    expect(whole ? 'complete' : 'told').toBe(got.receipt.ending === 'complete' ? 'complete' : 'told')
    if (!whole) expect(got.status).toBe(502)
  })

  test('a stream although none was asked for is read whole', async () => {
    const chunk = { choices: [{ index: 0, delta: { content: 'hi' }, finish_reason: 'stop' }] }
    const eager = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: () =>
        new Response(`data: ${JSON.stringify(chunk)}\n\n`, { headers: { 'content-type': 'text/event-stream' } }),
    })
    const entry = { baseUrl: `http://127.0.0.1:${eager.port}`, api: 'openai-completions' as const }
    const other = await startGateway({ config: { models: { providers: { eager: entry } } } })
    for (const client of CLIENTS) {
      const got = await call(other, client, client.body('eager/m', 'x'))
      expect(got.headers.get('content-type')).toBe('application/json')
      expect(client.textOf(got.json())).toBe('hi')
    }
    await other.stop()
    await eager.stop(true)
  })
})

describe('a small answer that unpacks to 250 MiB', () => {
  test.each(CLIENTS.flatMap(client => [true, false].map(streams => ({ client, protocol: client.protocol, streams }))))(
    'is bounded: $protocol, stream $streams',
    async ({ client, streams }) => {
      const patient = await startGateway({ config: configOf(sims, { limits: { replyBytesMax: 8 * MIB } }) })
      const body = { ...client.body(refOf(simOf(sims, 'openai')), 'x'), stream: streams }
      await call(patient, client, body)
      simOf(sims, 'openai').setFault('gzip-bomb=250')
      const start = peakBytes(patient)
      const got = await call(patient, client, body)
      expect([got.receipt.ending, got.receipt.problem?.code]).toEqual(['failed', 'upstream_protocol'])
      expect(peakBytes(patient) - start).toBeLessThan(125 * MIB)
      await patient.stop()
    },
  )
})
