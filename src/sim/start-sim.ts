import { createServer, type Server, type Socket } from 'node:net'
import { type Clock, systemClock } from '../base/clock.ts'
import type { JsonValue } from '../base/json-value.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import { type Exchange, serveConnection } from './connection.ts'
import { failureReply, openAiEnvelope } from './failure.ts'
import { faultPlan } from './fault-effects.ts'
import { type Fault, parseFault } from './faults.ts'
import { headerOf, type ReceivedRequest } from './http-reader.ts'
import { type KeyState, stateInName } from './keys.ts'
import { SIM_KINDS } from './kinds.ts'
import { planFor, planOf, stepsOf } from './plan.ts'
import { openRecorder, type Recorder, type SimRequest } from './recorder.ts'
import type { SimKind, SimKindId, World } from './sim-kind.ts'

/** How a provider is simulated. Everything but `kind` may be left out. */
export interface SimOptions {
  readonly kind: SimKindId
  /** Address to listen on. Absent: 127.0.0.1. */
  readonly host?: string
  /** Absent or 0: any free port. */
  readonly port?: number
  /** States of single keys. Other keys are judged by how they begin, as the provider does. */
  readonly keys?: Readonly<Record<string, KeyState>>
  /** Model ids there are, in place of the provider's own list. */
  readonly models?: readonly string[]
  /** Beginnings of `User-Agent` that a listed surface admits, in place of the provider's own list. */
  readonly admits?: readonly string[]
  /**
   * Beginnings of `User-Agent` that Kimi's Messages surface answers with `engine overloaded`. Third parties report this for names that
   * begin with `Anthropic` (gsd-build/gsd-2#4640, anomalyco/opencode#27902). Absent: none.
   */
  readonly throttles?: readonly string[]
  /** Pause between two events of every stream, milliseconds. Absent: none. */
  readonly paceMs?: number
  /** The fault that is on from the start, in the form {@link parseFault} reads. */
  readonly fault?: string
  /** Chooses a fault for each request that none was set for, in the form {@link parseFault} reads; undefined: none. */
  readonly chooseFault?: (request: ReceivedRequest) => string | undefined
  /** A request may bring its own fault: header `x-sim-fault`, or `sim-fault` in the query. */
  readonly allowRequestFaults?: boolean
  /** How many requests are remembered; the oldest are forgotten first. Absent: 1,000. */
  readonly keepRequests?: number
  /** Called with each request when it has been read. */
  readonly onRequest?: (request: SimRequest) => void
  readonly clock?: Clock
}

/** One running simulated provider. */
export interface Sim {
  readonly kind: SimKindId
  readonly origin: string
  readonly port: number
  /** The base URL of each protocol surface, in the shape that protocol's clients want. */
  readonly surfaces: readonly { readonly protocol: ProtocolId; readonly baseUrl: string }[]
  /** A key this provider takes. */
  readonly key: string
  /** A model it serves. */
  readonly model: string
  /** What was received, oldest first. */
  requests(): readonly SimRequest[]
  /** Forgets what was received; ids in answers count from 1 again. */
  clear(): void
  /** Resolves as soon as the condition holds over what was received, ends and departures included. */
  when(condition: (requests: readonly SimRequest[]) => boolean): Promise<void>
  /** Turns a fault on (`cut=1200`) for all requests or those that match, or off. Throws on a text that names no fault. */
  setFault(fault: string | undefined, match?: (request: ReceivedRequest) => boolean): void
  /** Gives a key a state from now on. Throws if this provider has no such state. */
  setKey(key: string, state: KeyState): void
  /** Stops listening and cuts what is open. */
  stop(): Promise<void>
}

/** Prompt prefixes remembered for the simulated cache, and entries a provider keeps. */
const REMEMBERED_MAX = 4096

/** Starts a simulated provider. Rejects if the port is taken, a key state or a fault is unknown. */
export async function startSim(options: SimOptions): Promise<Sim> {
  const kind = SIM_KINDS[options.kind]
  const clock = options.clock ?? systemClock
  const recorder = openRecorder(clock, options.keepRequests ?? 1000)
  const keys = new Map<string, KeyState>()
  for (const [key, state] of Object.entries(options.keys ?? {})) setKey(key, state)
  let fault = options.fault === undefined ? undefined : readFault(options.fault)
  let faultMatches: ((request: ReceivedRequest) => boolean) | undefined

  function setKey(key: string, state: KeyState): void {
    if (!kind.keyStates.includes(state)) throw new Error(`${kind.id} has no key state "${state}"`)
    keys.set(key, state)
  }

  const answer = answering(kind, options, recorder, clock, keys, request => {
    if (fault !== undefined && (faultMatches?.(request) ?? true)) return fault
    const chosen = options.chooseFault?.(request)
    return chosen === undefined ? undefined : readFault(chosen)
  })
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serveConnection(socket, clock, answer)
  })
  const port = await listen(server, options.host ?? '127.0.0.1', options.port ?? 0)
  const origin = `http://${options.host ?? '127.0.0.1'}:${port}`
  return {
    kind: kind.id,
    origin,
    port,
    surfaces: kind.surfaces.map(({ protocol, basePath }) => ({ protocol, baseUrl: origin + basePath })),
    key: kind.key,
    model: options.models?.[0] ?? kind.model,
    requests: recorder.all,
    clear: recorder.clear,
    when: recorder.when,
    setFault(text, match) {
      fault = text === undefined ? undefined : readFault(text)
      faultMatches = match
    },
    setKey,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function answering(
  kind: SimKind,
  options: SimOptions,
  recorder: Recorder,
  clock: Clock,
  keys: ReadonlyMap<string, KeyState>,
  faultFor: (request: ReceivedRequest) => Fault | undefined,
): (request: ReceivedRequest) => Exchange {
  const seen = new Map<string, true>()
  const kept = new Map<string, JsonValue>()
  const shared: Omit<World, 'requestNumber'> = {
    clock,
    paceMs: options.paceMs ?? 0,
    admits: options.admits,
    throttles: options.throttles ?? [],
    models: options.models,
    stateOf: key => keys.get(key) ?? named(key, kind),
    seenPrefix: key => remember(seen, key, true) !== undefined,
    kept: { get: id => kept.get(id), set: (id, value) => void remember(kept, id, value) },
  }
  return request => {
    const { entry, ended, requestNumber, telling } = recorder.record(request)
    options.onRequest?.(entry)
    const own = options.allowRequestFaults === true ? faultOn(request) : undefined
    const fault = own ?? faultFor(request)
    if (typeof fault === 'string') {
      const refused = failureReply({ status: 400, type: 'simulator_error', message: fault }, openAiEnvelope)
      return { steps: stepsOf(planOf(refused)), ended }
    }
    const reply = kind.answer(request, { ...shared, requestNumber })
    telling(reply.told)
    const plan = planFor(request, planOf(reply))
    return { steps: stepsOf(fault === undefined ? plan : faultPlan(plan, fault)), ended }
  }
}

function named(key: string, kind: SimKind): KeyState | undefined {
  const state = stateInName(key)
  return state !== undefined && kind.keyStates.includes(state) ? state : undefined
}

/** Puts a value at the end of the line and gives the one that was there. */
function remember<T>(memory: Map<string, T>, key: string, value: T): T | undefined {
  const before = memory.get(key)
  memory.delete(key)
  memory.set(key, value)
  if (memory.size > REMEMBERED_MAX) memory.delete(memory.keys().next().value ?? '')
  return before
}

/** The fault a request brings, the reason why its text is none, or undefined. */
function faultOn(request: ReceivedRequest): Fault | string | undefined {
  const text = headerOf(request.headers, 'x-sim-fault') ?? new URLSearchParams(request.query).get('sim-fault')
  return text === null ? undefined : parseFault(text)
}

function readFault(text: string): Fault {
  const fault = parseFault(text)
  if (typeof fault === 'string') throw new Error(fault)
  return fault
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
