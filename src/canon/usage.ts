import type { JsonObject } from '../base/json-value.ts'

/**
 * Tokens of one call in buckets that never overlap: their sum is the call. A missing bucket is unknown, which is not zero.
 */
export interface Usage {
  /** Input tokens neither read from nor written to a cache. */
  readonly input?: number
  /** Input tokens read from the provider's prompt cache. */
  readonly cacheRead?: number
  /** Input tokens written to the provider's prompt cache, all lifetimes together. */
  readonly cacheWrite?: number
  /** Output tokens without those counted in `reasoning`. Where a provider does not split them, reasoning is in here. */
  readonly output?: number
  /** Output tokens spent on reasoning, where the provider counts them apart. */
  readonly reasoning?: number
  /** The provider's own usage object, as it came. */
  readonly raw?: JsonObject
}

/** All input tokens, or undefined if the provider told none of them. */
export function inputTotal(usage: Usage): number | undefined {
  return sum(usage.input, usage.cacheRead, usage.cacheWrite)
}

/** All output tokens, reasoning included, or undefined if the provider told none. */
export function outputTotal(usage: Usage): number | undefined {
  return sum(usage.output, usage.reasoning)
}

/** The later report over the earlier: usage in streams is cumulative, and each bucket's last known value counts. */
export function mergeUsage(earlier: Usage | undefined, later: Usage): Usage {
  if (earlier === undefined) return later
  const raw = earlier.raw && later.raw ? { ...earlier.raw, ...later.raw } : (later.raw ?? earlier.raw)
  const merged: { -readonly [K in keyof Usage]: Usage[K] } = { ...earlier, ...later }
  if (raw !== undefined) merged.raw = raw
  return merged
}

function sum(...parts: readonly (number | undefined)[]): number | undefined {
  let total: number | undefined
  for (const part of parts) if (part !== undefined) total = (total ?? 0) + part
  return total
}
