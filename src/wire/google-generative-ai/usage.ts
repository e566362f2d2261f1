import { asNumber, type JsonObject } from '../../base/json-value.ts'
import { inputTotal, outputTotal, type Usage } from '../../canon/usage.ts'

/**
 * Reads `usageMetadata` (ai.google.dev/api/generate-content#UsageMetadata, 2026) into buckets that do not overlap: `promptTokenCount` holds
 * the cached ones, `toolUsePromptTokenCount` is input counted apart, and `candidatesTokenCount` leaves the thoughts out. Undefined if it
 * holds no count at all.
 */
export function readUsage(raw: JsonObject): Usage | undefined {
  const prompt = count(raw.promptTokenCount)
  const toolUse = count(raw.toolUsePromptTokenCount)
  const cacheRead = count(raw.cachedContentTokenCount)
  const reasoning = count(raw.thoughtsTokenCount)
  const output = count(raw.candidatesTokenCount) ?? restOfTotal(raw, prompt, toolUse, reasoning)
  if (prompt === undefined && output === undefined && reasoning === undefined) return undefined
  return {
    ...(prompt === undefined ? {} : { input: Math.max(0, prompt - (cacheRead ?? 0)) + (toolUse ?? 0) }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(output === undefined ? {} : { output }),
    ...(reasoning === undefined ? {} : { reasoning }),
    raw,
  }
}

/** Google leaves counts of zero out. Where the total is told, what is left of it says whether there was output at all. */
function restOfTotal(
  raw: JsonObject,
  prompt: number | undefined,
  toolUse: number | undefined,
  reasoning: number | undefined,
): number | undefined {
  const total = count(raw.totalTokenCount)
  if (total === undefined || prompt === undefined) return undefined
  const rest = total - prompt - (toolUse ?? 0) - (reasoning ?? 0)
  return rest < 0 ? undefined : rest
}

/** Writes usage as Gemini does. What is not known is left out: it is not zero. Undefined if nothing is known. */
export function writeUsage(usage: Usage): JsonObject | undefined {
  const prompt = inputTotal(usage)
  const total = outputTotal(usage)
  if (prompt === undefined && total === undefined) return undefined
  return {
    ...(prompt === undefined ? {} : { promptTokenCount: prompt }),
    ...(usage.output === undefined ? {} : { candidatesTokenCount: usage.output }),
    ...(prompt === undefined || total === undefined ? {} : { totalTokenCount: prompt + total }),
    ...(usage.cacheRead === undefined ? {} : { cachedContentTokenCount: usage.cacheRead }),
    ...(usage.reasoning === undefined ? {} : { thoughtsTokenCount: usage.reasoning }),
  }
}

function count(value: unknown): number | undefined {
  const number = asNumber(value)
  return number === undefined || number < 0 ? undefined : number
}
