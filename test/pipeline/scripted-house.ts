import { checkText } from '../../src/app/config/load.ts'
import { resolveConfig } from '../../src/app/config/resolve.ts'
import { buildHouse, type Foundations } from '../../src/app/house.ts'
import { openCoarseTimers } from '../../src/base/coarse-timers.ts'
import type { JsonObject } from '../../src/base/json-value.ts'
import { openLatch } from '../../src/base/latch.ts'
import { Secret } from '../../src/base/secret.ts'
import { type BodyStore, openBodyRoom } from '../../src/ledger/kept-bodies.ts'
import { memoryKeyStore } from '../../src/ledger/key-store.ts'
import { memoryStore } from '../../src/ledger/memory-store.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Call, House } from '../../src/pipeline/call.ts'
import { SSE } from '../../src/pipeline/framing.ts'
import { runCall } from '../../src/pipeline/run-call.ts'
import { openSealMemory } from '../../src/pipeline/seal-memory.ts'
import { openSurfaceMemory } from '../../src/pipeline/surface-memory.ts'
import { memoryCounters } from '../../src/shared/memory-counters.ts'
import { memoryResponseCache } from '../../src/shared/memory-response-cache.ts'
import { openHealth } from '../../src/upstream/open-health.ts'
import type { ProviderSetup } from '../../src/upstream/provider-setup.ts'
import { openQuotaBook } from '../../src/upstream/quota-book.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'
import { type ManualClock, manualClock } from '../ledger/manual-clock.ts'
import { type Reply, type Sent, scriptNetwork } from './scripted-network.ts'

/** What a house is built from. */
export interface Plan {
  /** As in the configuration file. */
  readonly config: JsonObject
  readonly env?: Readonly<Record<string, string>>
  readonly script: (sent: Sent) => Reply
  /** Between 0 and 1, 1 excluded. */
  readonly random?: () => number
  /** Changes what a provider's entry came to, as a catalogue row would. */
  readonly provider?: (setup: ProviderSetup) => ProviderSetup
  /** Milliseconds since 1970. */
  readonly startMs?: number
  /** Takes what is kept, where the configuration says that something is. */
  readonly bodyStore?: BodyStore
}

/** One call of a client. */
export interface Asked {
  readonly model: string
  readonly stream?: boolean
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  /** What the body has beside the model and `stream`. */
  readonly body?: JsonObject
  readonly protocol?: WireProtocol
}

/** What a client got. */
export interface Got {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly receipt: Receipt
  /** How many requests of this call providers had got when the first byte of its answer was there; undefined if there was none. */
  readonly sentAtFirstByte: number | undefined
}

/** A whole gateway in this process, in front of providers that do what a script says. */
export interface ScriptedHouse {
  readonly house: House
  readonly clock: ManualClock
  readonly sent: readonly Sent[]
  /** In the order in which the calls ended. */
  readonly receipts: readonly Receipt[]
  /** Asks, and moves the clock on until the answer is there to its end. */
  ask(asked: Asked): Promise<Got>
  /** The same for calls that run side by side. */
  askAll(asked: readonly Asked[]): Promise<readonly Got[]>
  close(): void
}

/** Turns of the event loop a call gets before the clock moves on, and by how much it does. */
const TURNS = 4
const STEP_MS = 250

/** Nothing is kept. */
export const NO_BODIES: BodyStore = {
  keep() {},
  room: openBodyRoom(0),
  find: async () => ({ missing: 'absent', why: 'none is kept' }),
  limit() {},
  health: () => ({ keepDays: 0, bytesMax: 1, totalBytesMax: 1, dropped: 0 }),
  async close() {},
}

/** Builds the house of a configuration. The runtime's own client is the script's until `close`. */
export async function openScriptedHouse(plan: Plan): Promise<ScriptedHouse> {
  const clock = manualClock(plan.startMs)
  const random = plan.random ?? (() => 0.5)
  const { network, sent, restore } = scriptNetwork(clock, plan.script)
  const receipts: Receipt[] = []
  const foundations: Foundations = {
    clock,
    timers: openCoarseTimers(clock),
    network,
    ledger: memoryStore('kept in memory for a test'),
    memory: openSurfaceMemory(clock),
    seals: openSealMemory(clock),
    health: openHealth({ clock, random }),
    quotas: openQuotaBook({ clock, ask: async () => ({ ok: false, fault: 'nobody asks' }), pollMs: 0 }),
    counters: memoryCounters(clock),
    cache: memoryResponseCache({ clock, bytesMax: 1_000_000 }),
    bodyStore: plan.bodyStore ?? NO_BODIES,
    watchers: [{ name: 'test', ended: receipt => void receipts.push(structuredClone(receipt)) }],
    random,
    closing: openLatch(),
  }
  const own = {
    made: memoryKeyStore('for a test', { entries: [], damaged: 0 }),
    adminToken: new Secret('admin-token-of-a-test'),
  }
  const { house } = buildHouse(await resolve(plan), foundations, own)
  let number = 0
  const begin = (asked: Asked) => run(callOf(asked, `req_${++number}`, clock), house, sent)
  async function askAll(asked: readonly Asked[]): Promise<readonly Got[]> {
    const answers = await drive(Promise.all(asked.map(begin)), clock)
    return answers.map(({ id, ...got }) => {
      const receipt = receipts.find(each => each.id === id)
      if (receipt === undefined) throw new Error(`${id} has no receipt`)
      return { ...got, receipt }
    })
  }
  async function ask(asked: Asked): Promise<Got> {
    const [got] = await askAll([asked])
    if (got === undefined) throw new Error('no answer')
    return got
  }
  return { house, clock, sent, receipts, ask, askAll, close: restore }
}

async function resolve({ config, env = {}, provider }: Plan) {
  const checked = checkText(JSON.stringify(config), 'candor.json5')
  if (!checked.ok) throw new Error(checked.faults.map(fault => `${fault.path}: ${fault.message}`).join('\n'))
  const resolved = await resolveConfig(checked.config, env)
  const own = new Set(Object.keys(checked.config.models.providers))
  const providers = resolved.providers.filter(({ id }) => own.has(id)).map(each => provider?.(each) ?? each)
  return { ...resolved, providers }
}

/** A protocol by its id. Throws if there is none. */
export function protocolOf(id: string): WireProtocol {
  const found = WIRE_PROTOCOLS.find(protocol => protocol.id === id)
  if (found === undefined) throw new Error(`no protocol ${id}`)
  return found
}

const QUESTION: JsonObject = { messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100 }

/** A call as the server makes it of a request. */
export function callOf(asked: Asked, id: string, clock: ManualClock): Call {
  const { model, stream, body = QUESTION, headers = {}, key } = asked
  const text = JSON.stringify({ model, ...(stream === undefined ? {} : { stream }), ...body })
  return {
    id,
    at: clock.now(),
    startedMs: clock.monotonicMs(),
    operation: 'generate',
    protocol: asked.protocol ?? protocolOf('openai-completions'),
    framing: SSE,
    body: new TextEncoder().encode(text),
    headers: new Headers({ 'x-title': id, ...headers }),
    key: key === undefined ? undefined : new Secret(key),
    leaving: new AbortController(),
    ended() {},
  }
}

type Answered = Omit<Got, 'receipt'> & { readonly id: string }

async function run(call: Call, house: House, sent: readonly Sent[]): Promise<Answered> {
  const response = await runCall(call, house)
  let sentAtFirstByte: number | undefined
  let text = ''
  const decoder = new TextDecoder()
  for await (const piece of response.body ?? []) {
    sentAtFirstByte ??= sent.filter(each => each.call === call.id).length
    text += decoder.decode(piece, { stream: true })
  }
  return { id: call.id, status: response.status, headers: response.headers, text, sentAtFirstByte }
}

/** Waits for it, and moves the clock on while nothing but time can help. */
async function drive<T>(wanted: Promise<T>, clock: ManualClock): Promise<T> {
  let isOver = false
  const over = () => {
    isOver = true
  }
  wanted.then(over, over)
  for (let turn = 0; !isOver; turn += 1) {
    await new Promise(resolve => setImmediate(resolve))
    if (!isOver && turn >= TURNS) clock.advance(STEP_MS)
  }
  return await wanted
}
