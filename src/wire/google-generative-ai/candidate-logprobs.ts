import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'

/**
 * `logprobsResult` in OpenAI's form, which is the canonical one: the chosen tokens, and beside each its likeliest alternatives. Undefined if no
 * token is in it. The tokens' numbers and their sum are left out: no other protocol has them.
 */
export function readLogprobs(wire: JsonObject | undefined): JsonObject | undefined {
  const chosen = asArray(wire?.chosenCandidates)
  if (chosen.length === 0) return undefined
  const top = asArray(wire?.topCandidates)
  const content = chosen.map((value, at) => ({
    ...token(value),
    top_logprobs: asArray(asObject(top[at])?.candidates).map(token),
  }))
  return { content }
}

/** The reverse, for one `logprobs` delta. Undefined if it has no token in a text. */
export function writeLogprobs(value: JsonObject): JsonObject | undefined {
  const entries = asArray(value.content)
  if (entries.length === 0) return undefined
  return {
    chosenCandidates: entries.map(candidate),
    topCandidates: entries.map(entry => ({ candidates: asArray(asObject(entry)?.top_logprobs).map(candidate) })),
  }
}

/** Two results one behind the other. */
export function joinLogprobs(before: JsonObject | undefined, more: JsonObject): JsonObject {
  if (before === undefined) return more
  const list = (key: string) => [...asArray(before[key]), ...asArray(more[key])]
  return { chosenCandidates: list('chosenCandidates'), topCandidates: list('topCandidates') }
}

function token(value: JsonValue): { token: string; logprob: number; bytes: null } {
  const wire = asObject(value)
  return { token: asString(wire?.token) ?? '', logprob: asNumber(wire?.logProbability) ?? 0, bytes: null }
}

function candidate(value: JsonValue): JsonObject {
  const entry = asObject(value)
  return { token: asString(entry?.token) ?? '', logProbability: asNumber(entry?.logprob) ?? 0 }
}
