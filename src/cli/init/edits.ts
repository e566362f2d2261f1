import type { Path } from '../../app/config/tree.ts'
import { asArray, asObject, asString, type JsonValue } from '../../base/json-value.ts'
import { findModel } from '../../catalog/models.ts'
import { valueAt } from '../clients/file-format.ts'
import type { Chosen } from './choose.ts'
import type { ConfigBefore, ConfigEdit } from './draft.ts'

/** Most models of a local server that are written down. */
const MODELS_MAX = 50

/** What has to stand in the configuration for this choice. `key` is how the key is referred to. */
export function editsFor(chosen: Chosen, key: JsonValue | undefined, before: ConfigBefore): readonly ConfigEdit[] {
  const place: Path = ['models', 'providers', chosen.id]
  const isThere = valueAt(before.value, place) !== undefined
  const fields = {
    ...(chosen.baseUrl === undefined ? {} : { baseUrl: chosen.baseUrl }),
    ...(key === undefined ? {} : { apiKey: key }),
    ...(chosen.api === undefined ? {} : { api: chosen.api }),
  }
  const models = modelEdits(chosen, [...place, 'models'], before)
  const ref: ConfigEdit = { path: ['models', 'default'], value: `${chosen.id}/${chosen.model}` }
  if (isThere) {
    const edits = Object.entries(fields).map(([name, value]) => ({ path: [...place, name], value }))
    return [ref, ...edits, ...models]
  }
  const list = models[0]?.value
  return [ref, { path: place, value: { ...fields, ...(list === undefined ? {} : { models: list }) } }]
}

/** The catalogue lists what it knows; what it does not know is written down, so that it is listed. */
function modelEdits(chosen: Chosen, path: Path, before: ConfigBefore): readonly ConfigEdit[] {
  const { row, model, listed } = chosen
  if (row !== undefined && findModel(row, model) !== undefined) return []
  const there = valueAt(before.value, path)
  const known = asArray(there).flatMap(each => asString(asObject(each)?.['id']) ?? [])
  const wanted = [...new Set([model, ...(listed ?? [])])].slice(0, MODELS_MAX).filter(id => !known.includes(id))
  if (wanted.length === 0) return []
  if (there === undefined) return [{ path, value: wanted.map(id => ({ id })) }]
  return wanted.map((id, i) => ({ path: [...path, known.length + i], value: { id } }))
}
