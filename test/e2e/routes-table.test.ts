import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createServer, type Server, type Socket } from 'node:net'
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from '../../src/canon/problem.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import { statusFor } from '../../src/wire/wire-protocol.ts'
import { type Client, call, chatClient, messagesClient, noteOf, stream } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'
import { FAILURES, type Failure, type ProviderName } from './route-failures.ts'

/** How the first target is named. */
const WAYS = ['no route', 'a route without the code', 'a route with it'] as const

/** Breakers remember by model, so every cell has a model and a route of its own. */
interface Cell extends Failure {
  readonly id: string
  readonly client: Client
  readonly protocol: string
  readonly way: (typeof WAYS)[number]
  readonly streams: boolean
}

const CLIENTS: readonly Client[] = [chatClient, messagesClient]

const CELLS: readonly Cell[] = FAILURES.flatMap(failure =>
  CLIENTS.filter(({ protocol }) => failure.only === undefined || failure.only === protocol).flatMap(client =>
    (failure.streamOnly === true ? [true] : [false, true]).flatMap(streams =>
      WAYS.map(way => ({ ...failure, client, protocol: client.protocol, streams, way })),
    ),
  ),
).map((cell, at) => ({ ...cell, id: `${cell.first === 'anthropic' ? 'claude' : 'gpt'}-cell-${at}` }))

const NAMEABLE = PROBLEM_CODES.filter(code => PROBLEMS[code].fallback !== 'never')

/** The other provider of a cell. It speaks the client's own protocol only where no other could be told the request. */
function spareOf({ client, only }: Cell): string {
  return (client === chatClient) === (only === undefined) ? 'spare-messages/claude-spare' : 'spare-chat/gpt-spare'
}

const firstOf = ({ first, id }: Cell) => `${first}/${id}`

function routesOf(cells: readonly Cell[]) {
  const entries = cells.flatMap(cell => {
    if (cell.way === 'no route') return []
    const withIt = cell.way === 'a route with it'
    const fallbackOn = NAMEABLE.filter(code => (code === cell.code) === withIt)
    return [[cell.id, { targets: [firstOf(cell), spareOf(cell)], fallbackOn, crossBilling: true }] as const]
  })
  return Object.fromEntries(entries)
}

/** Takes connections and never says a word: no TLS is ever agreed. */
async function startMute(): Promise<{ readonly port: number; stop(): void }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket.on('error', () => {}))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

let sims: Readonly<Record<'kimi-coding' | 'openai' | 'google' | 'anthropic', Sim>>
let spares: readonly Sim[]
let mute: Awaited<ReturnType<typeof startMute>>
let gateway: Gateway

beforeAll(async () => {
  const models = CELLS.filter(({ missing }) => missing !== true).map(({ id }) => id)
  const [kimi, openai, google, anthropic, spareChat, spareMessages, gone] = await Promise.all([
    simulate('kimi-coding', { models }),
    simulate('openai', { models }),
    simulate('google', { models }),
    simulate('anthropic', { models }),
    simulate('openai', { models: ['gpt-spare'] }),
    simulate('anthropic', { models: ['claude-spare'] }),
    simulate('openai'),
  ])
  await gone.stop()
  mute = await startMute()
  sims = { 'kimi-coding': kimi, openai, google, anthropic }
  spares = [spareChat, spareMessages]
  const silent = { baseUrl: `https://127.0.0.1:${mute.port}/v1`, api: 'openai-completions' as const, apiKey: 'sk-x' }
  const providers: Record<ProviderName | 'spare-chat' | 'spare-messages', object> = {
    'kimi-coding': { ...entryOf(kimi), models: models.map(id => ({ id })) },
    openai: entryOf(openai),
    google: entryOf(google),
    anthropic: entryOf(anthropic),
    impatient: { ...entryOf(openai), billing: 'metered', timeouts: { firstByteMs: 40 } },
    mute: { ...silent, billing: 'metered', timeouts: { connectMs: 40 } },
    gone: { ...entryOf(gone), billing: 'metered' },
    deepseek: {},
    'spare-chat': { ...entryOf(spareChat), billing: 'metered' },
    'spare-messages': { ...entryOf(spareMessages), billing: 'metered' },
  }
  gateway = await startGateway({
    config: { models: { providers }, routes: routesOf(CELLS), gateway: { quotaPollMs: 0 } },
  })
})
afterAll(async () => {
  await gateway.stop()
  mute.stop()
  await Promise.all([...Object.values(sims), ...spares].map(sim => sim.stop()))
})

const simBehind = (first: ProviderName) =>
  first === 'impatient'
    ? sims.openai
    : first === 'mute' || first === 'gone' || first === 'deepseek'
      ? undefined
      : sims[first]

/** Runs one cell: brings the failure about, calls, and takes it back. */
async function run(cell: Cell) {
  const { client, streams, way } = cell
  const sim = simBehind(cell.first)
  for (const spare of spares) spare.clear()
  sim?.clear()
  if (cell.fault !== undefined) sim?.setFault(cell.fault)
  if (cell.keyState !== undefined) sim?.setKey(sim.key, cell.keyState)
  const body = client.body(way === 'no route' ? firstOf(cell) : cell.id, cell.text ?? 'hello', cell.rest)
  const got = streams ? await stream(gateway, client, body) : { ...(await call(gateway, client, body)), events: [] }
  sim?.setFault(undefined)
  if (cell.keyState !== undefined) sim?.setKey(sim.key, 'valid')
  return { ...got, asked: sim?.requests().length, spared: spares.flatMap(spare => spare.requests()) }
}

function statusOfClient({ protocol }: Client, code: ProblemCode): number {
  const wire = WIRE_PROTOCOLS.find(({ id }) => id === protocol)
  if (wire === undefined) throw new Error(`no protocol ${protocol}`)
  return statusFor(wire, { code, what: '', fix: [] })
}

type Got = Awaited<ReturnType<typeof run>>

/** The first target's problem is told, and nobody else was asked. */
function expectTold(cell: Cell, got: Got) {
  const { client, code, way } = cell
  const attempts = cell.attempts ?? 1
  expect(got.spared).toEqual([])
  expect([got.status, got.headers.get('content-type')]).toEqual([statusOfClient(client, code), 'application/json'])
  expect(client.isEnvelope(got.json())).toBe(true)
  const note = noteOf(got.json())
  expect([note.code, note.provider]).toEqual([code, cell.first])
  if (cell.says !== undefined) expect(got.json().error?.message).toMatch(cell.says)
  const hint = `add "${code}" to its fallbackOn`
  expect(note.fix.some(fix => fix.includes(hint))).toBe(way !== 'no route' && PROBLEMS[code].fallback !== 'never')
  const { receipt, headers } = got
  expect([headers.get('candor-fallback'), receipt.fallback]).toEqual([null, undefined])
  // A name that leads nowhere is not known to be a model.
  const known = cell.first !== 'deepseek' || way !== 'no route'
  expect([headers.get('candor-model'), headers.get('candor-attempts')]).toEqual([
    known ? firstOf(cell) : null,
    String(attempts),
  ])
  const billing = cell.first === 'kimi-coding' ? 'plan' : 'metered'
  expect(headers.get('candor-billing')).toBe(known ? billing : null)
  const ending = code === 'stream_truncated' ? 'truncated' : 'failed'
  expect([receipt.ending, receipt.problem?.code, receipt.servedModel]).toEqual([
    ending,
    code,
    known ? firstOf(cell) : undefined,
  ])
  expect(receipt.attempts.map(({ problem, because }) => [problem?.code, because])).toEqual(
    Array.from({ length: attempts }, () => [code, undefined]),
  )
  const passed = receipt.passed.filter(({ target }) => target === spareOf(cell)).map(({ reason }) => reason)
  expect(passed).toEqual(way === 'no route' ? [] : [`the route does not fall back on ${code}`])
}

/** The other target answered, was asked once, and everything says so. */
function expectMoved(cell: Cell, got: Got) {
  const { client, code } = cell
  const spare = spareOf(cell)
  const attempts = cell.attempts ?? 1
  expect(got.status).toBe(200)
  const text = cell.streams ? client.streamText(got.events) : client.textOf(got.json())
  expect(text).toStartWith('This is the simulated model')
  if (cell.streams) expect(got.text).toMatch(client.ended)
  expect(got.spared).toHaveLength(1)
  const { headers, receipt } = got
  expect(
    Object.fromEntries(['fallback', 'model', 'attempts', 'billing'].map(n => [n, headers.get(`candor-${n}`)])),
  ).toEqual({
    fallback: `from=${firstOf(cell)}; reason=${code}`,
    model: spare,
    attempts: String(attempts + 1),
    billing: 'metered',
  })
  expect(receipt).toMatchObject({
    ending: 'complete',
    servedModel: spare,
    billing: 'metered',
    fallback: { from: firstOf(cell), reason: code },
  })
  expect(receipt.problem).toBeUndefined()
  expect(receipt.attempts.map(({ provider, problem, because }) => [provider, problem?.code, because])).toEqual([
    ...Array.from({ length: attempts }, () => [cell.first, code, undefined]),
    [spare.split('/')[0], undefined, 'fallback'],
  ])
}

test('every code that a route may name is in the table, but for those the gateway finds before it goes anywhere', () => {
  const found = new Set(FAILURES.map(({ code }) => code))
  expect(NAMEABLE.filter(code => !found.has(code))).toEqual(['bad_request'])
})

describe.each(FAILURES.map(({ name, only = 'both' }) => ({ name, only })))('$name ($only)', ({ name, only }) => {
  const cells = CELLS.filter(cell => cell.name === name && (cell.only ?? 'both') === only)

  test.each(cells)('$way: $protocol, streamed $streams', async cell => {
    const got = await run(cell)
    const attempts = cell.attempts ?? 1
    if (got.asked !== undefined) expect(got.asked).toBe(attempts)
    expect(got.receipt.route).toBe(cell.way === 'no route' ? undefined : cell.id)
    if (cell.way === 'a route with it') expectMoved(cell, got)
    else expectTold(cell, got)
  })
})
