import type { Clock } from '../base/clock.ts'
import type { CoarseTimers } from '../base/coarse-timers.ts'
import type { Latch } from '../base/latch.ts'
import type { Secret } from '../base/secret.ts'
import type { TraceContext } from '../base/trace-context.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { ModelRow } from '../catalog/model.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import type { BodyRoom, BodyStore } from '../ledger/kept-bodies.ts'
import type { LedgerStore } from '../ledger/store.ts'
import type { Policy } from '../policy/policy.ts'
import type { Counters } from '../shared/counters.ts'
import type { ResponseCache } from '../shared/response-cache.ts'
import type { Health } from '../upstream/health.ts'
import type { Leaving } from '../upstream/incoming.ts'
import type { Network } from '../upstream/network.ts'
import type { CredentialSetup, EndpointSetup, ModelSetup, ProviderSetup } from '../upstream/provider-setup.ts'
import type { QuotaBook } from '../upstream/quota.ts'
import type { Timeouts } from '../upstream/timers.ts'
import type { RequestNames, WireProtocol } from '../wire/wire-protocol.ts'
import type { Framing } from './framing.ts'
import type { ModelDirectory } from './model-directory.ts'
import type { Retry } from './route.ts'
import type { SealMemory } from './seal-memory.ts'
import type { SurfaceMemory } from './surface-memory.ts'
import type { CallWatcher } from './watcher.ts'

/** What the client wants done. */
export type Operation = 'generate' | 'count-tokens' | 'embed'

/** One request as it came in, read but not interpreted. */
export interface Call {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly startedMs: number
  readonly operation: Operation
  /** The protocol the client speaks. */
  readonly protocol: WireProtocol
  /** What the path said already, where the protocol says it there; else it stands in the body. */
  readonly names?: RequestNames
  /** The form in which the client wants its stream. */
  readonly framing: Framing
  readonly body: Uint8Array
  readonly headers: Headers
  /** The gateway key the client showed. */
  readonly key: Secret | undefined
  /** The call that this one makes again. */
  readonly replayOf?: string
  /** The trace the call belongs to, if calls are traced. */
  readonly trace?: TraceContext
  /** Its signal is aborted when the client leaves. */
  readonly leaving: Leaving
  /** Called once, when the receipt is closed. */
  readonly ended: () => void
}

/** The model that will answer: found by name, not yet tried. */
export interface Target {
  readonly provider: ProviderSetup
  /** The id sent upstream. */
  readonly model: string
  /** `provider/model`. */
  readonly ref: string
  /** The user's or the catalogue's row, where there is one. */
  readonly row: ModelSetup | ModelRow | undefined
}

/** A target with the credential it is asked with. */
export interface Leg {
  readonly target: Target
  readonly credential: CredentialSetup
}

/** One way to reach a target: an endpoint, the credential and the codec it speaks. */
export interface Surface extends Leg {
  readonly endpoint: EndpointSetup
  readonly protocol: WireProtocol
}

/** The part of the configuration the pipeline obeys. */
export interface PipelineSettings {
  readonly timeouts: Timeouts
  readonly heartbeatMs: number
  /** Whole replies larger than this are refused, in bytes. */
  readonly replyBytesMax: number
  /** Names from the parameter table, JSON paths, or `*`. */
  readonly allowLoss: readonly string[]
  /** For calls that name a model; a route has its own. */
  readonly retry: Retry
  /** Calls belong to traces, which providers are told. */
  readonly traced: boolean
}

/** Where bodies go that are to be kept. */
export interface BodyKeeping {
  /** Most that is kept of one, in bytes. */
  readonly bytesMax: number
  readonly store: Pick<BodyStore, 'keep'>
  /** For what is collected of streams under way. */
  readonly room: BodyRoom
}

/**
 * Everything a call is served with. Made by `app/assemble`, replaced as a whole by a reload; a call keeps the one it started with.
 */
export interface House {
  readonly clock: Clock
  readonly timers: CoarseTimers
  /** How providers are reached. */
  readonly network: Network
  readonly directory: ModelDirectory
  readonly protocols: ReadonlyMap<ProtocolId, WireProtocol>
  readonly policies: readonly Policy[]
  /** The gateway key of that secret, be it active or not. */
  readonly findKey: (secret: Secret) => GatewayKey | undefined
  /** Whether a key is asked for. Without one, and none asked for, no policy has anything to check. */
  readonly keysRequired: () => boolean
  readonly ledger: LedgerStore
  readonly memory: SurfaceMemory
  readonly seals: SealMemory
  readonly health: Health
  readonly quotas: QuotaBook
  readonly counters: Counters
  readonly cache: ResponseCache
  /** Keeps what is asked and answered; undefined: that is off. */
  readonly bodies: BodyKeeping | undefined
  /** Told of every call that ended. */
  readonly watchers: readonly CallWatcher[]
  /** Between 0 and 1, 1 excluded. */
  readonly random: () => number
  readonly settings: PipelineSettings
  /** Trips when the time to finish is over at a shutdown: what still runs is ended, and told so. */
  readonly closing: Latch
}
