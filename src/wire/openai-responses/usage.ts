import { asNumber, asObject, type JsonObject } from '../../base/json-value.ts'
import { inputTotal, outputTotal, type Usage } from '../../canon/usage.ts'

/**
 * Reads a usage object (SDK type `ResponseUsage`, 2026): `input_tokens` holds what the cache read and wrote, `output_tokens` the reasoning.
 * Undefined if it holds no count at all.
 */
export function readUsage(raw: JsonObject): Usage | undefined {
  const input = count(raw.input_tokens)
  const output = count(raw.output_tokens)
  if (input === undefined && output === undefined) return undefined
  return { ...readInput(raw, input), ...readOutput(raw, output), raw }
}

function readInput(raw: JsonObject, all: number | undefined): Usage {
  const details = asObject(raw.input_tokens_details)
  const cacheRead = count(details?.cached_tokens)
  const cacheWrite = count(details?.cache_write_tokens)
  const rest = (all ?? 0) - (cacheRead ?? 0) - (cacheWrite ?? 0)
  return {
    // More cached than counted: this provider counts them apart.
    ...(all === undefined ? {} : { input: rest < 0 ? all : rest }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
  }
}

function readOutput(raw: JsonObject, all: number | undefined): Usage {
  const reasoning = count(asObject(raw.output_tokens_details)?.reasoning_tokens)
  if (all === undefined) return reasoning === undefined ? {} : { reasoning }
  if (reasoning === undefined) return { output: all }
  return { output: reasoning > all ? all : all - reasoning, reasoning }
}

/**
 * Writes usage with every field clients demand: Codex drops a whole response whose counts are not numbers. Details nobody told are 0. Undefined if neither side is known; where one is not, it is 0 too, and the encoder names that in `unsaid`.
 */
export function writeUsage(usage: Usage): JsonObject | undefined {
  const input = inputTotal(usage)
  const output = outputTotal(usage)
  if (input === undefined && output === undefined) return undefined
  const written = usage.cacheWrite === undefined ? {} : { cache_write_tokens: usage.cacheWrite }
  return {
    input_tokens: input ?? 0,
    input_tokens_details: { cached_tokens: usage.cacheRead ?? 0, ...written },
    output_tokens: output ?? 0,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    total_tokens: (input ?? 0) + (output ?? 0),
  }
}

function count(value: unknown): number | undefined {
  const number = asNumber(value)
  return number === undefined || number < 0 ? undefined : number
}
