import type { Secret } from '../base/secret.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { ModelRow } from '../catalog/model.ts'
import type { AuthScheme, Billing, Clients, Provider, QuotaEndpoint } from '../catalog/provider.ts'
import type { Quirks } from '../wire/quirks.ts'
import type { Timeouts } from './timers.ts'

/** One surface as it is used: the catalogue's endpoint with the user's base URL, checked. */
export interface EndpointSetup {
  readonly protocol: ProtocolId
  /** No slash at the end, no user info, variables filled. */
  readonly baseUrl: string
  /** Scheme, host and port of `baseUrl`: the only place the key may go (law 6). */
  readonly origin: string
  readonly auth: AuthScheme
  readonly clients: Clients
  readonly admits: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly quirks: Quirks
  readonly countsTokens: boolean
  readonly embeds: boolean
  readonly deprecated: boolean
  readonly imitation: boolean
}

/** A model the user wrote down, or a catalogue row, with the user's headers for it. */
export interface ModelSetup extends ModelRow {
  readonly headers?: Readonly<Record<string, string | null>>
}

/** How one of several equals is picked. `order`: the first that can serve. `weighted`: by weight. `least-busy`: of two picked by weight, the less busy. */
export type Balance = 'order' | 'weighted' | 'least-busy'

/** One key of a provider, and the purse it draws on. A local server without a key has one credential without a key. */
export interface CredentialSetup {
  /** Its name within the provider, for receipts: what the user calls it, `default` where there is only one. */
  readonly name: string
  readonly key?: Secret
  /** Where the key came from, for people: `environment KIMI_API_KEY`, `candor.json5:5`. */
  readonly source?: string
  /** The billing lane. A key of one lane is never sent to an endpoint of another. */
  readonly billing: Billing
  /** Lower goes first; equals are balanced. */
  readonly priority: number
  readonly weight: number
  /** Its beginning says that it is the key of this sibling provider, of another lane: it is not sent here. */
  readonly belongsTo?: string
}

/** A provider as it is used: the catalogue's row with the user's entry over it. Immutable; a reload makes new ones. */
export interface ProviderSetup {
  readonly id: string
  readonly name: string
  /** The catalogue's row; absent for a provider only the user's configuration knows. */
  readonly row?: Provider
  /** The lane of the credential that is written to go first, also where it is missing: one of another lane does not stand in for it. */
  readonly billing: Billing
  /** In the order of their priority. Empty only for a provider that cannot be used. */
  readonly credentials: readonly CredentialSetup[]
  /** Why some of several keys cannot be used, in words. */
  readonly missingCredentials?: readonly string[]
  /** Among credentials of the same priority. */
  readonly balance: Balance
  readonly endpoints: readonly EndpointSetup[]
  /** The user's headers; `null` removes one. */
  readonly headers: Readonly<Record<string, string | null>>
  readonly models: readonly ModelSetup[]
  readonly modelAliases: Readonly<Record<string, string>>
  readonly modelList: 'complete' | 'open'
  /** Where the provider tells what is left, at the address the user gave it: the row's own URL is not for the key (law 6). */
  readonly quota?: QuotaEndpoint
  /** The user's time limits for this provider, over the gateway's. */
  readonly timeouts?: Partial<Timeouts>
  /** Why it cannot be used now, in words; absent when it can. */
  readonly unavailable?: string
}
