import { asNumber, asObject, type JsonObject } from '../../base/json-value.ts'
import { inputTotal, outputTotal, type Usage } from '../../canon/usage.ts'

/** Reads a usage object of OpenAI or one of its dialects into buckets that do not overlap. Undefined if it holds no count at all. */
export function readUsage(raw: JsonObject): Usage | undefined {
  const prompt = count(raw.prompt_tokens)
  const completion = count(raw.completion_tokens)
  if (prompt === undefined && completion === undefined) return undefined
  return { ...readInput(raw, prompt), ...readOutput(raw, prompt, completion), raw }
}

/** `prompt_tokens` holds the cached ones. DeepSeek tells them as `prompt_cache_hit_tokens`, Moonshot at the top level. */
function readInput(raw: JsonObject, prompt: number | undefined): Usage {
  const details = asObject(raw.prompt_tokens_details)
  const cacheRead = count(details?.cached_tokens) ?? count(raw.prompt_cache_hit_tokens) ?? count(raw.cached_tokens)
  const cacheWrite = count(details?.cache_write_tokens) ?? count(details?.cache_creation_input_tokens)
  const rest = prompt === undefined ? undefined : prompt - (cacheRead ?? 0) - (cacheWrite ?? 0)
  return {
    // More cached than counted: this provider counts them apart.
    ...(rest === undefined ? {} : { input: rest < 0 ? (prompt ?? 0) : rest }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
  }
}

/** `completion_tokens` holds the reasoning ones, but xAI counts them apart: there the total is the sum of all three. */
function readOutput(raw: JsonObject, prompt: number | undefined, completion: number | undefined): Usage {
  const reasoning = count(asObject(raw.completion_tokens_details)?.reasoning_tokens) ?? count(raw.reasoning_tokens)
  if (completion === undefined) return reasoning === undefined ? {} : { reasoning }
  if (reasoning === undefined) return { output: completion }
  const total = count(raw.total_tokens)
  const apart =
    reasoning > completion || (prompt !== undefined && reasoning > 0 && total === prompt + completion + reasoning)
  return { output: apart ? completion : completion - reasoning, reasoning }
}

/** Writes usage as OpenAI does. What is not known is left out: it is not zero. Undefined if nothing is known. */
export function writeUsage(usage: Usage): JsonObject | undefined {
  const prompt = inputTotal(usage)
  const completion = outputTotal(usage)
  if (prompt === undefined && completion === undefined) return undefined
  const body: Record<string, number | JsonObject> = {}
  if (prompt !== undefined) body.prompt_tokens = prompt
  if (completion !== undefined) body.completion_tokens = completion
  if (prompt !== undefined && completion !== undefined) body.total_tokens = prompt + completion
  const details: Record<string, number> = {}
  if (usage.cacheRead !== undefined) details.cached_tokens = usage.cacheRead
  if (usage.cacheWrite !== undefined) details.cache_write_tokens = usage.cacheWrite
  if (Object.keys(details).length > 0) body.prompt_tokens_details = details
  if (usage.reasoning !== undefined) body.completion_tokens_details = { reasoning_tokens: usage.reasoning }
  return body
}

function count(value: unknown): number | undefined {
  const number = asNumber(value)
  return number === undefined || number < 0 ? undefined : number
}
