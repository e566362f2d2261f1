import type { JsonValue } from '../../src/base/json-value.ts'
import type { CanonRequest } from '../../src/canon/request.ts'

/** Where it stood and whose form it is in: true of the bytes, not of what they mean. */
const PLACES = new Set(['at', 'from', 'origin'])

/** A request without its places, so that two ways of saying the same are equal. */
export function meaningOf(request: CanonRequest): Record<string, unknown> {
  const kept = withoutPlaces(JSON.parse(JSON.stringify(request)) as JsonValue)
  return typeof kept === 'object' && kept !== null ? { ...kept } : {}
}

function withoutPlaces(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutPlaces)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => !PLACES.has(key))
  return Object.fromEntries(entries.map(([key, inner]) => [key, inner === undefined ? null : withoutPlaces(inner)]))
}
