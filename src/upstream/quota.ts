import type { JsonValue } from '../base/json-value.ts'
import type { HeadersLike } from '../catalog/retry-hints.ts'
import type { CredentialSetup, ProviderSetup } from './provider-setup.ts'

/** One window, counter or balance, as the provider told it. Never an estimate of ours. */
export interface QuotaWindow {
  /** `5 hour`, `daily`, `weekly`, `monthly`, `requests`, `input-tokens`, `balance`, …. */
  readonly name: string
  /** `requests`, `tokens`, `percent`, a currency (`USD`, `CNY`), or `units` where the provider does not say what it counts. */
  readonly unit: string
  readonly limit?: number
  readonly used?: number
  /** May be below zero: an account in debt. */
  readonly remaining?: number
  /** 0 to 100, where the provider's numbers give one. */
  readonly remainingPercent?: number
  /** Milliseconds since 1970. */
  readonly resetsAtMs?: number
  /** Does not limit calls to models (tools, pictures, video): nobody is warned of it. */
  readonly aside?: true
  /** Told too long ago, or its own reset is over: the numbers are of the past. */
  readonly stale?: true
}

/** What an answer of a quota endpoint says. */
export interface QuotaReading {
  /** The plan's name, as the provider writes it. */
  readonly plan?: string
  readonly windows: readonly QuotaWindow[]
}

/**
 * Reads one shape of answer. `now`: milliseconds since 1970. Pure, and never throws. What is missing or not what it should be gives fewer
 * fields; undefined where nothing of the shape is there.
 */
export type QuotaReader = (body: JsonValue, now: number) => QuotaReading | undefined

/** What one credential of one provider has left. */
export interface QuotaView extends QuotaReading {
  readonly provider: string
  readonly credential: string
  readonly billing: string
  /** Where the numbers come from. */
  readonly source: 'endpoint' | 'headers'
  /** When they were told, milliseconds since 1970; if they never were, when they were asked for last. */
  readonly at: number
  /** Older than two polls, or all windows past their own reset: shown dimmed. */
  readonly stale: boolean
  /** Why the last question was not answered, or only in part. */
  readonly fault?: string
}

/** What providers say is left. Numbers of the quota endpoint and of answers' headers stand side by side. */
export interface QuotaBook {
  /** Notes the rate-limit headers of an answer. Cheap: called for every answer. */
  heard(provider: ProviderSetup, credential: CredentialSetup, headers: HeadersLike): void
  /** The window with the least left, of those that are fresh and have less than `percent` left. */
  low(provider: string, credential: string, percent: number): QuotaWindow | undefined
  /** What is known, in the order of the providers. Somebody looks, so what was not asked lately is asked soon. */
  /** All there is. Somebody looks, so what rests is asked about again. */
  views(): readonly QuotaView[]
  /** All there is, for a machine that looks every few seconds: wakes nothing. */
  peek(): readonly QuotaView[]
  /** Asks the quota endpoints now, whatever was asked lately, at most once every few seconds each. `provider`: only that one. */
  refresh(provider?: string): Promise<void>
  /** The providers to ask from now on; a reload calls it again. */
  watch(providers: readonly ProviderSetup[]): void
  close(): void
}
