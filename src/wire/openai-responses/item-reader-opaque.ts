import { asString, type JsonObject } from '../../base/json-value.ts'
import { type ItemReader, typeOf } from './item-reader.ts'
import { PROTOCOL } from './protocol.ts'
import type { Outlet } from './stream-outlet.ts'

/** The delta of an opaque block that has the item as it is at its end. */
export const ITEM_DONE = 'response.output_item.done'

/**
 * Opens the reader of an item only this protocol knows: built-in tools and their results, compaction, future types. The block has the item as
 * it began; its events follow as they came, and the finished item last if it differs.
 */
export function openOpaqueReader(item: JsonObject, outlet: Outlet): ItemReader {
  const type = typeOf(item)
  const index = outlet.start({ type: 'opaque', protocol: PROTOCOL, name: type, value: item })
  let id = asString(item.id)
  let done = false

  function give(value: JsonObject): void {
    outlet.delta(index, { type: 'opaque', protocol: PROTOCOL, value })
  }

  return {
    type,
    id: () => id,
    done: () => done,
    take(event, data) {
      if (done) return false
      const { sequence_number: _number, output_index: _place, ...rest } = data
      give({ ...rest, type: event })
      return true
    },
    finish(last) {
      if (done) return
      done = true
      id = asString(last.id) ?? id
      const told = Object.keys(last).length > 0
      if (told && JSON.stringify(last) !== JSON.stringify(item)) give({ type: ITEM_DONE, item: last })
      outlet.stop(index)
    },
  }
}
