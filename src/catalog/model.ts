/** Prices of a model in USD per million tokens, as the provider lists them. */
export interface ModelPrice {
  readonly input: number
  readonly output: number
  /** Absent: read tokens cost what other input does. */
  readonly cacheRead?: number
  /** Absent: written tokens cost what other input does. */
  readonly cacheWrite?: number
  /** Prices of calls whose whole input is longer than `inputAbove` tokens; the longest that applies counts, for all its tokens. */
  readonly tiers?: readonly (Omit<ModelPrice, 'tiers'> & { readonly inputAbove: number })[]
}

/** What is known of one model at one provider. Token counts, not characters. */
export interface ModelRow {
  readonly id: string
  readonly name?: string
  readonly contextWindow?: number
  readonly maxOutputTokens?: number
  /** Kinds of input beside text. */
  readonly input?: readonly ('image' | 'pdf' | 'audio' | 'video')[]
  readonly reasoning?: boolean
  /** Absent: unknown, which is not free. */
  readonly price?: ModelPrice
  /** Protocols on which this model is served, where a provider does not serve all models on all its surfaces. */
  readonly protocols?: readonly string[]
}
