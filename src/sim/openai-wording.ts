import { isObject, type JsonObject, type JsonValue } from '../base/json-value.ts'
import { invalid } from './check.ts'
import type { Failure } from './reply.ts'

/** How OpenAI words what is wrong with a parameter; wordings as quoted in issues of its clients. */

/** A field the API does not have. */
export function unknownParameter(param: string): Failure {
  return invalid(`Unknown parameter: '${param}'.`, { param, code: 'unknown_parameter' })
}

/** A field that must be there. */
export function missingParameter(param: string): Failure {
  return invalid(`Missing required parameter: '${param}'.`, { param, code: 'missing_required_parameter' })
}

/** A value that is none of those there are. */
export function invalidValue(param: string, value: JsonValue | undefined, supported: readonly string[]): Failure {
  return invalid(`Invalid value: '${String(value)}'. Supported values are: ${listed(supported)}.`, {
    param,
    code: 'invalid_value',
  })
}

/** A value of another type; `expected` with its article, as in `a string`. */
export function invalidType(param: string, value: JsonValue | undefined, expected: string): Failure {
  return invalid(`Invalid type for '${param}': expected ${expected}, but got ${typeName(value)} instead.`, {
    param,
    code: 'invalid_type',
  })
}

/** The first field of an object that is not among those known, as a failure; `at` is the object's own path. */
export function unknownFieldIn(object: JsonObject, known: ReadonlySet<string>, at = ''): Failure | undefined {
  const extra = Object.keys(object).find(key => !known.has(key))
  return extra === undefined ? undefined : unknownParameter(pathTo(at, extra))
}

/** The first field of these that an object lacks, as a failure. */
export function missingFieldIn(object: JsonObject, names: readonly string[], at = ''): Failure | undefined {
  const name = names.find(each => object[each] === undefined || object[each] === null)
  return name === undefined ? undefined : missingParameter(pathTo(at, name))
}

function pathTo(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`
}

function listed(values: readonly string[]): string {
  const quoted = values.map(value => `'${value}'`)
  const last = quoted.pop() ?? ''
  if (quoted.length === 0) return last
  return `${quoted.join(', ')}${quoted.length > 1 ? ',' : ''} and ${last}`
}

function typeName(value: JsonValue | undefined): string {
  if (typeof value === 'string') return 'a string'
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal'
  if (typeof value === 'boolean') return 'a boolean'
  if (Array.isArray(value)) return 'an array'
  return isObject(value) ? 'an object' : 'null'
}
