import type { HeadersLike } from '../catalog/retry-hints.ts'
import type { CredentialSetup, ProviderSetup } from './provider-setup.ts'

/** One window, counter or balance, as the provider told it. Never an estimate of ours. */
export interface QuotaWindow {
  /** `5 hour`, `daily`, `weekly`, `monthly`, `requests`, `input-tokens`, `balance`, …. */
  readonly name: string
  /** In the provider's own unit: requests, tokens, percent, US dollars, yuan. */
  readonly unit: string
  readonly limit?: number
  readonly used?: number
  readonly remaining?: number
  /** 0 to 100, where the provider's numbers give one. */
  readonly remainingPercent?: number
  /** Milliseconds since 1970. */
  readonly resetsAtMs?: number
}

/** What one credential of one provider has left. */
export interface QuotaView {
  readonly provider: string
  readonly credential: string
  readonly billing: string
  readonly plan?: string
  readonly windows: readonly QuotaWindow[]
  /** Where the numbers come from. */
  readonly source: 'endpoint' | 'headers'
  /** When they were told, milliseconds since 1970. */
  readonly at: number
  /** Older than two polls, or past their own reset: shown dimmed. */
  readonly stale: boolean
  /** Why the last question was not answered. */
  readonly fault?: string
}

/** What providers say is left. Numbers of the quota endpoint and of answers' headers stand side by side. */
export interface QuotaBook {
  /** Notes the rate-limit headers of an answer. Cheap: called for every answer. */
  heard(provider: ProviderSetup, credential: CredentialSetup, headers: HeadersLike): void
  /** The window with the least left, of those that are fresh and have less than `percent` left. */
  low(provider: string, credential: string, percent: number): QuotaWindow | undefined
  views(): readonly QuotaView[]
  /** Asks the quota endpoints now, whatever was asked lately, at most once every few seconds each. `provider`: only that one. */
  refresh(provider?: string): Promise<void>
  /** The providers to ask from now on; a reload calls it again. */
  watch(providers: readonly ProviderSetup[]): void
  close(): void
}
