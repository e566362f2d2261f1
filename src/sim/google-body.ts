import { asArray, asObject, type JsonObject, type JsonValue } from '../base/json-value.ts'

/** Reads a field by its name in either spelling, `thoughtSignature` or `thought_signature`. */
export function field(object: JsonObject | undefined, name: string): JsonValue | undefined {
  return object?.[name] ?? object?.[name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)]
}

/** A field that holds an object. */
export function objectField(object: JsonObject | undefined, name: string): JsonObject | undefined {
  return asObject(field(object, name))
}

/** A field that holds a number, or a text that is one: Protobuf takes both. */
export function numberField(object: JsonObject | undefined, name: string): number | undefined {
  const value = field(object, name)
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : undefined
}

/** A field that holds objects: one stands for a list of it. */
export function objectsField(object: JsonObject | undefined, name: string): readonly JsonObject[] {
  const value = field(object, name)
  const list = Array.isArray(value) ? asArray(value) : [value ?? null]
  return list.map(asObject).filter(each => each !== undefined)
}

/** The contents of a request. */
export function contentsOf(body: JsonObject): readonly JsonObject[] {
  return objectsField(body, 'contents')
}

/** The parts of a content. */
export function googleParts(content: JsonObject | undefined): readonly JsonObject[] {
  return objectsField(content, 'parts')
}

/** True for what the model said. */
export function isModel(content: JsonObject | undefined): boolean {
  return content?.role === 'model'
}

/** Parts of a content with this field. */
export function partsWith(content: JsonObject | undefined, name: string): readonly JsonObject[] {
  return googleParts(content).filter(part => objectField(part, name) !== undefined)
}
