import { isObject, type JsonObject, type JsonValue } from '../base/json-value.ts'

/** A schema with some keywords taken out, and where they stood. */
export interface TrimmedSchema {
  readonly schema: JsonObject
  /** Dotted paths of what was taken out: `properties.name.pattern`. */
  readonly removed: readonly string[]
}

/** Keywords whose value maps names of the author's choice to schemas: there a key is no keyword. */
const NAME_MAPS = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])

/** Keywords whose value is data, not schema. */
const DATA = new Set(['enum', 'const', 'default', 'examples', 'required'])

/** Takes keywords out of a JSON Schema at every level. Properties that happen to be called like a keyword stay. */
export function withoutKeywords(schema: JsonObject, keywords: readonly string[]): TrimmedSchema {
  if (keywords.length === 0) return { schema, removed: [] }
  const removed: string[] = []
  return { schema: trim(schema, '', new Set(keywords), removed), removed }
}

function trim(schema: JsonObject, at: string, keywords: ReadonlySet<string>, removed: string[]): JsonObject {
  const kept: [string, JsonValue | undefined][] = []
  for (const key of Object.keys(schema)) {
    const path = at === '' ? key : `${at}.${key}`
    const value = schema[key]
    if (keywords.has(key)) removed.push(path)
    else if (NAME_MAPS.has(key) && isObject(value)) kept.push([key, mapValues(value, path, keywords, removed)])
    else kept.push([key, DATA.has(key) ? value : trimValue(value, path, keywords, removed)])
  }
  return Object.fromEntries(kept)
}

function mapValues(map: JsonObject, at: string, keywords: ReadonlySet<string>, removed: string[]): JsonObject {
  return Object.fromEntries(
    Object.keys(map).map(name => [name, trimValue(map[name], `${at}.${name}`, keywords, removed)]),
  )
}

function trimValue(
  value: JsonValue | undefined,
  at: string,
  keywords: ReadonlySet<string>,
  removed: string[],
): JsonValue | undefined {
  if (isObject(value)) return trim(value, at, keywords, removed)
  if (!Array.isArray(value)) return value
  return value.map((item: JsonValue, i) => trimValue(item, `${at}[${i}]`, keywords, removed) ?? null)
}
