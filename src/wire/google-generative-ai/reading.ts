import { isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { Reading } from '../reading.ts'

/**
 * An object whose field names are Google's. Its JSON takes each name in `lowerCamelCase` and as `snake_case` (protobuf.dev, "ProtoJSON Format"):
 * `fields` has them all in camel case.
 */
export interface Message {
  readonly fields: JsonObject
  readonly at: string
  /** Names that the client wrote in another way, by their camel case. */
  readonly spelled: ReadonlyMap<string, string>
}

/** Opens an object. A field that stands twice under both its names is a fault. */
export function openMessage(object: JsonObject, at: string, reading: Reading): Message {
  const fields: [string, JsonValue | undefined][] = []
  const spelled = new Map<string, string>()
  for (const key of Object.keys(object)) {
    const value = object[key]
    if (value === undefined || value === null) continue
    const name = camelCase(key)
    if (name !== key) {
      if (Object.hasOwn(object, name)) reading.faults.push({ path: join(at, key), rule: `also stands as "${name}"` })
      spelled.set(name, key)
    }
    fields.push([name, value])
  }
  return { fields: Object.fromEntries(fields), at, spelled }
}

/** A message without any fields. */
export function emptyMessage(at: string): Message {
  return { fields: {}, at, spelled: new Map() }
}

/** The JSON path of a field, spelled as the client wrote it. */
export function pathOf({ at, spelled }: Message, name: string): string {
  return join(at, spelled.get(name) ?? name)
}

/** True if the field is there and not null. */
export function has({ fields }: Message, name: string): boolean {
  return Object.hasOwn(fields, name)
}

/** A field's value as it came. */
export function fieldOf({ fields }: Message, name: string): JsonValue | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** Text that must be there. A fault, and an empty text, if it is not. */
export function wantText(message: Message, name: string, reading: Reading): string {
  const value = fieldOf(message, name)
  if (typeof value === 'string') return value
  reading.faults.push({ path: pathOf(message, name), rule: 'must be text' })
  return ''
}

/** Text that may be missing. */
export function maybeText(message: Message, name: string, reading: Reading): string | undefined {
  return has(message, name) ? wantText(message, name, reading) : undefined
}

/** A boolean that may be missing. */
export function maybeBoolean(message: Message, name: string, reading: Reading): boolean | undefined {
  const value = fieldOf(message, name)
  if (value === undefined || typeof value === 'boolean') return value
  reading.faults.push({ path: pathOf(message, name), rule: 'must be true or false' })
  return undefined
}

/** A whole number of at least `min` that may be missing. */
export function maybeCount(message: Message, name: string, min: number, reading: Reading): number | undefined {
  const value = fieldOf(message, name)
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min) return value
  reading.faults.push({ path: pathOf(message, name), rule: `must be a whole number of at least ${min}` })
  return undefined
}

/** An object with names of the client's own choice, which may be missing. */
export function maybeObject(message: Message, name: string, reading: Reading): JsonObject | undefined {
  const value = fieldOf(message, name)
  if (value === undefined || isObject(value)) return value
  reading.faults.push({ path: pathOf(message, name), rule: 'must be an object' })
  return undefined
}

/** An object with Google's names, which may be missing. */
export function maybeMessage(message: Message, name: string, reading: Reading): Message | undefined {
  const object = maybeObject(message, name, reading)
  return object === undefined ? undefined : openMessage(object, pathOf(message, name), reading)
}

/** The same, where what is missing is as good as empty. */
export function messageOf(message: Message, name: string, reading: Reading): Message {
  return maybeMessage(message, name, reading) ?? emptyMessage(pathOf(message, name))
}

/** A list of objects with Google's names, which may be missing. Google takes one object in place of a list of one. */
export function messagesOf(message: Message, name: string, reading: Reading): Message[] {
  const value = fieldOf(message, name)
  const path = pathOf(message, name)
  if (value === undefined) return []
  if (isObject(value)) return [openMessage(value, path, reading)]
  if (!Array.isArray(value)) {
    reading.faults.push({ path, rule: 'must be a list of objects' })
    return []
  }
  return value.flatMap((item: JsonValue, i) => {
    if (isObject(item)) return [openMessage(item, `${path}[${i}]`, reading)]
    reading.faults.push({ path: `${path}[${i}]`, rule: 'must be an object' })
    return []
  })
}

/** A list of texts, which may be missing. */
export function textsOf(message: Message, name: string, reading: Reading): string[] {
  const value = fieldOf(message, name)
  if (value === undefined) return []
  const texts = Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
  if (!Array.isArray(value) || texts.length < value.length)
    reading.faults.push({ path: pathOf(message, name), rule: 'must be a list of texts' })
  return texts
}

/** Notes the fields that no table knows. */
export function noteUnknown(message: Message, known: ReadonlySet<string>, reading: Reading): void {
  for (const name of Object.keys(message.fields)) {
    const value = message.fields[name]
    if (!known.has(name) && value !== undefined) reading.unknown.push({ at: pathOf(message, name), value })
  }
}

/** The name as Google's SDKs write it: `top_k` is `topK`. */
export function camelCase(key: string): string {
  return key.replace(/(?<=.)_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function join(at: string, name: string): string {
  const key = name === '' ? '[""]' : name
  return at === '' || name === '' ? `${at}${key}` : `${at}.${key}`
}
