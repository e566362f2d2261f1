import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../base/json-value.ts'
import { jsonSchema } from './schema.ts'
import type { Path } from './tree.ts'

let whole: JsonObject | undefined

/** The file's JSON Schema as plain data: what messages and docs/configuration.md say comes from it. */
export function wholeShape(): JsonObject {
  whole ??= JSON.parse(JSON.stringify(jsonSchema())) as JsonObject
  return whole
}

/** The part of the schema that rules a path; undefined where nothing may stand. */
export function shapeAt(path: Path): JsonObject | undefined {
  let shape: JsonObject | undefined = wholeShape()
  for (const step of path) shape = shape === undefined ? undefined : below(shape, step)
  return shape
}

function below(shape: JsonObject, step: string | number): JsonObject | undefined {
  for (const branch of branches(shape)) {
    const named = asObject(branch['properties'])?.[step]
    const any = typeof step === 'number' ? branch['items'] : branch['additionalProperties']
    if (isObject(named)) return named
    if (isObject(any)) return any
  }
  return undefined
}

/** The alternatives of a schema; a schema without any is its own. */
export function branches(shape: JsonObject): readonly JsonObject[] {
  const alternatives = asArray(shape['anyOf']).filter(isObject)
  return alternatives.length > 0 ? alternatives : [shape]
}

/** Keys that may stand in an object of this shape. Empty for objects with free keys. */
export function knownKeys(shape: JsonObject | undefined): string[] {
  return shape === undefined ? [] : branches(shape).flatMap(branch => Object.keys(asObject(branch['properties']) ?? {}))
}

/** What may stand there, in words: `a whole number from 0 to 65535`, `one of "plan", "metered"`. */
export function describeShape(shape: JsonObject | undefined): string {
  if (shape === undefined) return 'nothing'
  return branches(shape).map(describeBranch).join(', or ')
}

const LISTED_MAX = 12

function describeBranch(shape: JsonObject): string {
  const values = asArray(shape['enum']).map(value => JSON.stringify(value))
  if (values.length > LISTED_MAX) return `one of ${values.length} names, such as ${values.slice(0, 3).join(', ')}`
  if (values.length > 0) return `one of ${values.join(', ')}`
  switch (asString(shape['type'])) {
    case 'string':
      return describeText(shape)
    case 'integer':
    case 'number':
      return describeNumber(shape)
    case 'boolean':
      return 'true or false'
    case 'null':
      return 'null'
    case 'array':
      return asNumber(shape['minItems']) === 1 ? 'a list that is not empty' : 'a list'
    default:
      return describeObject(shape)
  }
}

function describeText(shape: JsonObject): string {
  const told = asString(shape['description'])
  if (shape['pattern'] !== undefined && told !== undefined) return told
  const most = asNumber(shape['maxLength'])
  return most === undefined ? 'a text' : `a text of at most ${most} characters`
}

function describeNumber(shape: JsonObject): string {
  const kind = shape['type'] === 'integer' ? 'a whole number' : 'a number'
  return `${kind} from ${asNumber(shape['minimum']) ?? 0} to ${asNumber(shape['maximum']) ?? 'any'}`
}

function describeObject(shape: JsonObject): string {
  const required = asArray(shape['required']).map(String)
  const keys = Object.keys(asObject(shape['properties']) ?? {})
  const shown = required.length > 0 ? required : keys.slice(0, LISTED_MAX)
  return shown.length > 0 ? `an object with ${shown.join(', ')}` : 'an object'
}
