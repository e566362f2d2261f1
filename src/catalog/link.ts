import { assert } from '../base/assert.ts'
import type { Provider, SiblingKey, Sign } from './provider.ts'

/**
 * Resolves what rows say about each other, once, so that everything else needs one row only: the signs of `signsLike` are appended to
 * a row's own, and the key beginnings of its siblings are noted in `siblingKeys`. Throws if a row names one that is not there.
 */
export function linkRows(rows: readonly Provider[]): readonly Provider[] {
  const byId = new Map(rows.map(row => [row.id, row]))
  const rowOf = (id: string): Provider => {
    const row = byId.get(id)
    assert(row !== undefined, `the catalogue has a row "${id}", which another row names`)
    return row
  }
  const signsOf = (row: Provider): readonly Sign[] => {
    const own = row.signs ?? []
    return row.signsLike === undefined ? own : [...own, ...signsOf(rowOf(row.signsLike))]
  }
  const siblingKeysOf = (row: Provider): readonly SiblingKey[] =>
    (row.siblings ?? []).flatMap(id => {
      const sibling = rowOf(id)
      return (sibling.keyPrefixes ?? []).map(({ prefix, billing = sibling.billing }) => ({
        provider: id,
        prefix,
        billing,
      }))
    })
  return rows.map(row => ({ ...row, signs: signsOf(row), siblingKeys: siblingKeysOf(row) }))
}
