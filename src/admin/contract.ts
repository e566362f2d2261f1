import type { ProblemCode } from '../canon/problem.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { Billing, Clients } from '../catalog/provider.ts'
import type { BodyHealth } from '../ledger/kept-bodies.ts'
import type { LedgerHealth } from '../ledger/store.ts'
import type { HealthView } from '../upstream/health.ts'

/** One surface of a provider, as shown. */
export interface SurfaceView {
  readonly protocol: ProtocolId
  readonly baseUrl: string
  readonly clients: Clients
  /** This version of Candor speaks the protocol. */
  readonly spoken: boolean
  /** It is known to have a call for embeddings. */
  readonly embeds: boolean
}

/** One of several keys, as shown. Never the key. */
export interface CredentialView {
  readonly name: string
  readonly billing: Billing
  readonly priority: number
  readonly weight: number
  readonly source?: string
}

/** One provider, as shown. Never holds a key. */
export interface ProviderView {
  readonly id: string
  readonly name: string
  readonly billing: Billing
  readonly available: boolean
  /** Why it cannot be used; absent when it can. */
  readonly unavailable?: string
  /** Where the first key comes from. */
  readonly keySource?: string
  /** Where there are several keys. */
  readonly credentials?: readonly CredentialView[]
  /** Why some of several keys cannot be used. */
  readonly missingCredentials?: readonly string[]
  /** What cools down, or did lately. */
  readonly health?: readonly HealthView[]
  readonly surfaces: readonly SurfaceView[]
  readonly models: number
  readonly usagePolicy?: string
  readonly console?: string
}

/** One model, as shown: an OpenAI and an Anthropic client each find the fields they look for. */
export interface ModelView {
  readonly id: string
  readonly object: 'model'
  readonly type: 'model'
  readonly display_name: string
  /** Seconds since 1970; the catalogue knows no creation dates, so this is the gateway's start. */
  readonly created: number
  readonly created_at: string
  readonly owned_by: string
  readonly candor: {
    /** `candor` for a route. */
    readonly provider: string
    /** A route of the configuration, told as a model. */
    readonly route?: true
    /** What a route leads to, in its order: `provider/model`, or the configuration's own word for what means none. */
    readonly targets?: readonly string[]
    readonly available: boolean
    readonly unavailable?: string
    /** It can be called, but all keys for it cool down now. */
    readonly cools_down?: CoolDown
    /** Of a route the lane of its first target. */
    readonly billing: Billing
    /** Of a route the smallest of its targets that can be used; likewise what follows is what all of them have. */
    readonly context_window?: number
    readonly max_output_tokens?: number
    readonly reasoning?: boolean
    readonly input?: readonly string[]
    /** USD per million tokens. Absent: unknown, or a plan. */
    readonly price?: { readonly input: number; readonly output: number }
  }
}

/** That something is left alone for a while. */
export interface CoolDown {
  readonly reason: ProblemCode
  readonly what?: string
  /** Milliseconds since 1970. Absent: one call is let through now, and decides. */
  readonly until?: number
}

/** The gateway's own state. */
export interface StatusView {
  readonly version: string
  readonly startedAt: string
  readonly config: ConfigView
  readonly draining: boolean
  readonly inFlight: number
  readonly ledger: LedgerHealth
  /** What is kept of what was asked and answered. */
  readonly bodies: BodyHealth
  readonly providers: { readonly available: number; readonly known: number }
}

/** Which configuration is in force, and whether the file says something else by now. */
export interface ConfigView {
  /** Absent: there is no file, and the environment alone decides. */
  readonly file?: string
  readonly loadedAt: string
  /** Why the file's newest text is not in force: faults, as shown to a person. */
  readonly refused?: string
  /** Things to know that stop nothing. */
  readonly warnings: readonly string[]
}
