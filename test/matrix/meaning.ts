import { isObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import type { CanonRequest } from '../../src/canon/request.ts'

/** Where it stood, whose form it is in, and what only its own protocol reads: true of the bytes, not of what they mean. */
const PLACES = new Set(['at', 'places', 'from', 'origin', 'item'])

/** What a tool without a schema takes, said as a schema. */
const NO_ARGUMENTS = JSON.stringify({ type: 'object', properties: {} })

/**
 * A request without its places, so that two ways of saying the same are equal: neighbouring turns of one side are one turn, a tool
 * without a schema takes no arguments, and one that does not say so is not strict.
 */
export function meaningOf(request: CanonRequest): Record<string, JsonValue> {
  const kept = withoutPlaces(JSON.parse(JSON.stringify(request)) as JsonValue)
  if (!isObject(kept)) throw new Error('a request is an object')
  return {
    ...(kept as Record<string, JsonValue>),
    turns: mergedTurns(kept.turns),
    tools: plainTools(kept.tools),
    settings: sorted(kept.settings),
    unknown: sorted(kept.unknown),
  }
}

function withoutPlaces(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutPlaces)
  if (!isObject(value)) return value
  const entries = Object.entries(value).filter(([key]) => !PLACES.has(key))
  return Object.fromEntries(entries.map(([key, inner]) => [key, inner === undefined ? null : withoutPlaces(inner)]))
}

/** Protocols whose roles must alternate, and those where each result is a message, cut the same conversation differently. */
function mergedTurns(turns: JsonValue | undefined): JsonValue {
  const merged: JsonObject[] = []
  for (const turn of objectsIn(turns)) {
    const last = merged.at(-1)
    if (last !== undefined && joins(last, turn))
      merged[merged.length - 1] = { ...last, parts: [...objectsIn(last.parts), ...objectsIn(turn.parts)] }
    else merged.push(turn)
  }
  return merged
}

function joins(last: JsonObject, turn: JsonObject): boolean {
  const side = turn.role === 'user' || turn.role === 'assistant'
  return side && last.role === turn.role && last.name === undefined && turn.name === undefined
}

function plainTools(tools: JsonValue | undefined): JsonValue {
  return objectsIn(tools).map(({ strict, parameters, ...rest }) => ({
    ...rest,
    ...(strict === true ? { strict } : {}),
    ...(parameters === undefined || JSON.stringify(parameters) === NO_ARGUMENTS ? {} : { parameters }),
  }))
}

/** Settings and unknown fields have no order. */
function sorted(values: JsonValue | undefined): JsonValue {
  const keyed = objectsIn(values).map(value => ({ key: JSON.stringify(value), value }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ value }) => value)
}

function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
