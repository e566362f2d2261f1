import type { Path } from '../../app/config/tree.ts'
import { asArray, asObject, type JsonObject } from '../../base/json-value.ts'
import { type FileEdit, type FileFormat, valueAt } from './file-format.ts'

/** The edit that puts a model into a list of models: in the place of the one with its id, else at the end. */
export function listedModel(format: FileFormat, text: string, list: Path, model: JsonObject): FileEdit {
  const items = asArray(valueAt(format.parse(text), list))
  const at = items.findIndex(item => asObject(item)?.['id'] === model['id'])
  const there = asObject(items[at])
  return { path: [...list, there === undefined ? items.length : at], value: { ...there, ...model } }
}
