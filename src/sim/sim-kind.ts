import type { Clock } from '../base/clock.ts'
import type { JsonValue } from '../base/json-value.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { ReceivedRequest } from './http-reader.ts'
import type { KeyState } from './keys.ts'
import type { Reply } from './reply.ts'

/** The providers that can be simulated; each is the catalogue id of the real one. */
export const SIM_KIND_IDS = ['kimi-coding', 'moonshot', 'anthropic', 'openai', 'google'] as const

/** One of {@link SIM_KIND_IDS}. */
export type SimKindId = (typeof SIM_KIND_IDS)[number]

/** What a provider's handlers see of the simulator they run in. */
export interface World {
  readonly clock: Clock
  /** Counts from 1; ids in answers are made of it. */
  readonly requestNumber: number
  /** Pause between two events of a stream where the request does not set its own, milliseconds. */
  readonly paceMs: number
  /** Beginnings of `User-Agent` a listed surface admits, in place of the provider's own list. */
  readonly admits: readonly string[] | undefined
  /** Beginnings of `User-Agent` that Kimi's Messages surface answers as if it had no capacity. */
  readonly throttles: readonly string[]
  /** Model ids there are, in place of the provider's own list. */
  readonly models: readonly string[] | undefined
  /** The state set for this key, or named in it, or undefined: then the provider's own rule decides. */
  stateOf(key: string): KeyState | undefined
  /** True if this prompt prefix was sent before; remembers it. */
  seenPrefix(key: string): boolean
  /** What a provider keeps of its own replies, by id; the oldest is forgotten first. */
  readonly kept: Kept
}

/** A provider's memory. */
export interface Kept {
  get(id: string): JsonValue | undefined
  set(id: string, value: JsonValue): void
}

/** A provider that can be simulated. */
export interface SimKind {
  readonly id: SimKindId
  /** A key it takes. */
  readonly key: string
  /** States its keys can have. */
  readonly keyStates: readonly KeyState[]
  /** Protocol surfaces with the path of their base URL, as the real provider has them. */
  readonly surfaces: readonly { readonly protocol: ProtocolId; readonly basePath: string }[]
  /** A model it serves. */
  readonly model: string
  answer(request: ReceivedRequest, world: World): Reply
}
