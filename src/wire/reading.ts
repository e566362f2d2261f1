import { isObject, type JsonObject, type JsonValue } from '../base/json-value.ts'
import { type Problem, problem } from '../canon/problem.ts'
import type { UnknownField } from '../canon/request.ts'
import { unknownFields } from './settings.ts'

/** How many faults are named in full. */
const FAULTS_TOLD_MAX = 10

/** What turned up while a request was read: what is wrong with it, and what no table knows. */
export interface Reading {
  readonly faults: Fault[]
  readonly unknown: UnknownField[]
}

export interface Fault {
  readonly path: string
  /** What must stand there: `must be text`. */
  readonly rule: string
}

/** A reading with nothing found yet. */
export function openReading(): Reading {
  return { faults: [], unknown: [] }
}

/** Text that must be there. A fault, and an empty text, if it is not. */
export function wantText(value: JsonValue | undefined, path: string, reading: Reading): string {
  if (typeof value === 'string') return value
  reading.faults.push({ path, rule: 'must be text' })
  return ''
}

/** Text that may be missing or null. */
export function maybeText(value: JsonValue | undefined, path: string, reading: Reading): string | undefined {
  return value === undefined || value === null ? undefined : wantText(value, path, reading)
}

/** An object that must be there. */
export function wantObject(value: JsonValue | undefined, path: string, reading: Reading): JsonObject {
  if (isObject(value)) return value
  reading.faults.push({ path, rule: 'must be an object' })
  return {}
}

/** An object that may be missing or null. */
export function maybeObject(value: JsonValue | undefined, path: string, reading: Reading): JsonObject | undefined {
  return value === undefined || value === null ? undefined : wantObject(value, path, reading)
}

/** A list that may be missing or null. */
export function maybeArray(value: JsonValue | undefined, path: string, reading: Reading): readonly JsonValue[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  reading.faults.push({ path, rule: 'must be a list' })
  return []
}

/** A boolean that may be missing or null. */
export function maybeBoolean(value: JsonValue | undefined, path: string, reading: Reading): boolean | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'boolean') return value
  reading.faults.push({ path, rule: 'must be true or false' })
  return undefined
}

/** A whole number of at least `min` that may be missing or null. */
export function maybeCount(
  value: JsonValue | undefined,
  path: string,
  min: number,
  reading: Reading,
): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min) return value
  reading.faults.push({ path, rule: `must be a whole number of at least ${min}` })
  return undefined
}

/** Notes the fields that no table knows. */
export function noteUnknown(object: JsonObject, known: ReadonlySet<string>, at: string, reading: Reading): void {
  reading.unknown.push(...unknownFields(object, known, at))
}

/** The problem that names the faults, or undefined if there are none. `api` is what the protocol's requests are called. */
export function faultsProblem(reading: Reading, api: string): Problem | undefined {
  const { faults } = reading
  if (faults.length === 0) return undefined
  const told = faults.slice(0, FAULTS_TOLD_MAX).map(fault => `${fault.path} ${fault.rule}`)
  const more = faults.length > told.length ? `; and ${faults.length - told.length} more` : ''
  return problem('bad_request', `The request is not a valid ${api} request: ${told.join('; ')}${more}.`, {
    fix: [`Correct ${[...new Set(faults.slice(0, FAULTS_TOLD_MAX).map(fault => fault.path))].join(', ')}.`],
    paths: [...new Set(faults.map(fault => fault.path))],
  })
}
