import { asObject, asString, type JsonObject } from '../../base/json-value.ts'
import { ITEM_DONE } from './item-reader-opaque.ts'
import { type BlockWriter, type Delta, type ItemWriter, moreFields, type Scene, strange } from './item-writer.ts'
import { PROTOCOL } from './protocol.ts'

/** Begins an item that only this protocol knows: as it came, with its own events, at its new place. */
export function openOpaqueWriter(value: JsonObject, scene: Scene): BlockWriter & ItemWriter {
  const place = scene.add(JSON.stringify(value))
  let item = value
  let open = true
  return {
    idle: () => !open,
    delta(delta: Delta) {
      if (delta.type !== 'opaque' || delta.protocol !== PROTOCOL) {
        strange(delta, scene)
        return
      }
      const { type, ...fields } = delta.value
      const name = asString(type) ?? ''
      if (name === ITEM_DONE) item = asObject(fields.item) ?? item
      else if (EVENT_NAME.test(name)) scene.write(name, `,"output_index":${place}${moreFields(fields)}`)
      else strange(delta, scene)
    },
    stop() {
      open = false
    },
    close: () => scene.finish(place, JSON.stringify(item)),
  }
}

/** What an event can be called and still be one line of a stream. */
const EVENT_NAME = /^response\.[\w.-]+$/
