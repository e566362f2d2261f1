import { isObject, type JsonObject, type JsonValue } from '../base/json-value.ts'
import type { Loss } from '../canon/loss.ts'
import { PARAMETER_NAMES, PARAMETERS, type ParameterName } from '../canon/parameters.ts'
import type { CanonRequest, Setting, UnknownField } from '../canon/request.ts'
import type { Quirks } from './quirks.ts'
import { Cannot, type ParameterTable } from './wire-protocol.ts'

/** A body under construction. */
export type Draft = Record<string, JsonValue | undefined>

/** A loss of a named parameter; the table decides its kind. */
export function lossOf(parameter: ParameterName, path: string, reason: string): Loss {
  return { parameter, path, kind: PARAMETERS[parameter].kind, reason }
}

/** Reads every setting the protocol's table places in the body. `null` counts as not said. */
export function readSettings(body: JsonObject, table: ParameterTable): Setting[] {
  const settings: Setting[] = []
  for (const name of PARAMETER_NAMES) {
    const row = table[name]
    if (row === undefined || !PARAMETERS[name].setting) continue
    const value = valueAt(body, row.path)
    if (value === undefined || value === null) continue
    settings.push({ name, value: row.read === undefined ? value : row.read(value), at: row.path })
  }
  return settings
}

/** Writes the request's settings where the protocol's table places them; what it has no place for, or the provider refuses, is a loss. */
export function writeSettings(
  request: CanonRequest,
  table: ParameterTable,
  quirks: Quirks,
  body: Draft,
  losses: Loss[],
): void {
  for (const { name, value, at } of request.settings) {
    const parameter = name as ParameterName
    const row = table[parameter]
    if (row === undefined) {
      losses.push(lossOf(parameter, at, 'the target protocol has no such parameter'))
      continue
    }
    if (quirks.refuses?.includes(name) === true) {
      losses.push(lossOf(parameter, at, 'this provider refuses the parameter'))
      continue
    }
    const written = row.write === undefined ? value : row.write(value)
    if (written instanceof Cannot) losses.push(lossOf(parameter, at, written.reason))
    else put(body, row.path, written)
  }
}

/** The fields of an object that are not among the known ones, with their paths. Undefined and `null` values are passed over. */
export function unknownFields(object: JsonObject, known: ReadonlySet<string>, at: string): UnknownField[] {
  const found: UnknownField[] = []
  for (const key of Object.keys(object)) {
    const value = object[key]
    if (known.has(key) || value === undefined || value === null) continue
    found.push({ at: fieldPath(at, key), value })
  }
  return found
}

function fieldPath(at: string, key: string): string {
  if (key === '') return `${at}[""]`
  return at === '' ? key : `${at}.${key}`
}

/** Every field no table knows is a loss as soon as the request is translated. */
export function loseUnknown(request: CanonRequest, losses: Loss[]): void {
  for (const field of request.unknown) {
    losses.push(lossOf('unknown_fields', field.at, 'the field is not known, so it cannot be translated'))
  }
}

function valueAt(body: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = body
  for (const key of path.split('.')) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

function put(body: Draft, path: string, value: JsonValue): void {
  const dot = path.indexOf('.')
  if (dot < 0) {
    body[path] = value
    return
  }
  const head = path.slice(0, dot)
  const inner: Draft = isObject(body[head]) ? { ...body[head] } : {}
  put(inner, path.slice(dot + 1), value)
  body[head] = inner as JsonObject
}
