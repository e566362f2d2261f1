import type { JsonValue } from '../../src/base/json-value.ts'
import type { Random } from './random.ts'

/** Values a reader did not expect where it finds them. */
const ODD: readonly JsonValue[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  '',
  ' ',
  'x',
  '\u0000',
  '\ud83d',
  '{"a":',
  'data:image/png;base64,AAAA',
  'data:,',
  [],
  [null],
  [[]],
  {},
  { type: 'text' },
  { type: 5 },
  { type: 'future_thing', value: 1 },
  { toString: 1, constructor: null, length: -1 },
]

/** What a mutation may draw on: keys and subtrees seen anywhere in the corpus. */
export interface Material {
  readonly keys: readonly string[]
  readonly values: readonly JsonValue[]
}

/** The value with one to four changes at random places: the shapes stay near those a reader knows. */
export function mutateJson(value: JsonValue, material: Material, random: Random): JsonValue {
  let changed = value
  for (let left = 1 + random.int(4); left > 0; left -= 1) changed = mutateAt(changed, material, random)
  return changed
}

/** Every key and every subtree of these values. */
export function materialOf(values: readonly JsonValue[]): Material {
  const keys = new Set<string>()
  const seen: JsonValue[] = []
  const visit = (value: JsonValue | undefined) => {
    if (value === undefined || seen.length > 20_000) return
    seen.push(value)
    if (Array.isArray(value)) for (const item of value) visit(item)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        keys.add(key)
        visit(item)
      }
    }
  }
  for (const value of values) visit(value)
  return { keys: [...keys], values: seen }
}

/** Goes down to a random place and changes it there. */
function mutateAt(value: JsonValue, material: Material, random: Random): JsonValue {
  if (typeof value !== 'object' || value === null || random.chance(0.12)) return replacement(material, random)
  return Array.isArray(value) ? mutateList(value, material, random) : mutateObject(value, material, random)
}

function replacement(material: Material, random: Random): JsonValue {
  return (random.chance(0.5) ? random.pick(ODD) : random.pick(material.values)) ?? null
}

function mutateList(list: readonly JsonValue[], material: Material, random: Random): JsonValue {
  const at = random.int(list.length)
  const item = list[at]
  const act = random.int(8)
  if (item === undefined || act === 0) return [...list, replacement(material, random)]
  if (act === 1) return list.toSpliced(at, 1)
  if (act === 2) return list.toSpliced(at, 0, item)
  if (act === 3) return [...list].reverse()
  return list.with(at, mutateAt(item, material, random))
}

function mutateObject(object: object, material: Material, random: Random): JsonValue {
  const entries: [string, JsonValue][] = Object.entries(object)
  const at = random.int(entries.length)
  const entry = entries[at]
  const act = random.int(8)
  if (entry === undefined || act === 0) entries.push([random.pick(material.keys) ?? 'x', replacement(material, random)])
  else if (act === 1) entries.splice(at, 1)
  else if (act === 2) entries.splice(at, 1, [random.pick(material.keys) ?? 'x', entry[1]])
  else entries.splice(at, 1, [entry[0], mutateAt(entry[1], material, random)])
  return Object.fromEntries(entries)
}
