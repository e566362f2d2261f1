import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../base/json-value.ts'

/** Schemas are followed no deeper than this; what lies below becomes null. */
const DEPTH_MAX = 12

/** A value that fits a JSON Schema, the same every time: constants, first choices, and `sample <name>` for texts. */
export function sampleOf(schema: JsonObject, name = 'value'): JsonValue {
  return sample(schema, name, schema, 0)
}

function sample(schema: JsonObject, name: string, root: JsonObject, depth: number): JsonValue {
  if (depth > DEPTH_MAX) return null
  const deeper = (inner: JsonValue | undefined, innerName = name): JsonValue =>
    sample(asObject(inner) ?? {}, innerName, root, depth + 1)
  const fixed = schema.const ?? schema.default ?? asArray(schema.enum)[0]
  if (fixed !== undefined) return fixed
  const pointer = asString(schema.$ref)
  if (pointer !== undefined) return deeper(resolve(pointer, root))
  const choice = asArray(schema.anyOf ?? schema.oneOf)[0]
  if (choice !== undefined) return deeper(choice)
  switch (asString(schema.type) ?? asArray(schema.type)[0] ?? (schema.properties ? 'object' : 'string')) {
    case 'object':
      return Object.fromEntries(
        Object.entries(asObject(schema.properties) ?? {}).map(([key, inner]) => [key, deeper(inner, key)]),
      )
    case 'array':
      return [deeper(schema.items)]
    case 'integer':
    case 'number':
      return asNumber(schema.minimum) ?? 1
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return `sample ${name}`
  }
}

/** The schema behind a local pointer such as `#/$defs/Place`. */
function resolve(pointer: string, root: JsonObject): JsonObject {
  let at: JsonObject | undefined = root
  for (const key of pointer.split('/').slice(1)) at = asObject(at?.[key])
  return at ?? {}
}
