import { asString, isObject, type JsonObject } from '../../base/json-value.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import type { UnknownField } from '../../canon/request.ts'
import { unknownFields } from '../settings.ts'

/** What is gathered while a request is read. Reading goes on behind a fault; the first one is what the client is told. */
export interface Reading {
  readonly unknown: UnknownField[]
  readonly faults: Problem[]
}

/** Notes that the request is not valid at this path. */
export function refuse(reading: Reading, path: string, rule: string): void {
  const fix = ["Send a body that Anthropic's Messages API takes."]
  reading.faults.push(problem('bad_request', `${path}: ${rule}.`, { fix, paths: [path] }))
}

/** A text field that must be there; notes a fault and gives an empty text if it is not. */
export function requiredText(object: JsonObject, key: string, at: string, reading: Reading): string {
  const text = asString(object[key])
  if (text === undefined) refuse(reading, at === '' ? key : `${at}.${key}`, 'must be a text')
  return text ?? ''
}

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

/** Notes the fields that no table knows. */
export function strays(object: JsonObject, known: readonly string[], at: string, reading: Reading): void {
  reading.unknown.push(...unknownFields(object, new Set(known), at))
}
