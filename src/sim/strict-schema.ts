import { asArray, asObject, type JsonObject, type JsonValue } from '../base/json-value.ts'

/** Schemas are followed no deeper than this. */
const DEPTH_MAX = 12

/** Why OpenAI does not take a JSON Schema as `strict`, in its words, or undefined (developers.openai.com, structured outputs). */
export function strictSchemaFault(schema: JsonObject): string | undefined {
  return faultAt(schema, [], 0)
}

function faultAt(schema: JsonObject, path: readonly string[], depth: number): string | undefined {
  if (depth > DEPTH_MAX) return undefined
  const properties = asObject(schema.properties)
  const isObjectSchema = schema.type === 'object' || properties !== undefined
  if (isObjectSchema && schema.additionalProperties !== false) {
    return `In context=${context(path)}, 'additionalProperties' is required to be supplied and to be false.`
  }
  const names = Object.keys(properties ?? {})
  const missing = names.find(name => !asArray(schema.required).includes(name))
  if (missing !== undefined) {
    return `In context=${context(path)}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`
  }
  const inner: readonly (readonly [readonly string[], JsonValue | undefined])[] = [
    ...names.map(name => [['properties', name], properties?.[name]] as const),
    [['items'], schema.items],
    ...asArray(schema.anyOf).map((each, at) => [['anyOf', String(at)], each] as const),
    ...Object.entries(asObject(schema.$defs) ?? {}).map(([name, each]) => [['$defs', name], each] as const),
  ]
  for (const [step, each] of inner) {
    const found = asObject(each)
    const fault = found === undefined ? undefined : faultAt(found, [...path, ...step], depth + 1)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** A path as Python prints a tuple: the real one does. */
function context(path: readonly string[]): string {
  const quoted = path.map(step => `'${step}'`)
  return quoted.length === 1 ? `(${quoted[0]},)` : `(${quoted.join(', ')})`
}
