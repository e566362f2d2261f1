import { asArray, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { camelCase } from './reading.ts'

/** Keywords of Google's `Schema` that hold a whole number, as JSON of a 64-bit field: a text (SDK type `Schema`). */
const COUNTS = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'])

/** The names Google gives to keywords of JSON Schema. */
const RENAMED = new Map([
  ['ref', '$ref'],
  ['defs', '$defs'],
])

/**
 * JSON Schema for Google's `Schema`, which is a part of OpenAPI 3.0: types in capitals, `nullable`, numbers as texts, `propertyOrdering`.
 * What is JSON Schema already stays as it is.
 */
export function fromOpenApi(schema: JsonObject): JsonObject {
  const entries: [string, JsonValue][] = []
  let nullable = false
  let order: readonly JsonValue[] = []
  for (const key of Object.keys(schema)) {
    const name = RENAMED.get(key) ?? camelCase(key)
    const value = schema[key]
    if (value === undefined) continue
    if (name === 'nullable') nullable = value === true
    else if (name === 'propertyOrdering') order = asArray(value)
    else entries.push(...readKeyword(name, value, schema))
  }
  return ordered(nullable ? withNull(entries) : entries, order)
}

/** A copy in which `const` is an `enum` of one: `responseJsonSchema` does not know `const` (@ai-sdk/google 4, sanitize-response-json-schema). */
export function withoutConst(schema: JsonObject): JsonObject {
  const entries = Object.keys(schema).map((key): [string, JsonValue | undefined] => {
    const value = schema[key]
    if (key === 'const') return ['enum', [value ?? null]]
    if (NAMED_SCHEMAS.has(key) && isObject(value)) return [key, mapValues(value, withoutConst)]
    return [key, SCHEMAS.has(key) ? eachSchema(value, withoutConst) : value]
  })
  return Object.fromEntries(entries)
}

/** Keywords whose value maps names to schemas. */
const NAMED_SCHEMAS = new Set(['properties', '$defs', 'definitions', 'patternProperties', 'dependentSchemas'])

/** Keywords whose value is a schema or a list of them. */
const SCHEMAS = new Set(['items', 'prefixItems', 'additionalProperties', 'anyOf', 'oneOf', 'allOf', 'not', 'contains'])

function readKeyword(name: string, value: JsonValue, schema: JsonObject): [string, JsonValue][] {
  if (name === 'type') return readType(value)
  if (name === 'example') return [['examples', [value]]]
  if (name === 'enum') return [['enum', readEnum(value, schema)]]
  // What marks an enum in OpenAPI; JSON Schema has no such format.
  if (name === 'format' && value === 'enum') return []
  if (COUNTS.has(name)) return [[name, readNumber(value)]]
  if (NAMED_SCHEMAS.has(name) && isObject(value)) return [[name, mapValues(value, fromOpenApi)]]
  return [[name, SCHEMAS.has(name) ? (eachSchema(value, fromOpenApi) ?? null) : value]]
}

function readType(value: JsonValue): [string, JsonValue][] {
  if (value === 'TYPE_UNSPECIFIED') return []
  return [['type', typeof value === 'string' ? value.toLowerCase() : value]]
}

/** The values of an enum are texts there, also those of a number. */
function readEnum(value: JsonValue, schema: JsonObject): JsonValue {
  const type = typeof schema.type === 'string' ? schema.type.toLowerCase() : ''
  if (type !== 'integer' && type !== 'number') return value
  return Array.isArray(value) ? value.map(readNumber) : value
}

function readNumber(value: JsonValue): JsonValue {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  return Number.isFinite(number) ? number : value
}

function withNull(entries: readonly [string, JsonValue][]): [string, JsonValue][] {
  const typed = entries.some(([name]) => name === 'type')
  const written = entries.map(([name, value]): [string, JsonValue] => {
    if (name === 'type') return ['type', [...(Array.isArray(value) ? value : [value]), 'null']]
    if (name === 'enum' && Array.isArray(value)) return ['enum', [...value, null]]
    return name === 'anyOf' && !typed && Array.isArray(value) ? ['anyOf', [...value, { type: 'null' }]] : [name, value]
  })
  return written
}

/** JSON Schema has no keyword for the order of properties; models follow the order in which they stand. */
function ordered(entries: readonly [string, JsonValue][], order: readonly JsonValue[]): JsonObject {
  const schema = Object.fromEntries(entries)
  const { properties } = schema
  if (order.length === 0 || !isObject(properties)) return schema
  const first = order.filter(name => typeof name === 'string').filter(name => Object.hasOwn(properties, name))
  const names = new Set([...first, ...Object.keys(properties)])
  return { ...schema, properties: Object.fromEntries([...names].map(name => [name, properties[name]])) }
}

function mapValues(map: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(map).map(name => [name, eachSchema(map[name], change)]))
}

function eachSchema(value: JsonValue | undefined, change: (schema: JsonObject) => JsonObject): JsonValue | undefined {
  if (isObject(value)) return change(value)
  if (!Array.isArray(value)) return value
  return value.map((item: JsonValue) => (isObject(item) ? change(item) : item))
}
