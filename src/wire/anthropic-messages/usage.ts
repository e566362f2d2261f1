import { asNumber, asObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { outputTotal, type Usage } from '../../canon/usage.ts'

/** The later object over the earlier, field by field; `null` tells nothing and overwrites nothing. */
export function mergeTold(earlier: JsonObject, later: JsonObject): JsonObject {
  const merged: Record<string, JsonValue | undefined> = { ...earlier }
  for (const key of Object.keys(later)) if (later[key] !== null) merged[key] = later[key]
  return merged
}

/**
 * Reads a usage object. Anthropic's `input_tokens` leaves out what the cache read and wrote; `output_tokens` includes thinking, which is
 * split off where `output_tokens_details.thinking_tokens` tells it (SDK type `Usage`, 2026).
 */
export function readUsage(wire: JsonObject): Usage {
  const input = asNumber(wire.input_tokens)
  const cacheRead = asNumber(wire.cache_read_input_tokens)
  const cacheWrite = asNumber(wire.cache_creation_input_tokens)
  const output = asNumber(wire.output_tokens)
  const thinking = asNumber(asObject(wire.output_tokens_details)?.thinking_tokens)
  const split = output !== undefined && thinking !== undefined && thinking <= output
  return {
    ...(input === undefined ? {} : { input }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(output === undefined ? {} : { output: split ? output - thinking : output }),
    ...(split ? { reasoning: thinking } : {}),
    raw: wire,
  }
}

/**
 * Writes what is known. `output_tokens` is required on the wire and clients read it unasked, so it is 0 where nobody told it; the
 * encoders name that in their `unsaid` list, since unknown is not zero.
 */
export function writeUsage(usage: Usage | undefined): Record<string, JsonValue> {
  const wire: Record<string, JsonValue> = {}
  if (usage?.input !== undefined) wire.input_tokens = usage.input
  if (usage?.cacheWrite !== undefined) wire.cache_creation_input_tokens = usage.cacheWrite
  if (usage?.cacheRead !== undefined) wire.cache_read_input_tokens = usage.cacheRead
  wire.output_tokens = usage === undefined ? 0 : (outputTotal(usage) ?? 0)
  if (usage?.reasoning !== undefined) wire.output_tokens_details = { thinking_tokens: usage.reasoning }
  return wire
}
