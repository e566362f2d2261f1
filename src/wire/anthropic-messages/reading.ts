import { asString, isObject, type JsonObject } from '../../base/json-value.ts'

/** A text field of a part under its own name, if it is there and not empty. */
export function optionalText<K extends string>(object: JsonObject, key: K): { readonly [P in K]?: string } {
  const text = asString(object[key])
  if (text === undefined || text === '') return {}
  const field: { [P in K]?: string } = {}
  field[key] = text
  return field
}

/** The prompt-cache mark of a block or tool, if it has one. */
export function cacheOf(object: JsonObject): { readonly cache?: JsonObject } {
  return isObject(object.cache_control) ? { cache: object.cache_control } : {}
}
