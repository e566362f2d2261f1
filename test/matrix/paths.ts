import { isObject, type JsonValue } from '../../src/base/json-value.ts'

/** A value inside JSON that holds no other, and where it stands: `turns[0].parts[1].text`. Empty lists and objects count as values. */
export interface Leaf {
  readonly path: string
  readonly value: JsonValue
}

/** All leaves, in their order. */
export function leavesOf(value: JsonValue | undefined, path = ''): readonly Leaf[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.length > 0)
    return value.flatMap((inner: JsonValue, i) => leavesOf(inner, `${path}[${i}]`))
  if (!isObject(value) || Object.keys(value).length === 0) return [{ path, value }]
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`))
}

/** True if the path is the pattern's or lies inside it; `[]` in a pattern is any place of a list. */
export function matches(path: string, pattern: string): boolean {
  const plain = pattern.includes('[]') ? path.replace(/\[\d+\]/g, '[]') : path
  return plain === pattern || plain.startsWith(`${pattern}.`) || plain.startsWith(`${pattern}[`)
}
